/** Runs the job of a command line through the engine. */
import { statSync } from 'node:fs';
import {
  type Access,
  type AccessProvider,
  type Connector,
  type ConnectorContext,
  ConnectorError,
  connectorById,
  connectors,
  hasConnector,
  Secret,
  type Transport,
} from '../engine/connectors.ts';
import { Engine } from '../engine/engine.ts';
import type { ConnectionFacts, Finished, FromWorker, RunSpec } from '../engine/messages.ts';
import { PageSpool } from '../engine/spool.ts';
import { Systems } from '../engine/systems.ts';
import { networkThreadTransport } from '../engine/transport.ts';
import type { SourceField } from '../shared/connector.ts';
import { speaksOf } from '../shared/failure/rules.ts';
import { type ActivityId, activityIdSchema, type ConnectionId } from '../shared/ids.ts';
import { type OpenedCache, openCache } from '../store/cache/cache.ts';
import { unfinishedRun } from '../store/cache/ledger.ts';
import { newActivityId } from '../store/profile.ts';
import { type SyncArguments, UsageError } from './arguments.ts';
import { buildJob, destinationFacts, fieldsOfRecords, jobIdOf, sourceFacts } from './job.ts';
import { type JobPlan, JobPlans } from './plans.ts';

/** Shorter than in the app: somebody or a script is waiting. */
const RETRY_WAITS_MS = [2_000, 5_000];

export interface SyncReport {
  /** Null when the command was interrupted; the same command goes on. */
  readonly finished: Finished | null;
  readonly isResumed: boolean;
  /** Wall time of the run over all its resumptions, preparation included, seconds. */
  readonly seconds: number;
  /** Processor time of this process, microseconds. */
  readonly cpuUs: number;
  /** Records read by this process. */
  readonly readHere: number;
  readonly peakRssMb: number;
  readonly dbMb: number;
}

export interface SyncPorts {
  /** File of the built network thread. */
  readonly networkThread: string;
  /** A line for people. */
  readonly say: (text: string) => void;
  /** What the engine reports on the way. */
  readonly tell: (message: FromWorker) => void;
  /** Aborted by Ctrl-C: the run ends where it is and the same command goes on. */
  readonly signal: AbortSignal;
}

/** @throws UsageError | ConnectorError | AppError */
export async function sync(args: SyncArguments, ports: SyncPorts): Promise<SyncReport> {
  const startedAt = performance.now();
  const cpuBefore = process.cpuUsage();
  const parties = openParties(args);
  // Before the cache is opened: the thread starts meanwhile.
  const transport = networkThreadTransport(ports.networkThread);
  let cache: OpenedCache | null = null;
  try {
    cache = await openCache(args.profile, ports.say);
    for (const notice of cache.notices) ports.say(notice);
    const left = unfinishedRun(cache.db, jobIdOf(args));
    const spec = await prepare({ args, parties, cache, transport, ports, leftRun: left?.id ?? null });
    const preparedMs = performance.now() - startedAt;
    const { message, closingMs } = await runToEnd(spec, { cache, transport, parties, ports });
    const { user, system } = process.cpuUsage(cpuBefore);
    return {
      finished: message,
      isResumed: left !== null,
      seconds: (preparedMs + (message?.elapsedMs ?? 0) + closingMs) / 1000,
      cpuUs: user + system,
      readHere: (message?.counts.read ?? 0) - (left?.counts.read ?? 0),
      peakRssMb: process.resourceUsage().maxRSS / 1024,
      dbMb: statSync(cache.db.name).size / 1e6,
    };
  } finally {
    // Closed already where the run has ended; a preparation that failed has left both open.
    await transport.close();
    cache?.close();
  }
}

interface Parties {
  readonly source: ConnectionFacts;
  readonly destination: ConnectionFacts | null;
  readonly access: (id: string) => AccessProvider;
}

function openParties(args: SyncArguments): Parties {
  const sourceConnector = connectorOf(args.connector);
  const source = sourceFacts(args, sourceConnector);
  const { destination: wanted } = args;
  const destinationConnector = wanted === null ? null : destinationConnectorOf(wanted.connector);
  const destination = destinationConnector === null ? null : destinationFacts(args, destinationConnector);
  const providers = new Map([[source.connectionId as string, fixedAccess(sourceConnector, args.token)]]);
  if (wanted !== null && destinationConnector !== null && destination !== null)
    providers.set(destination.connectionId, fixedAccess(destinationConnector, wanted.token));
  return {
    source,
    destination,
    access(id) {
      const provider = providers.get(id);
      if (provider === undefined)
        throw new ConnectorError('credential_missing', 'There is no token for this connection.');
      return provider;
    },
  };
}

function connectorOf(id: string): Connector {
  if (!hasConnector(id)) throw new UsageError(`There is no connector "${id}".`);
  return connectorById(id);
}

function destinationConnectorOf(id: string | null): Connector {
  if (id !== null) return connectorOf(id);
  const [only, another] = connectors.filter((connector) => connector.destination !== undefined);
  if (only === undefined || another !== undefined)
    throw new UsageError('More than one system takes deliveries: name one with --destination-connector.');
  return only;
}

/** The token of the command line; when the system refuses it there is no other. */
function fixedAccess(connector: Connector, token: string): AccessProvider {
  const apply = connector.manifest.auth[0]?.apply;
  if (apply === undefined || !('credential' in apply))
    throw new UsageError(`${connector.manifest.name} needs more than one secret; use the app for it.`);
  const access: Access = { credentials: { [apply.credential]: new Secret(token) }, expiresAtMs: null, learned: {} };
  return {
    current: () => Promise.resolve(access),
    renew: () =>
      Promise.reject(
        new ConnectorError('reauthorize_expired', `${connector.manifest.name} does not accept the token.`),
      ),
  };
}

interface Preparation {
  readonly args: SyncArguments;
  readonly parties: Parties;
  readonly cache: OpenedCache;
  readonly transport: Transport;
  readonly ports: SyncPorts;
  readonly leftRun: ActivityId | null;
}

async function prepare(preparation: Preparation): Promise<RunSpec> {
  const { args, parties, cache, leftRun } = preparation;
  const plans = new JobPlans(cache.profile.data, args);
  const saved = plans.read();
  const plan = (leftRun === null ? null : saved) ?? (await makePlan(preparation, saved));
  plans.save(plan);
  const { hasFirstPage, ...rest } = plan;
  return {
    ...rest,
    ...(hasFirstPage && leftRun === null ? { hasFirstPage } : {}),
    activityId: leftRun ?? activityIdSchema.parse(newActivityId(Date.now())),
    source: parties.source,
    destination: parties.destination,
    isResumed: leftRun !== null,
    network: {},
    marksMissing: args.marksMissing,
  };
}

async function makePlan(preparation: Preparation, saved: JobPlan | null): Promise<JobPlan> {
  const { args, parties, transport, ports } = preparation;
  const systems = new Systems(parties.access, Date.now);
  const { connector, context } = systems.open(parties.source, {
    transport,
    signal: ports.signal,
    log: ports.say,
    network: {},
  });
  const offered = await describedFields(connector, context, args.object, ports);
  if (offered !== null) return { job: buildJob(args, idsOf(parties), offered) };
  return saved === null ? peek(preparation, connector) : { ...saved, hasFirstPage: false };
}

async function describedFields(
  connector: Connector,
  context: ConnectorContext,
  object: string,
  { say }: SyncPorts,
): Promise<readonly SourceField[] | null> {
  try {
    const fields = await connector.fields(context, object);
    return fields.length > 0 ? fields : null;
  } catch (error) {
    // The source may still be readable when only its description fails.
    if (!(error instanceof ConnectorError) || !speaksOf(error.failureClass, 'request', 'answer', 'system')) throw error;
    say(`The source does not describe ${object}; its fields are taken from the first page.`);
    return null;
  }
}

/** The first page is fetched for its fields, and kept where the run looks for pages under way: it is not fetched again. */
async function peek({ args, parties, cache, transport, ports }: Preparation, connector: Connector): Promise<JobPlan> {
  const readFields = args.fields ?? [args.key ?? 'Id'];
  const spool = new PageSpool(transport, cache.profile.data, jobIdOf(args), ports.say);
  const systems = new Systems(parties.access, Date.now);
  const { context } = systems.open(parties.source, {
    transport: spool,
    signal: ports.signal,
    log: ports.say,
    network: {},
  });
  const request = { object: args.object, fields: readFields, filter: [], since: null, checkpoint: null };
  try {
    for await (const { records } of connector.read(context, request)) {
      const job = buildJob(args, idsOf(parties), fieldsOfRecords(records));
      return { job, readFields: [...readFields], hasFirstPage: true };
    }
  } finally {
    await spool.close();
  }
  throw new ConnectorError(
    'invalid_response',
    `${args.object} has no records whose fields could be taken; name them with --fields and --key.`,
  );
}

function idsOf({ source, destination }: Parties): { source: ConnectionId; destination: ConnectionId | null } {
  return { source: source.connectionId, destination: destination?.connectionId ?? null };
}

interface Ended {
  readonly message: Finished | null;
  readonly closingMs: number;
}

async function runToEnd(
  spec: RunSpec,
  { cache, transport, parties, ports }: Pick<Preparation, 'cache' | 'transport' | 'parties' | 'ports'>,
): Promise<Ended> {
  let finish: (message: Finished | null) => void = () => undefined;
  const finished = new Promise<Finished | null>((resolve) => {
    finish = resolve;
  });
  const send = (message: FromWorker): void => {
    if (message.type === 'finished') finish(message);
    else if (message.type === 'damaged') {
      ports.say('The record cache is damaged. Run the command again: it is repaired, and the run goes on.');
      finish(null);
    } else ports.tell(message);
  };
  const engine = new Engine({ cache, transport, access: parties.access, send, retryWaitsMs: RETRY_WAITS_MS });
  const interrupt = (): void => finish(null);
  ports.signal.addEventListener('abort', interrupt, { once: true });
  engine.start(spec);
  const message = await finished;
  const closingAt = performance.now();
  await engine.shutdown();
  return { message, closingMs: performance.now() - closingAt };
}
