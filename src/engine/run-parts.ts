/** Everything a run works with, put together from its spec and from what an earlier run left. */
import type { RecordMapper } from '../shared/job/mapping.ts';
import { compileMapping } from '../shared/job/mapping.ts';
import { mappingRuleProblem } from '../shared/job/text-rules.ts';
import { DeliveryQueue } from '../store/cache/deliveries.ts';
import { readHeldSweep } from '../store/cache/findings.ts';
import { RunLedger, readRun } from '../store/cache/ledger.ts';
import { OpenRejections } from '../store/cache/rejections.ts';
import { SeenRows } from '../store/cache/seen.ts';
import { ensureTable, type TableInfo, tableInfo } from '../store/cache/table.ts';
import { RowWriter } from '../store/cache/writer.ts';
import { inTransaction, type WritableDb } from '../store/database.ts';
import { ConnectorError, type Transport } from './connectors.ts';
import { CursorMax } from './cursor.ts';
import { Delivery } from './delivery.ts';
import type { RunSpec } from './messages.ts';
import { PageStore } from './page-store.ts';
import { beginPass, destinationFingerprint } from './passes.ts';
import type { Patience } from './patience.ts';
import { RunState } from './run-state.ts';
import { PageSpool } from './spool.ts';
import type { OpenedSystem, Systems } from './systems.ts';

export interface RunPorts {
  readonly db: WritableDb;
  /** The profile's data folder, for pages under way. */
  readonly folder: string;
  readonly transport: Transport;
  readonly systems: Systems;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly log: (text: string) => void;
  /** Something changed that people look at; called often. */
  readonly onProgress: () => void;
  /** The cache's file turned out to be damaged. */
  readonly onDamage: () => void;
  /** Waits before a run whose source or destination failed passingly tries again, milliseconds. */
  readonly retryWaitsMs: readonly number[];
}

export interface RunParts {
  readonly state: RunState;
  /** The job's table as the run found it. */
  readonly info: TableInfo;
  readonly ledger: RunLedger;
  /** Null when there is nothing a full pass could find gone, and no earlier one has left anything to decide. */
  readonly seen: SeenRows | null;
  readonly rejections: OpenRejections;
  readonly store: PageStore;
  readonly spool: PageSpool;
  readonly source: OpenedSystem;
  readonly delivery: Delivery | null;
}

export interface RunSignals {
  readonly reading: AbortSignal;
  readonly writing: AbortSignal;
}

/** @throws AppError disk_full and the like: nothing is begun then, and it may be tried again */
export function beginRun(spec: RunSpec, ports: RunPorts, signals: RunSignals, patience: Patience): RunParts {
  const { db, now, log } = ports;
  const { job, activityId, isResumed } = spec;
  const mapper = mapperOf(job);
  const altered = ensureTable(db, job.id, mapper.columns, job.keyColumn);
  if (altered !== null) log(altered);
  const info = tableInfo(db, job.id);
  if (info === null) throw new ConnectorError('internal', 'The table of the job could not be made.');
  const ledger = new RunLedger(db, job.id, activityId);
  const queue = new DeliveryQueue(db, job.id, mapper.columns);
  const begun = inTransaction(db, () => {
    ledger.beginRun(now());
    const pass = beginPass({ db, ledger, job, info }, { isResumed, nowMs: now() });
    queueDeliveries(spec, { queue, ledger, info, mapper });
    const isRead = pass.isContinued && !isResumed && pass.pass.phase !== 'reading';
    return { ...pass, unread: isRead ? ledger.adoptUnread() : 0 };
  });
  for (const line of begun.lines) log(line);
  const state = new RunState(begun.pass, readRun(db, activityId));
  state.counts.unread += begun.unread;
  const spool = new PageSpool(ports.transport, ports.folder, job.id, log);
  if (begun.isContinued || spec.hasFirstPage === true) spool.recover();
  const { network } = spec;
  const source = ports.systems.open(spec.source, { transport: spool, signal: signals.reading, log, network });
  const delivery = openDelivery(spec, ports, signals, patience, { queue, ledger, mapper, state });
  return { ...storing(spec, ports, { state, info, mapper, ledger, queue }), spool, source, delivery };
}

/** A zone may be known to the Patchbay that saved the job and not to this one. @throws ConnectorError bad_request */
function mapperOf({ mapping, keyColumn }: RunSpec['job']): RecordMapper {
  const problem = mappingRuleProblem(mapping);
  if (problem !== null) throw new ConnectorError('bad_request', `${problem.message} Edit the mapping of the job.`);
  return compileMapping(mapping, keyColumn);
}

interface Made {
  readonly queue: DeliveryQueue;
  readonly ledger: RunLedger;
  readonly mapper: RecordMapper;
  readonly state: RunState;
}

function storing(spec: RunSpec, { db, now }: RunPorts, made: Made & { readonly info: TableInfo }) {
  const { job } = spec;
  const { state, info, mapper, ledger } = made;
  const { pass } = state;
  const findsGone = pass.mode === 'full' ? pass.firstNewId > 0 : readHeldSweep(db, job.id) !== null;
  const seen = findsGone ? new SeenRows(db, job.id) : null;
  const rejections = new OpenRejections(db, job.id, spec.activityId);
  const cursor = job.cursorField === null ? null : new CursorMax(job.cursorField, pass.cursorMax);
  const writer = new RowWriter(db, job.id, mapper, info.rows + info.gone === 0);
  const queue = spec.destination === null ? null : made.queue;
  const store = new PageStore({ db, jobId: job.id, mapper, writer, ledger, seen, queue, cursor, rejections, now });
  return { state, info, ledger, seen, rejections, store };
}

/** A new destination gets every row. */
function queueDeliveries(spec: RunSpec, made: Omit<Made, 'state'> & { readonly info: TableInfo }): void {
  const { queue, ledger, info, mapper } = made;
  const wanted = destinationFingerprint(spec.job, mapper);
  if (wanted === null) {
    // What changes from now on is not queued, so a destination that comes back needs every row.
    if (info.deliveredTo !== null) {
      queue.clear();
      ledger.setDeliveredTo(null);
    }
  } else if (info.deliveredTo !== wanted) {
    queue.addAll();
    ledger.setDeliveredTo(wanted);
  }
}

function openDelivery(
  spec: RunSpec,
  ports: RunPorts,
  signals: RunSignals,
  patience: Patience,
  { queue, ledger, mapper, state }: Made,
): Delivery | null {
  const { job, destination: facts, network } = spec;
  if (job.destination.kind === 'cache' || facts === null) return null;
  const { db, transport, systems, log, onProgress } = ports;
  const { connector, context, waitsForAccess } = systems.open(facts, {
    transport,
    signal: signals.writing,
    log,
    network,
  });
  if (connector.destination === undefined)
    throw new ConnectorError('internal', `${connector.manifest.name} cannot be a destination.`);
  return new Delivery({
    db,
    queue,
    runId: spec.activityId,
    ledger,
    destination: connector.destination,
    connector,
    context,
    waitsForAccess,
    object: job.destination.object,
    keys: job.destination.keys,
    columns: mapper.columns,
    dates: mapper.dates,
    keyIndex: mapper.keyIndex,
    state,
    withRoom: (work) => patience.withRoom(work),
    onProgress,
  });
}
