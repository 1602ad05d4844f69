// The worker as a real process, driven by main's runner: crashes, restarts, access on demand, shutdown.
import { fork } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../../connectors/catalog.ts';
import { type BuiltEngine, buildEngine } from '../../../test/support/built-engine.ts';
import { aJob, aRecord, expectedRows, TestSource } from '../../engine/testing/bench.ts';
import type { Execution } from '../../shared/activity/activity.ts';
import { AppError } from '../../shared/app-error.ts';
import type { Job } from '../../shared/job/job.ts';
import { newActivityId } from '../../store/profile.ts';
import { aConnection, anExecution, aTenant } from '../../store/testing/records.ts';
import { SecretMask } from '../vault/masking.ts';
import { JobRunner, type RunnerPorts } from './runner.ts';
import type { RunOrder } from './service.ts';
import type { WorkerProcess } from './worker-process.ts';

let built: BuiltEngine;
let source: TestSource;
let profile: string;
let runner: JobRunner;
let kill: () => void;
let hang: () => void;
let starts: number;
let seen: {
  executions: Execution[];
  log: string[];
  lost: { id: string; message: string }[];
  notices: string[];
  asked: (string | null)[];
  unsaved: unknown[];
  replaced: number;
};
let token: string;

beforeAll(async () => {
  built = await buildEngine(['worker', 'network-thread']);
}, 120_000);
afterAll(() => built.remove());

function start(): WorkerProcess {
  const child = fork(built.worker, { serialization: 'advanced', stdio: 'inherit' });
  starts += 1;
  kill = () => void child.kill('SIGKILL');
  hang = () => void child.kill('SIGSTOP');
  return {
    post: (message) => void (child.connected && child.send(message as never)),
    onMessage: (listener) => void child.on('message', listener),
    onExit: (listener) => void child.on('exit', listener),
    kill: () => void child.kill('SIGKILL'),
  };
}

const access = (fingerprint: string) => ({
  credentials: { accessToken: new Secret(token) },
  expiresAtMs: null,
  learned: {},
  fingerprint,
  ageMs: () => null,
});

function makeRunner(change: Partial<RunnerPorts> = {}): JobRunner {
  return new JobRunner({
    fork: start,
    profile,
    networkThread: built.networkThread,
    access: {
      async current() {
        seen.asked.push(null);
        return access('first');
      },
      async renew(_id, refused) {
        seen.asked.push(refused);
        token = 'second';
        return access('second');
      },
    },
    network: () => ({}),
    proxyFor: async () => null,
    onExecution: (execution) => seen.executions.push(execution),
    onLog: (_id, lines) => seen.log.push(...lines.map(({ text }) => text)),
    onLost: (id, { message }) => seen.lost.push({ id, message }),
    onNotice: (text) => seen.notices.push(text),
    onCacheReplaced: () => {
      seen.replaced += 1;
    },
    onUnsaved: (error) => seen.unsaved.push(error),
    mask: (text) => text,
    log: () => undefined,
    now: () => new Date().toISOString(),
    ...change,
  });
}

beforeEach(async () => {
  profile = mkdtempSync(path.join(os.tmpdir(), 'pb-worker-'));
  source = new TestSource();
  seen = { executions: [], log: [], lost: [], notices: [], asked: [], unsaved: [], replaced: 0 };
  starts = 0;
  token = 'first';
  runner = makeRunner();
});
afterEach(async () => {
  await runner.shutdown();
  await source.stop();
  rmSync(profile, { recursive: true, force: true });
});

let baseUrl: string;
beforeEach(async () => {
  baseUrl = await source.start();
});

function order(job: Job, change: Partial<RunOrder> = {}): RunOrder {
  const connection = aConnection(aTenant().id, {
    id: job.connectionId,
    connectorId: 'salesforce' as never,
    overrides: { apiBaseUrl: baseUrl, allowPrivateNetwork: true },
  });
  const execution = anExecution(connection, job, { id: newActivityId(Date.now()) as never });
  return { execution, job, connection, destination: null, isResumed: false, ...change };
}

const fill = (count: number): void => source.put(...Array.from({ length: count }, (_, index) => aRecord(index)));
const until = async (isTrue: () => boolean, ms = 60_000): Promise<void> => {
  const end = performance.now() + ms;
  while (!isTrue()) {
    if (performance.now() > end) throw new Error('It did not happen in time.');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};
const ended = (id: string) => seen.executions.find((execution) => execution.id === id && execution.endedAt !== null);

function rows(job: Job): Map<string, unknown> {
  const db = new Database(path.join(profile, 'data', 'cache.db'), { readonly: true });
  const all = db.prepare(`SELECT * FROM "rows_${job.id}" WHERE _gone = 0`).all() as Record<string, unknown>[];
  db.close();
  return new Map(all.map(({ _id, _gone, ...row }) => [String(row.Id), row]));
}

describe('the worker process', () => {
  it('runs a job with an access it asked for, and reports progress at most four times a second', async () => {
    fill(3_000);
    source.latencyMs = 20;
    const job = aJob();
    const one = order(job);
    runner.start(one);
    expect(runner.isRunning(job.id)).toBe(true);
    await until(() => ended(one.execution.id) !== undefined);
    expect(ended(one.execution.id)).toMatchObject({ status: 'success', counts: { inserted: 3_000 }, waitingFor: null });
    expect(rows(job)).toEqual(expectedRows(source));
    expect(seen.asked).toEqual([null]);
    const { durationMs } = ended(one.execution.id) ?? { durationMs: 0 };
    expect(seen.executions.length).toBeLessThanOrEqual(durationMs / 250 + 3);
    expect(runner.running()).toEqual([]);
  });

  it('asks for another access when the system refuses the one it has, and goes on', async () => {
    fill(500);
    source.onPage = (count) => {
      if (count === 3)
        source.misbehave({ status: 401, body: '[{"errorCode":"INVALID_SESSION_ID","message":"expired"}]' });
    };
    const one = order(aJob());
    runner.start(one);
    await until(() => ended(one.execution.id) !== undefined);
    expect(ended(one.execution.id)?.status).toBe('success');
    expect(seen.asked).toEqual([null, 'first']);
  });

  it('is started again when it is killed, and its run goes on as the same activity', async () => {
    fill(4_000);
    source.latencyMs = 10;
    const job = aJob();
    const one = order(job);
    runner.start(one);
    for (const pages of [5, 15]) {
      await until(() => source.pages.length >= pages);
      kill();
      await until(() => starts === (pages === 5 ? 2 : 3));
    }
    await until(() => ended(one.execution.id) !== undefined);
    expect(ended(one.execution.id)).toMatchObject({ status: 'success', counts: { read: 4_000, inserted: 4_000 } });
    expect(rows(job)).toEqual(expectedRows(source));
    expect(source.pages.length).toBeLessThanOrEqual(42);
    expect(seen.log.filter((text) => text.includes('ended unexpectedly')).length).toBe(2);
  });

  it('pauses behind the third crash within a minute and says so; the next run starts it again', async () => {
    fill(4_000);
    source.latencyMs = 30;
    const job = aJob();
    const one = order(job);
    runner.start(one);
    for (let crash = 1; crash <= 3; crash += 1) {
      const pages = source.pages.length;
      await until(() => source.pages.length > pages);
      kill();
      if (crash < 3) await until(() => starts === crash + 1);
    }
    await until(() => ended(one.execution.id) !== undefined);
    expect(ended(one.execution.id)).toMatchObject({ status: 'failed', failure: { class: 'worker_crashed' } });
    expect(seen.notices.join()).toContain('three times within a minute');
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    expect(starts).toBe(3);
    source.latencyMs = 0;
    const two = order(job);
    runner.start(two);
    await until(() => ended(two.execution.id) !== undefined);
    expect(ended(two.execution.id)?.status).toBe('success');
    expect(rows(job)).toEqual(expectedRows(source));
  });

  it('closes in the middle of runs, which the next start resumes', async () => {
    fill(4_000);
    source.latencyMs = 20;
    const jobs = [aJob(), aJob()];
    const orders = jobs.map((job) => order(job));
    for (const one of orders) runner.start(one);
    await until(() => source.pages.length >= 6);
    await runner.shutdown();
    expect(orders.every(({ execution }) => ended(execution.id) === undefined)).toBe(true);
    source.latencyMs = 0;
    runner = makeRunner();
    for (const one of orders) runner.start({ ...one, isResumed: true });
    await until(() => orders.every(({ execution }) => ended(execution.id) !== undefined));
    for (const [at, job] of jobs.entries()) {
      expect(ended(orders[at]?.execution.id ?? '')).toMatchObject({ status: 'success', counts: { inserted: 4_000 } });
      expect(rows(job)).toEqual(expectedRows(source));
    }
  });

  it('stops a run, drops a job and reports a lost authorization', async () => {
    fill(4_000);
    source.latencyMs = 10;
    const job = aJob();
    const one = order(job);
    runner.start(one);
    await until(() => source.pages.length >= 3);
    await runner.stop(one.execution.id, 'It was stopped by hand.');
    expect(ended(one.execution.id)).toMatchObject({ status: 'stopped', failure: null });
    expect(seen.log).toContain('It was stopped by hand.');
    await runner.dropJob(job.id);
    expect(() => rows(job)).toThrow('no such table');
    const dead = { status: 403, body: '[{"errorCode":"API_DISABLED_FOR_ORG","message":"no"}]' };
    source.misbehave(dead, dead);
    const two = order(aJob());
    runner.start(two);
    await until(() => ended(two.execution.id) !== undefined);
    expect(ended(two.execution.id)).toMatchObject({ status: 'failed', failure: { class: 'licence_expired' } });
    expect(seen.lost.map(({ id }) => id)).toEqual([two.connection.id]);
  });

  it('marks the rows that a person has agreed to, and none of a finding that is not the last one', async () => {
    fill(100);
    const job = aJob();
    const first = order(job);
    runner.start(first);
    await until(() => ended(first.execution.id) !== undefined);
    source.records.clear();
    const second = order(job);
    runner.start(second);
    await until(() => ended(second.execution.id) !== undefined);
    expect(ended(second.execution.id)).toMatchObject({ status: 'partial_success', counts: { gone: 0, missing: 100 } });
    expect(await runner.markMissing(job.id, { finding: first.execution.id, rows: 100 })).toBeNull();
    expect(await runner.markMissing(job.id, { finding: second.execution.id, rows: 100 })).toBe(100);
    expect(await runner.markMissing(job.id, { finding: second.execution.id, rows: 100 })).toBeNull();
  });

  it('ends a run as failed, with the cause, when its connection was lost elsewhere', async () => {
    fill(4_000);
    source.latencyMs = 10;
    const one = order(aJob());
    runner.start(one);
    await until(() => source.pages.length >= 3);
    const failure = { class: 'reauthorize_expired', message: 'The grant is gone.', advice: 'Re-authorize.' } as const;
    await runner.stop(one.execution.id, 'The connection was disconnected.', failure);
    expect(ended(one.execution.id)).toMatchObject({ status: 'failed', failure });
    expect(ended(one.execution.id)?.counts.inserted).toBeGreaterThan(0);
    expect(seen.log).toContain('The connection was disconnected.');
  });

  it('ends a run whose worker hangs all the same, and the other runs go on in the next worker', async () => {
    runner = makeRunner({ stopMs: 300 });
    fill(4_000);
    source.latencyMs = 10;
    const [one, other] = [order(aJob()), order(aJob())];
    runner.start(one);
    runner.start(other);
    await until(() => source.pages.length >= 6);
    hang();
    await runner.stop(one.execution.id, 'The connection was revoked.');
    expect(ended(one.execution.id)).toMatchObject({ status: 'stopped' });
    await until(() => ended(other.execution.id) !== undefined);
    expect(ended(other.execution.id)).toMatchObject({ status: 'success', failure: null });
    expect(starts).toBe(2);
  });

  it('goes on while nothing it reports can be saved, can be stopped, and reports the end once that works again', async () => {
    fill(4_000);
    source.latencyMs = 10;
    let isFull = false;
    const full = new AppError('disk_full', 'The disk is full.');
    const throwing = (save: () => void): void => {
      if (isFull) throw full;
      save();
    };
    runner = makeRunner({
      onExecution: (execution) => throwing(() => seen.executions.push(execution)),
      onLog: (_id, lines) => throwing(() => seen.log.push(...lines.map(({ text }) => text))),
    });
    const [one, two] = [order(aJob()), order(aJob())];
    for (const each of [one, two]) runner.start(each);
    await until(() => source.pages.length >= 3);
    isFull = true;
    await runner.stop(one.execution.id, 'It was stopped by hand.');
    await until(() => !runner.isRunning(two.job.id));
    expect(seen.executions.filter(({ endedAt }) => endedAt !== null)).toEqual([]);
    expect(seen.unsaved).toEqual([full]);
    isFull = false;
    await until(() => seen.unsaved.length === 2);
    expect(seen.unsaved[1]).toBeNull();
    expect(ended(one.execution.id)).toMatchObject({ status: 'stopped' });
    expect(ended(two.execution.id)).toMatchObject({ status: 'success', counts: { inserted: 4_000 } });
    expect(seen.log).toContain('It was stopped by hand.');
  });

  it('takes every live secret out of what a system repeats, whatever its form', async () => {
    // Not one that the worker was given: those it takes out itself.
    const secret = 'refresh-token-canary';
    const known = new SecretMask();
    known.register(secret);
    const hex = Buffer.from(secret).toString('hex');
    runner = makeRunner({ mask: (text) => known.mask(text), log: (text) => seen.log.push(text) });
    source.misbehave({ status: 400, body: `[{"errorCode":"NOT_${hex}","message":"not with ${hex}"}]` });
    const one = order(aJob());
    runner.start(one);
    await until(() => ended(one.execution.id) !== undefined);
    expect(ended(one.execution.id)?.failure?.message).toContain('NOT_[redacted]');
    expect(JSON.stringify([seen.executions, seen.log])).not.toContain(hex);
  });

  it('repairs a cache that turns out to be damaged, and its runs go on as the same activities', async () => {
    fill(4_000);
    const job = aJob();
    const first = order(job);
    runner.start(first);
    await until(() => ended(first.execution.id) !== undefined);
    await runner.shutdown();
    const file = path.join(profile, 'data', 'cache.db');
    const db = new Database(file);
    const root = db
      .prepare('SELECT rootpage FROM sqlite_schema WHERE name = ?')
      .pluck()
      .get(`rows_${job.id}`) as number;
    const page = db.pragma('page_size', { simple: true }) as number;
    db.pragma('wal_checkpoint(TRUNCATE)');
    db.close();
    const handle = openSync(file, 'r+');
    writeSync(handle, Buffer.alloc(page, 0xff), 0, page, (root - 1) * page);
    closeSync(handle);
    runner = makeRunner();
    const two = order(job);
    runner.start(two);
    await until(() => ended(two.execution.id) !== undefined);
    expect(ended(two.execution.id)).toMatchObject({ status: 'success', counts: { read: 4_000, inserted: 4_000 } });
    expect(rows(job)).toEqual(expectedRows(source));
    expect(seen.notices).toEqual([expect.stringContaining('The record cache was damaged and was put aside.')]);
    expect(seen.log.join()).toContain('The record cache is damaged.');
    expect(seen.replaced).toBe(2);
    expect(readdirSync(path.join(profile, 'data', 'quarantine')).length).toBeGreaterThan(0);
  });

  it('says why it cannot work when its file is of a newer version, and changes nothing', async () => {
    fill(10);
    runner.start(order(aJob()));
    await until(() => seen.executions.some(({ endedAt }) => endedAt !== null));
    await runner.shutdown();
    const file = path.join(profile, 'data', 'cache.db');
    const db = new Database(file);
    db.pragma('user_version = 9999');
    db.close();
    runner = makeRunner();
    const one = order(aJob());
    runner.start(one);
    await until(() => ended(one.execution.id) !== undefined);
    expect(ended(one.execution.id)).toMatchObject({ status: 'failed' });
    expect(ended(one.execution.id)?.failure?.message).toContain('newer version');
  });
});
