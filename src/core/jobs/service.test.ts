// Jobs on a real store, where no run begins: what may not run says why, and what was interrupted waits or ends.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Execution } from '../../shared/activity/activity.ts';
import type { Connection } from '../../shared/connection/connection.ts';
import type { FieldMapping, Job } from '../../shared/job/job.ts';
import type { VaultStatus } from '../../shared/vault.ts';
import { newActivityId, newId, openProfile } from '../../store/profile.ts';
import { Store } from '../../store/store.ts';
import { aConnection, aJob, anExecution, anUpdate, aTenant } from '../../store/testing/records.ts';
import { JobRunner } from './runner.ts';
import { JobService } from './service.ts';

let folder: string;
let store: Store;
let jobs: JobService;
let vaultState: VaultStatus['state'];
let isOffline: boolean;
let connection: Connection;
let job: Job;
let seen: Execution[];

const never = (): never => {
  throw new Error('No run may begin here.');
};

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pb-jobs-'));
  store = await Store.open({
    profile: openProfile(folder),
    version: '1',
    onNotice: () => undefined,
    log: () => undefined,
  });
  const tenant = aTenant();
  connection = aConnection(tenant.id, { name: 'S3', state: { kind: 'active', since: '2026-03-01T09:00:00.000Z' } });
  job = aJob(connection);
  store.tenants.insert(tenant);
  store.connections.insert(connection);
  store.jobs.insert(job);
  vaultState = 'locked';
  isOffline = false;
  seen = [];
  const now = (): string => new Date().toISOString();
  const runner = new JobRunner({
    fork: never,
    profile: folder,
    networkThread: '',
    access: { current: never, renew: never },
    network: () => ({}),
    proxyFor: never,
    onExecution: never,
    onLog: never,
    onLost: never,
    onNotice: never,
    onCacheReplaced: never,
    onUnsaved: never,
    mask: never,
    log: () => undefined,
    now,
  });
  jobs = new JobService({
    store: {
      get: (id) => store.jobs.get(id) ?? null,
      list: (id) => store.jobs.list(id),
      listOfConnection: (id) => store.jobs.listOfConnection(id),
      names: (id) => store.jobs.names(id),
      insert: (one, update) => void store.change(() => store.jobs.insert(one), update),
      save: (one, update) => store.change(() => store.jobs.save(one), update),
      remove: (id, update) => void store.change(() => store.jobs.remove(id), update),
      record: (update) => void store.change(() => undefined, update),
    },
    executions: {
      insert: (one) => store.executions.insert(one),
      save: (one) => (one.endedAt === null ? store.executions.update(one) : store.executions.finish(one)),
      get: (id) => store.executions.get(id) ?? null,
      unfinished: () => store.executions.listOpen(),
      lastRuns: (id, ofJobs) =>
        new Map(
          [...store.executions.latestByJob(id, ofJobs)].map(([one, { activityId, status, startedAt }]) => [
            one,
            { activityId, status, at: startedAt },
          ]),
        ),
      addLog: (id, text) => store.logs.append(id, [{ at: now(), text }]),
    },
    runner,
    connection: (id) => store.connections.get(id),
    connections: (id) => store.connections.list(id),
    currentTenant: () => tenant,
    vaultState: () => vaultState,
    isOffline: () => isOffline,
    newId,
    newActivityId: () => newActivityId(Date.now()),
    newUpdate: ({ action }) => anUpdate(connection, action),
    now,
    onChanged: () => undefined,
    onExecution: (execution) => seen.push(execution),
  });
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

it.each([
  ['locked', 'The vault is locked. Unlock it first.'],
  ['unset', 'Nothing protects credentials on this machine yet. Set a passphrase first.'],
  ['waiting', 'Unlock your keyring to use stored credentials.'],
  ['unlocked', null],
] as const)('with the vault %s a job says: %s', (state, why) => {
  vaultState = state;
  expect(jobs.rows()[0]?.cannotRun).toBe(why);
  if (why !== null) expect(() => jobs.runNow(job.id)).toThrow(why);
  expect(store.executions.listOpen()).toEqual([]);
});

it('says of one connection’s jobs what it says of all, and nothing of others', () => {
  vaultState = 'unlocked';
  const other = aConnection(connection.tenantId, { name: 'Gainsight', state: connection.state });
  store.connections.insert(other);
  const destination: Job['destination'] = {
    kind: 'connection',
    connectionId: other.id,
    object: 'Company',
    keys: ['Id'],
  };
  store.jobs.insert(aJob(connection, { name: 'Accounts delivered', destination }));
  store.jobs.insert(aJob(other, { name: 'Companies' }));
  store.executions.insert(anExecution(connection, job, { status: 'success', endedAt: connection.createdAt }));
  const ofConnection = jobs.rows(connection.id);
  expect(ofConnection.map((row) => [row.job.name, row.destinationName, row.lastRun?.status])).toEqual([
    ['Account to Company', 'Local cache', 'success'],
    ['Accounts delivered', 'Company (Gainsight)', undefined],
  ]);
  expect(ofConnection).toEqual(jobs.rows().filter((row) => row.job.connectionId === connection.id));
  expect(jobs.rows()).toHaveLength(3);
  store.connections.trash(connection, connection.createdAt);
  expect(jobs.rows(connection.id)).toEqual([]);
});

it('takes no name of another job of the tenant, in whatever case', () => {
  const { mapping, keyColumn, sourceObject, mode, cursorField, lookbackSeconds, filter, destination, isEnabled } = job;
  const rest = { mapping, keyColumn, sourceObject, mode, cursorField, lookbackSeconds, filter, destination, isEnabled };
  const settings = { ...rest, name: job.name.toUpperCase(), connectionId: connection.id };
  expect(() => jobs.create(settings)).toThrow('There is a job named "ACCOUNT TO COMPANY" already.');
  expect(jobs.update(job.id, job.version, settings).job.name).toBe('ACCOUNT TO COMPANY');
});

it('stores date rules of a column, notices their change, and takes neither a format nor a zone that is none', () => {
  const { id: _id, version: _version, ...settings } = job;
  const withRules = (rules: Partial<FieldMapping>) => ({
    ...settings,
    mapping: [
      ...job.mapping,
      {
        target: 'Day',
        type: 'datetime' as const,
        from: { kind: 'direct' as const, path: 'day' },
        required: false,
        ...rules,
      },
    ],
  });
  const rules = { formats: ['DD/MM/YYYY'], timeZone: 'Europe/Berlin' };
  const saved = jobs.update(job.id, job.version, withRules(rules));
  expect(saved.job.mapping[1]).toMatchObject(rules);
  const again = jobs.update(job.id, saved.job.version, withRules({ ...rules, timeZone: 'Asia/Kolkata' }));
  expect(again.job.mapping[1]).toMatchObject({ timeZone: 'Asia/Kolkata' });
  for (const wrong of [{ formats: ['DD/MM/YY'] }, { timeZone: 'Europe/Atlantis' }])
    expect(() => jobs.update(job.id, again.job.version, withRules(wrong))).toThrow(/^"Day": /);
});

it('leaves an interrupted run waiting while the vault is closed; it can be stopped', async () => {
  const interrupted = anExecution(connection, job);
  store.executions.insert(interrupted);
  jobs.resumeInterrupted();
  const waiting = { status: 'waiting', waitingFor: 'the vault to be unlocked', endedAt: null };
  expect(store.executions.get(interrupted.id)).toMatchObject(waiting);
  expect(seen).toMatchObject([waiting]);
  await jobs.stop(job.id);
  expect(store.executions.get(interrupted.id)).toMatchObject({ status: 'stopped', waitingFor: null, failure: null });
  expect(store.logs.list(interrupted.id).map(({ text }) => text)).toEqual(['It was stopped by hand.']);
  await expect(jobs.stop(job.id)).rejects.toThrow('The job is not running.');
});

const OFFLINE = 'This machine is offline. Run it when the network is back.';

it('offline, a job of a system in the network says so; one that may reach this machine is not held up', () => {
  vaultState = 'unlocked';
  isOffline = true;
  expect(jobs.rows()[0]?.cannotRun).toBe(OFFLINE);
  expect(() => jobs.runNow(job.id)).toThrow(OFFLINE);
  expect(store.executions.listOpen()).toEqual([]);
  const local = store.connections.save({ ...connection, overrides: { allowPrivateNetwork: true } });
  expect(jobs.rows()[0]?.cannotRun).toBe(null);
  const destination = aConnection(connection.tenantId, { name: 'Gainsight', state: connection.state });
  store.connections.insert(destination);
  store.jobs.save({
    ...job,
    connectionId: local.id,
    destination: { kind: 'connection', connectionId: destination.id, object: 'Company', keys: ['Id'] },
  });
  expect(jobs.rows()[0]?.cannotRun).toBe(OFFLINE);
});

it('offline, an interrupted run waits for the network instead of failing', async () => {
  vaultState = 'unlocked';
  isOffline = true;
  const interrupted = anExecution(connection, job);
  store.executions.insert(interrupted);
  jobs.resumeInterrupted();
  expect(store.executions.get(interrupted.id)).toMatchObject({ status: 'waiting', waitingFor: 'the network' });
  expect(jobs.rows()[0]?.cannotRun).toBe(OFFLINE);
  await jobs.stop(job.id);
  expect(store.executions.get(interrupted.id)).toMatchObject({ status: 'stopped' });
});

it('begins no second run of a job while its interrupted one has not gone on yet', () => {
  vaultState = 'unlocked';
  const interrupted = anExecution(connection, job);
  store.executions.insert(interrupted);
  const why = 'Its interrupted run goes on in a moment.';
  expect(jobs.rows()[0]?.cannotRun).toBe(why);
  expect(() => jobs.runNow(job.id)).toThrow(why);
  expect(store.executions.listOpen()).toEqual([interrupted]);
});

it('ends an interrupted run that cannot go on, with the reason, whatever the vault', () => {
  store.connections.save({ ...connection, state: { kind: 'revoked', since: connection.createdAt, remote: 'none' } });
  const interrupted = anExecution(connection, job);
  store.executions.insert(interrupted);
  jobs.resumeInterrupted();
  expect(store.executions.get(interrupted.id)).toMatchObject({ status: 'interrupted' });
  expect(store.logs.list(interrupted.id)[0]?.text).toBe(
    'The run was interrupted and does not go on: "S3" is revoked. Re-authorize it first.',
  );
});
