import { newActivityId, newId } from '../../store/profile.ts';
import type { Network } from '../network/open-network.ts';
import type { Platform } from '../platform.ts';
import type { Records } from '../records/open-records.ts';
import type { Tenants } from '../tenants/open-tenants.ts';
import type { Secrets } from '../vault/open-secrets.ts';
import type { Runs } from './open-runs.ts';
import { type JobPorts, JobService } from './service.ts';

/** How long after a failed attempt interrupted runs are resumed again, milliseconds. */
const RESUME_AGAIN_MS = 5_000;

export interface Jobs {
  readonly service: JobService;
  /** Interrupted runs go on; from now on also whenever vault or network come back. Call it once, when the rest has started. */
  startResuming(): void;
}

export interface JobParts {
  readonly platform: Platform;
  readonly records: Records;
  readonly secrets: Secrets;
  readonly tenants: Tenants;
  readonly network: Network;
  readonly runs: Runs;
}

export function openJobs(parts: JobParts): Jobs {
  const { platform, records, secrets, tenants, network, runs } = parts;
  const { store, events } = records;
  const service = new JobService({
    store: jobStore(records),
    executions: executionStore(records),
    runner: runs.runner,
    connection: (id) => store.connections.get(id),
    connections: (id) => store.connections.list(id),
    vaultState: () => secrets.vault.status().state,
    isOffline: () => network.isOffline(),
    currentTenant: () => tenants.tenants.current(),
    newId,
    newActivityId: () => newActivityId(platform.clock.now()),
    newUpdate: (facts) => records.newUpdate(facts),
    now: records.now,
    onChanged: (connectionId) => events.emit('jobsChanged', connectionId),
    onExecution: (execution) => {
      events.emit('runProgressed', execution);
      events.emit('runChanged', execution);
    },
  });
  return { service, startResuming: () => startResuming(service, parts) };
}

function startResuming(service: JobService, { records: { events, log }, secrets: { vault } }: JobParts): void {
  const resume = (): void => {
    try {
      service.resumeInterrupted();
    } catch (error) {
      log.error('Interrupted runs could not go on; it is tried again', error);
      setTimeout(resume, RESUME_AGAIN_MS).unref();
    }
  };
  let known = vault.status().state;
  events.on('vaultChanged', ({ state }) => {
    if (state === known) return;
    known = state;
    resume();
  });
  events.on('networkChanged', resume);
  resume();
}

function jobStore({ store }: Records): JobPorts['store'] {
  return {
    get: (id) => store.jobs.get(id) ?? null,
    list: (id) => store.jobs.list(id),
    listOfConnection: (id) => store.jobs.listOfConnection(id),
    names: (id) => store.jobs.names(id),
    insert: (job, update) => void store.change(() => store.jobs.insert(job), update),
    save: (job, update) => store.change(() => store.jobs.save(job), update),
    remove: (id, update) => void store.change(() => store.jobs.remove(id), update),
    record: (update) => void store.change(() => undefined, update),
  };
}

function executionStore({ store, now }: Records): JobPorts['executions'] {
  return {
    insert: (one) => store.executions.insert(one),
    save: (one) => (one.endedAt === null ? store.executions.update(one) : store.executions.finish(one)),
    get: (id) => store.executions.get(id) ?? null,
    unfinished: () => store.executions.listOpen(),
    lastRuns: (id, ofJobs) =>
      new Map(
        [...store.executions.latestByJob(id, ofJobs)].map(([job, run]) => [
          job,
          { activityId: run.activityId, status: run.status, at: run.startedAt },
        ]),
      ),
    addLog: (id, text) => store.logs.append(id, [{ at: now(), text }]),
  };
}
