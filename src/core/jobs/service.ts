import type { Execution, Failure, Update } from '../../shared/activity/activity.ts';
import { NO_COUNTS } from '../../shared/activity/activity.ts';
import { endOf } from '../../shared/activity/figures.ts';
import type { Connection } from '../../shared/connection/connection.ts';
import { AppError } from '../../shared/errors.ts';
import type { ActivityId, ConnectionId, JobId, TenantId } from '../../shared/ids.ts';
import type { JobRow } from '../../shared/ipc/contract.ts';
import type { Job, JobSettings } from '../../shared/job/job.ts';
import { mappingRuleProblem } from '../../shared/job/text-rules.ts';
import type { VaultStatus } from '../../shared/vault.ts';
import { diff } from '../connections/changes.ts';
import { type Moment, needNetwork, WHY_CLOSED, whyNotNow, whyNotRunnable } from './runnable.ts';

export interface RunOrder {
  readonly execution: Execution;
  readonly job: Job;
  readonly connection: Connection;
  /** The connection rows are delivered to, when not only to the cache. */
  readonly destination: Connection | null;
  readonly isResumed: boolean;
}

export interface JobPorts {
  readonly store: {
    get(id: JobId): Job | null;
    list(tenantId: TenantId): Job[];
    listOfConnection(id: ConnectionId): Job[];
    names(tenantId: TenantId): ReadonlyMap<JobId, string>;
    insert(job: Job, update: Update): void;
    /** @throws AppError conflict when the stored version is another */
    save(job: Job, update: Update | null): Job;
    remove(id: JobId, update: Update): void;
    /** An Update of what is no setting. */
    record(update: Update): void;
  };
  readonly executions: {
    insert(execution: Execution): void;
    save(execution: Execution): void;
    get(id: ActivityId): Execution | null;
    /** Executions that were under way when the process ended, oldest first. */
    unfinished(): Execution[];
    /** Newest execution of each job of a tenant, or of those among `jobs`. */
    lastRuns(
      tenantId: TenantId,
      jobs?: readonly JobId[],
    ): ReadonlyMap<JobId, { activityId: ActivityId; status: Execution['status']; at: string }>;
    addLog(id: ActivityId, text: string): void;
  };
  readonly runner: {
    start(order: RunOrder): void;
    /** @param failure when the run is to end as failed */
    stop(id: ActivityId, why: string, failure?: Failure): Promise<void>;
    dropJob(id: JobId): Promise<void>;
    /** @returns how many rows were marked; null when the finding is not the last one any more */
    markMissing(id: JobId, agreed: { finding: ActivityId; rows: number }): Promise<number | null>;
    running(): readonly Execution[];
  };
  readonly connection: (id: ConnectionId) => Connection | null;
  readonly connections: (tenantId: TenantId) => Connection[];
  readonly currentTenant: () => { id: TenantId };
  readonly vaultState: () => VaultStatus['state'];
  readonly newId: () => string;
  readonly newActivityId: () => string;
  readonly newUpdate: (input: {
    tenantId: TenantId;
    connectionId: ConnectionId;
    jobId: JobId;
    subject: string;
    action: string;
    changes: Update['changes'];
  }) => Update;
  readonly isOffline: () => boolean;
  readonly now: () => string;
  /** Jobs of a connection are others than before, apart from their runs. */
  readonly onChanged: (connectionId: ConnectionId | null) => void;
  /** A run has begun, waits, or has ended. */
  readonly onExecution: (execution: Execution) => void;
}

function mappingText({ target, type, from, required, ...rules }: JobSettings['mapping'][number]): string {
  const isRuled = Object.values(rules).some((rule) => rule !== undefined);
  return `${target}=${JSON.stringify(from)}:${type}${required ? '!' : ''}${isRuled ? JSON.stringify(rules) : ''}`;
}

function jobValues(settings: JobSettings): Record<string, unknown> {
  return {
    'Job name': settings.name,
    Source: settings.sourceObject,
    Mapping: settings.mapping.map(mappingText).join('; '),
    Key: settings.keyColumn,
    Mode: settings.mode,
    'Cursor field': settings.cursorField,
    'Look-back (seconds)': settings.lookbackSeconds,
    Filter: settings.filter,
    Destination: settings.destination,
    Enabled: settings.isEnabled ? 'yes' : 'no',
  };
}

const STOPPED_BY_HAND = 'It was stopped by hand.';

type LastRuns = ReturnType<JobPorts['executions']['lastRuns']>;

/** Decides and writes everything about jobs and their runs. */
export class JobService {
  readonly #ports: JobPorts;

  constructor(ports: JobPorts) {
    this.#ports = ports;
  }

  get(id: JobId): Job {
    const job = this.#ports.store.get(id);
    if (job === null) throw new AppError('not_found', 'This job no longer exists.');
    return job;
  }

  /** All of the tenant, or those of a connection: among thousands of jobs, a look at one must not read them all. */
  rows(connectionId?: ConnectionId): JobRow[] {
    const { store, executions } = this.#ports;
    const tenantId = this.#ports.currentTenant().id;
    if (connectionId === undefined) {
      const connections = new Map(this.#ports.connections(tenantId).map((connection) => [connection.id, connection]));
      return this.#toRows(store.list(tenantId), (id) => connections.get(id) ?? null, executions.lastRuns(tenantId));
    }
    const jobs = store.listOfConnection(connectionId).filter((job) => job.tenantId === tenantId);
    const ids = jobs.map(({ id }) => id);
    return this.#toRows(jobs, this.#ports.connection, executions.lastRuns(tenantId, ids));
  }

  row(id: JobId): JobRow {
    const row = this.rows(this.get(id).connectionId).find((one) => one.job.id === id);
    if (row === undefined) throw new AppError('not_found', 'This job belongs to another tenant.');
    return row;
  }

  /** @param from where it comes from; imported jobs keep what they were */
  create(
    settings: JobSettings,
    from: Pick<Job, 'origin' | 'templateId'> = { origin: 'custom', templateId: null },
  ): JobRow {
    this.#check(settings, null);
    const connection = this.#connection(settings.connectionId);
    const at = this.#ports.now();
    const job: Job = {
      ...settings,
      id: this.#ports.newId() as JobId,
      tenantId: connection.tenantId,
      origin: from.origin,
      templateId: from.templateId,
      createdAt: at,
      updatedAt: at,
      version: 1,
    };
    this.#ports.store.insert(job, this.#update(job, 'Job created', diff({}, jobValues(job))));
    this.#ports.onChanged(job.connectionId);
    return this.row(job.id);
  }

  update(id: JobId, version: number, settings: JobSettings): JobRow {
    const before = this.get(id);
    if (before.version !== version)
      throw new AppError(
        'conflict',
        'This job was changed meanwhile. Close the dialog and open it again to see the current values.',
      );
    if (before.connectionId !== settings.connectionId)
      throw new AppError('invalid_input', 'The connection of a job cannot be changed. Create another job instead.', {
        field: 'connectionId',
      });
    this.#check(settings, id);
    const after: Job = { ...before, ...settings, updatedAt: this.#ports.now() };
    const changes = diff(jobValues(before), jobValues(after));
    if (changes.length > 0) {
      if (this.#runningOf(id) !== undefined)
        throw new AppError('busy', 'The job is running. Stop it first, or wait until it has ended.');
      this.#ports.store.save(after, this.#update(after, 'Job edited', changes));
      this.#ports.onChanged(after.connectionId);
    }
    return this.row(id);
  }

  async remove(id: JobId): Promise<void> {
    const job = this.get(id);
    const running = this.#runningOf(id);
    if (running !== undefined) await this.#ports.runner.stop(running.id, 'The job was deleted.');
    this.#ports.store.remove(id, this.#update(job, 'Job deleted', []));
    await this.#ports.runner.dropJob(id);
    this.#ports.onChanged(job.connectionId);
  }

  runNow(id: JobId): ActivityId {
    return this.#start(this.get(id), 'manual');
  }

  async stop(id: JobId): Promise<void> {
    const running = this.#runningOf(id);
    if (running !== undefined) return this.#ports.runner.stop(running.id, STOPPED_BY_HAND);
    const waiting = this.#ports.executions.unfinished().find((execution) => execution.jobId === id);
    if (waiting === undefined) throw new AppError('not_allowed', 'The job is not running.');
    this.#end(waiting, 'stopped', STOPPED_BY_HAND);
  }

  /**
   * A person has agreed that the rows of a finding are marked as gone.
   * @returns how many were
   * @throws AppError conflict when another run has looked again, or they are fewer by now; busy while the job runs
   */
  async markMissing(id: JobId, agreed: { finding: ActivityId; rows: number }): Promise<number> {
    const job = this.get(id);
    if (this.#runningOf(id) !== undefined)
      throw new AppError('busy', 'The job is running. Wait until it has ended, then look again.');
    const marked = await this.#ports.runner.markMissing(id, agreed);
    if (marked === null)
      throw new AppError('conflict', 'A later run has looked again. Open its activity to see what is missing now.');
    const changes = [{ field: 'Rows marked as deleted', before: '', after: marked.toLocaleString('en') }];
    this.#ports.store.record(this.#update(job, 'Rows marked as deleted', changes));
    const found = this.#ports.executions.get(agreed.finding);
    // Whoever looks at the finding, or at the rows, looks again.
    if (found !== null) this.#ports.onExecution(found);
    return marked;
  }

  /** @param failure why they can work no longer, where nobody stops them: they end as failed, with this */
  async stopJobsOf(connectionId: ConnectionId, why: string, failure?: Failure): Promise<void> {
    const affected = this.#ports.runner.running().filter((execution) => {
      const job = this.#ports.store.get(execution.jobId);
      return (
        execution.connectionId === connectionId ||
        (job?.destination.kind === 'connection' && job.destination.connectionId === connectionId)
      );
    });
    await Promise.all(affected.map((execution) => this.#ports.runner.stop(execution.id, why, failure)));
  }

  /**
   * Runs that a kill or a quit interrupted go on as the same activity, or say why they cannot. Called after a start, and
   * again when the vault has opened or the network is back: until then they wait.
   */
  resumeInterrupted(): void {
    const underWay = new Set(this.#ports.runner.running().map(({ id }) => id));
    const { whyClosed, isOffline } = this.#moment();
    for (const execution of this.#ports.executions.unfinished()) {
      if (underWay.has(execution.id)) continue;
      const job = this.#ports.store.get(execution.jobId);
      const connection = job === null ? null : this.#ports.connection(job.connectionId);
      const destination = this.#destinationOf(job);
      const why = job === null ? 'Its job no longer exists.' : whyNotRunnable(job, connection, destination, false);
      if (job === null || connection === null || why !== null) {
        const text = why ?? 'Its connection no longer exists.';
        this.#end(execution, 'interrupted', `The run was interrupted and does not go on: ${text}`);
        continue;
      }
      const isCutOff = isOffline && needNetwork([connection, destination]);
      if (whyClosed !== null || isCutOff) {
        const waitingFor = whyClosed === null ? 'the network' : 'the vault to be unlocked';
        const waiting: Execution = { ...execution, status: 'waiting', waitingFor };
        this.#ports.executions.save(waiting);
        this.#ports.onExecution(waiting);
        continue;
      }
      const resumed: Execution = { ...execution, status: 'running', waitingFor: null };
      this.#ports.executions.save(resumed);
      this.#ports.executions.addLog(execution.id, 'Patchbay was started again; the run goes on from its checkpoint.');
      this.#ports.runner.start({ execution: resumed, job, connection, destination, isResumed: true });
      this.#ports.onExecution(resumed);
    }
  }

  #moment(): Moment {
    return {
      whyClosed: WHY_CLOSED[this.#ports.vaultState()],
      isOffline: this.#ports.isOffline(),
      interrupted: this.#interrupted(),
    };
  }

  #start(job: Job, trigger: Execution['trigger']): ActivityId {
    const connection = this.#ports.connection(job.connectionId);
    const destination = this.#destinationOf(job);
    const why =
      whyNotRunnable(job, connection, destination, this.#runningOf(job.id) !== undefined) ??
      whyNotNow(this.#moment(), job.id, [connection, destination]);
    if (connection === null || why !== null)
      throw new AppError('not_allowed', `"${job.name}" cannot run: ${why ?? 'its connection no longer exists.'}`);
    const execution: Execution = {
      kind: 'execution',
      id: this.#ports.newActivityId() as ActivityId,
      tenantId: job.tenantId,
      connectionId: connection.id,
      connectionName: connection.name,
      jobId: job.id,
      jobName: job.name,
      sourceObject: job.sourceObject,
      destination: this.#destinationName(job, destination),
      trigger,
      status: 'running',
      waitingFor: null,
      startedAt: this.#ports.now(),
      endedAt: null,
      durationMs: 0,
      counts: NO_COUNTS,
      expected: null,
      failure: null,
    };
    this.#ports.executions.insert(execution);
    this.#ports.runner.start({ execution, job, connection, destination, isResumed: false });
    this.#ports.onExecution(execution);
    return execution.id;
  }

  #end(execution: Execution, status: 'interrupted' | 'stopped', text: string): void {
    const ended: Execution = { ...execution, status, waitingFor: null, endedAt: endOf(execution, this.#ports.now()) };
    this.#ports.executions.save(ended);
    this.#ports.executions.addLog(execution.id, text);
    this.#ports.onExecution(ended);
  }

  #toRows(jobs: readonly Job[], connectionOf: JobPorts['connection'], lastRuns: LastRuns): JobRow[] {
    const moment = this.#moment();
    return jobs.flatMap((job) => this.#toRow(job, connectionOf, lastRuns, moment) ?? []);
  }

  #toRow(job: Job, connectionOf: JobPorts['connection'], lastRuns: LastRuns, moment: Moment): JobRow | null {
    const connection = connectionOf(job.connectionId);
    if (connection === null) return null;
    const destination = job.destination.kind === 'connection' ? connectionOf(job.destination.connectionId) : null;
    const running = this.#runningOf(job.id);
    return {
      job,
      connectionName: connection.name,
      connectorId: connection.connectorId,
      connectionState: connection.state,
      destinationName: this.#destinationName(job, destination),
      scheduleType: 'On Demand',
      lastRun: lastRuns.get(job.id) ?? null,
      running: running?.id ?? null,
      cannotRun:
        whyNotRunnable(job, connection, destination, running !== undefined) ??
        whyNotNow(moment, job.id, [connection, destination]),
    };
  }

  #destinationName(job: Job, destination: Connection | null): string {
    if (job.destination.kind === 'cache') return 'Local cache';
    return `${job.destination.object} (${destination?.name ?? 'deleted connection'})`;
  }

  #destinationOf(job: Job | null): Connection | null {
    return job?.destination.kind === 'connection' ? this.#ports.connection(job.destination.connectionId) : null;
  }

  /** Jobs with a run that the end of the process interrupted, and that does not go on yet. */
  #interrupted(): ReadonlySet<JobId> {
    const underWay = new Set(this.#ports.runner.running().map(({ id }) => id));
    const left = this.#ports.executions.unfinished().filter(({ id }) => !underWay.has(id));
    return new Set(left.map(({ jobId }) => jobId));
  }

  #runningOf(id: JobId): Execution | undefined {
    return this.#ports.runner.running().find((execution) => execution.jobId === id);
  }

  #connection(id: ConnectionId): Connection {
    const connection = this.#ports.connection(id);
    if (connection === null)
      throw new AppError('not_found', 'This connection no longer exists.', { field: 'connectionId' });
    return connection;
  }

  #check(settings: JobSettings, except: JobId | null): void {
    const connection = this.#connection(settings.connectionId);
    const targets = settings.mapping.map((entry) => entry.target.toLowerCase());
    const twice = targets.find((target, at) => targets.indexOf(target) !== at);
    if (twice !== undefined)
      throw new AppError('invalid_input', `Two fields are mapped to "${twice}". Each target may be mapped once.`, {
        field: 'mapping',
      });
    const unruly = mappingRuleProblem(settings.mapping);
    if (unruly !== null)
      throw new AppError('invalid_input', unruly.message, { field: `mapping.${unruly.index}.${unruly.part}` });
    if (!settings.mapping.some((entry) => entry.target === settings.keyColumn))
      throw new AppError('invalid_input', 'Choose one of the mapped fields as key.', { field: 'keyColumn' });
    if (settings.mode === 'incremental' && settings.cursorField === null)
      throw new AppError('invalid_input', 'An incremental job needs a cursor field.', { field: 'cursorField' });
    if (settings.destination.kind === 'connection') {
      const { keys, connectionId } = settings.destination;
      if (this.#ports.connection(connectionId)?.tenantId !== connection.tenantId)
        throw new AppError('invalid_input', 'Choose a destination of the same tenant.', { field: 'destination' });
      const missing = keys.find((key) => !settings.mapping.some((entry) => entry.target === key));
      if (missing !== undefined)
        throw new AppError('invalid_input', `The destination key "${missing}" is not mapped.`, {
          field: 'destination',
        });
    }
    const wanted = settings.name.toLowerCase();
    for (const [id, name] of this.#ports.store.names(connection.tenantId))
      if (id !== except && name.toLowerCase() === wanted)
        throw new AppError('conflict', `There is a job named "${settings.name}" already.`, { field: 'name' });
  }

  #update(job: Job, action: string, changes: Update['changes']): Update {
    return this.#ports.newUpdate({
      tenantId: job.tenantId,
      connectionId: job.connectionId,
      jobId: job.id,
      subject: job.name,
      action,
      changes,
    });
  }
}
