import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Execution } from '../../shared/activity/activity.ts';
import type { ActivityId, ConnectionId, TenantId } from '../../shared/ids.ts';
import { foldForSearch } from '../../shared/search-fold.ts';
import { closeDatabase, inTransaction, openDatabase, type WritableDb } from '../database.ts';
import { migrate } from '../migrate.ts';
import { HISTORY_MIGRATIONS } from '../migrations.ts';
import { newActivityId, newId } from '../profile.ts';
import { aConnection, aJob, anExecution, anUpdate } from '../testing/records.ts';
import { ConnectionHealth } from './connection-health.ts';
import { ExecutionLogRepository, FIRST_LINES, LAST_LINES } from './execution-logs.ts';
import { causeText } from './execution-rows.ts';
import { statusesNamed, triggersNamed } from './execution-search.ts';
import { ExecutionRepository } from './executions.ts';
import { HistoryRemoval } from './history-removal.ts';
import { UpdateRepository } from './updates.ts';

const TENANT = newId() as TenantId;
const NOON = Date.parse('2026-03-01T12:00:00.000Z');
const at = (ms: number): string => new Date(ms).toISOString();
const crm = aConnection(TENANT, { name: 'Salesforce 100%_"CRM"' });
const desk = aConnection(TENANT, { name: 'Zendesk Straße' });
const accounts = aJob(crm, { name: 'Accounts' });
const contacts = aJob(crm, { name: 'Contacts' });
const tickets = aJob(desk, { name: 'Tickets' });

let folder: string;
let db: WritableDb;
let executions: ExecutionRepository;
let updates: UpdateRepository;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pb-history-'));
  db = openDatabase(join(folder, 'history.db'), 'history');
  migrate(db, HISTORY_MIGRATIONS);
  const report = (table: string, id: string, error: unknown): void => {
    throw new Error(`${table} ${id}`, { cause: error });
  };
  executions = new ExecutionRepository(db, report);
  updates = new UpdateRepository(db, report);
});

afterEach(() => {
  closeDatabase(db);
  rmSync(folder, { recursive: true, force: true });
});

function ended(
  change: Partial<Execution> & { connection?: typeof crm; job?: typeof accounts; minute: number },
): Execution {
  const { connection = crm, job = accounts, minute, ...rest } = change;
  const startedAt = at(NOON + minute * 60_000);
  const failure =
    rest.status === 'failed' ? ({ class: 'timeout', message: 'It timed out', advice: 'Try again.' } as const) : null;
  const execution = anExecution(connection, job, {
    startedAt,
    endedAt: at(NOON + minute * 60_000 + 30_000),
    status: 'success',
    failure,
    ...rest,
  });
  executions.insert(execution);
  return execution;
}

const page = (query: Partial<Parameters<ExecutionRepository['list']>[0]> = {}) =>
  executions.list({ tenantId: TENANT, offset: 0, limit: 50, ...query });
const ids = (list: readonly { id: ActivityId }[]) => list.map(({ id }) => id);

describe('an execution', () => {
  it('is the same at its start, while it works and at its end, with every count', () => {
    const started = anExecution(crm, accounts);
    executions.insert(started);
    expect(executions.get(started.id)).toEqual(started);
    expect(executions.listOpen()).toEqual([started]);
    const counts = {
      read: 1,
      inserted: 2,
      updated: 3,
      unchanged: 4,
      gone: 5,
      rejected: 6,
      delivered: 7,
      refused: 8,
      unread: 11,
      missing: 12,
      stillRejected: 13,
      pages: 9,
      bytes: 2 ** 40,
    };
    const waiting: Execution = {
      ...started,
      status: 'waiting',
      waitingFor: 'the rate limit, until 12:05',
      durationMs: 1500,
      expected: 100,
      counts,
    };
    executions.update(waiting);
    expect(executions.get(started.id)).toEqual(waiting);
    const failure = {
      class: 'server_error',
      message: 'Status 500',
      advice: 'Wait.',
      status: 500,
      vendorCode: 'X',
    } as const;
    const failed: Execution = { ...waiting, status: 'failed', waitingFor: null, endedAt: at(NOON), failure };
    executions.finish(failed);
    expect(executions.get(started.id)).toEqual(failed);
    expect(executions.listOpen()).toEqual([]);
    expect(() => executions.update({ ...failed, id: newActivityId(NOON) as ActivityId })).toThrow(
      'This activity no longer exists.',
    );
  });

  it('keeps the names it had when its connection is renamed', () => {
    const before = ended({ minute: 0 });
    const after = ended({ minute: 1, connection: { ...crm, name: 'Renamed' } });
    expect(page().executions.map(({ connectionName }) => connectionName)).toEqual(['Renamed', crm.name]);
    expect(ids(page({ connectionId: crm.id }).executions)).toEqual([after.id, before.id]);
  });
});

describe('pages', () => {
  it('come newest first, with the total, from either end', () => {
    const all = Array.from({ length: 25 }, (_, minute) => ended({ minute })).reverse();
    const seen = [0, 10, 20].flatMap((offset) => ids(page({ offset, limit: 10 }).executions));
    expect(seen).toEqual(ids(all));
    expect(page({ offset: 20, limit: 10 })).toMatchObject({ total: 25 });
    expect(page({ offset: 25, limit: 10 })).toEqual({ executions: [], total: 25 });
    expect(page({ offset: 1_000_000_000, limit: 500 })).toEqual({ executions: [], total: 25 });
  });

  it('belong to one tenant', () => {
    ended({ minute: 0 });
    const elsewhere = aConnection(newId() as TenantId);
    ended({ minute: 1, connection: elsewhere, job: aJob(elsewhere) });
    expect(page().total).toBe(1);
    expect(page({ search: 'account' }).total).toBe(1);
    expect(executions.list({ tenantId: newId() as TenantId, offset: 0, limit: 5 })).toEqual({
      executions: [],
      total: 0,
    });
  });

  it('answer the same as a scan of everything, for any filter', () => {
    const statuses = ['success', 'failed', 'partial_success', 'stopped', 'running'] as const;
    const all: Execution[] = [];
    const failures = [
      { class: 'reauthorize_expired', message: 'It refused (HTTP 400).', advice: 'Wait.', vendorCode: 'invalid_grant' },
      { class: 'timeout', message: 'ÄGYPTEN and МОСКВА do not answer', advice: 'Wait.' },
      { class: 'timeout', message: 'Zendesk timed out', advice: 'Wait.' },
    ] as const;
    for (let minute = 0; minute < 120; minute += 1) {
      const [connection, job] = (
        [
          [crm, accounts],
          [crm, contacts],
          [desk, tickets],
        ] as const
      )[minute % 3] ?? [crm, accounts];
      const status = statuses[(minute * 7) % 5] ?? 'success';
      const trigger = (['manual', 'schedule', 'resumed'] as const)[minute % 11 === 0 ? 2 : minute % 2] ?? 'manual';
      const failure = status === 'failed' ? failures[minute % 4] : null;
      const isOpen = status === 'running' ? { endedAt: null } : {};
      all.unshift(ended({ minute, connection, job, status, trigger, ...isOpen, ...(failure ? { failure } : {}) }));
    }
    const since = NOON + 60 * 60_000;
    const optional = <T>(...values: T[]) => fc.constantFrom<T | undefined>(undefined, ...values);
    fc.assert(
      fc.property(
        optional(crm.id, desk.id),
        optional(accounts.id, tickets.id),
        optional(...statuses, 'interrupted' as const),
        optional(
          '',
          'zen',
          'ZENDESK',
          'strasse',
          'STRASSE',
          '%',
          '_',
          '100%',
          '"',
          'a',
          'nothing like it',
          'unts',
          '* OR',
          "'; --",
          'invalid_grant',
          'ägypten',
          'москва',
          'timed',
          'fail',
          'FAILED',
          'partial success',
          'success',
          'run now',
          'schedule',
          'resumed',
        ),
        fc.boolean(),
        fc.nat(130),
        fc.integer({ min: 1, max: 60 }),
        (connectionId, jobId, status, search, failedOnly, offset, limit) => {
          const text = foldForSearch((search ?? '').trim());
          const says = (one: Execution): boolean =>
            text === '' ||
            [one.connectionName, one.jobName, one.sourceObject, one.destination].some((name) =>
              foldForSearch(name).includes(text),
            ) ||
            (one.failure !== null && causeText(one.failure).includes(text)) ||
            statusesNamed(text).includes(one.status) ||
            triggersNamed(text).includes(one.trigger);
          const expected = all.filter(
            (one) =>
              (connectionId === undefined || one.connectionId === connectionId) &&
              (jobId === undefined || one.jobId === jobId) &&
              (status === undefined || one.status === status) &&
              (!failedOnly || (one.status === 'failed' && Date.parse(one.endedAt ?? '') >= since)) &&
              says(one),
          );
          const query = {
            connectionId,
            jobId,
            status,
            search,
            offset,
            limit,
            ...(failedOnly ? { failedSinceMs: since } : {}),
          };
          const found = page(query);
          expect(found.total).toBe(expected.length);
          expect(ids(found.executions)).toEqual(ids(expected.slice(offset, offset + limit)));
        },
      ),
      { numRuns: 600 },
    );
  });

  it('understand no search text as an operator or a wildcard: 500 hostile ones find nothing and raise nothing', () => {
    ended({ minute: 0 });
    const hostile = fc.oneof(
      fc.constantFrom(
        '"',
        '""',
        '*',
        'a*',
        'NOT x',
        'NEAR(a b)',
        'x AND y',
        'search_text:x',
        '^abc',
        '{a b}:c',
        '%%%',
        '___',
        "' OR 1=1 --",
        '\0',
        'abc\0def',
        ');--',
        '\u202eabc',
      ),
      fc.string({ unit: 'binary', minLength: 3, maxLength: 300 }),
    );
    const names = foldForSearch([crm.name, accounts.name, 'Account', 'Company'].join('\n'));
    fc.assert(
      fc.property(hostile, (search) => {
        const expected = names.includes(foldForSearch(search.trim())) ? 1 : 0;
        expect(page({ search }).total).toBe(expected);
        expect(updates.list({ tenantId: TENANT, offset: 0, limit: 1, search }).total).toBe(0);
      }),
      { numRuns: 500 },
    );
  });
});

describe('what the Connections page shows of the history', () => {
  it('counts failures of the last 24 hours by connection with the most frequent cause', () => {
    const day = 24 * 60;
    ended({ minute: -day - 1, status: 'failed' });
    ended({ minute: -10, status: 'failed', failure: { class: 'timeout', message: 'Rare', advice: '' } });
    ended({ minute: -9, status: 'failed' });
    ended({ minute: -8, status: 'failed', job: contacts });
    ended({ minute: -7, connection: desk, job: tickets });
    expect(executions.failedSince(TENANT, NOON - day * 60_000)).toEqual(
      new Map([[crm.id, { count: 3, cause: 'It timed out' }]]),
    );
    expect(page({ failedSinceMs: NOON - day * 60_000, connectionId: crm.id }).total).toBe(3);
  });

  it('lets a failure go when a later run of the same job has succeeded, in the count, in its cause and in the page', () => {
    const sinceMs = NOON - 24 * 60 * 60_000;
    const health = new ConnectionHealth(db);
    const standing = () => ({
      count: health.failures(TENANT, sinceMs).get(crm.id) ?? 0,
      cause: health.causes(TENANT, [crm.id], sinceMs).get(crm.id) ?? null,
      page: page({ failedSinceMs: sinceMs, onlyStanding: true, connectionId: crm.id }).total,
    });
    const because = (message: string) => ({ failure: { class: 'timeout', message, advice: '' } as const });
    ended({ minute: -30, status: 'failed', ...because('Before') });
    ended({ minute: -20, status: 'failed', ...because('Before') });
    expect(standing()).toEqual({ count: 2, cause: 'Before', page: 2 });
    ended({ minute: -15 });
    expect(standing()).toEqual({ count: 0, cause: null, page: 0 });
    ended({ minute: -10, status: 'failed', ...because('After') });
    expect(standing()).toEqual({ count: 1, cause: 'After', page: 1 });
    ended({ minute: -5, status: 'failed', job: contacts, ...because('After') });
    ended({ minute: -2 });
    expect(standing()).toEqual({ count: 1, cause: 'After', page: 1 });
  });

  it('knows the newest run and the age of the data, by job and by connection, whatever order they ended in', () => {
    ended({ minute: 0 });
    const failed = ended({ minute: 10, status: 'failed' });
    const late = anExecution(crm, contacts, { startedAt: at(NOON + 5 * 60_000) });
    executions.insert(late);
    expect(executions.latestByJob(TENANT).get(contacts.id)).toMatchObject({
      activityId: late.id,
      status: 'running',
      dataAsOf: null,
    });
    executions.finish({ ...late, status: 'partial_success', endedAt: at(NOON + 20 * 60_000) });
    ended({ minute: -60 });
    expect(executions.latestByJob(TENANT).get(accounts.id)).toEqual({
      jobId: accounts.id,
      connectionId: crm.id,
      activityId: failed.id,
      status: 'failed',
      startedAt: failed.startedAt,
      dataAsOf: at(NOON + 30_000),
    });
    expect(executions.latestByConnection(TENANT).get(crm.id)).toMatchObject({
      activityId: failed.id,
      dataAsOf: at(NOON + 20 * 60_000),
    });
    const all = executions.latestByJob(TENANT);
    expect(executions.latestByJob(TENANT, [contacts.id])).toEqual(new Map([[contacts.id, all.get(contacts.id)]]));
    expect(executions.latestByJob(TENANT, [])).toEqual(new Map());
    expect(executions.latestByConnection(TENANT).get(desk.id)).toBeUndefined();
    expect(executions.countOfConnection(crm.id)).toBe(4);
  });
});

describe('log lines', () => {
  it('keep the first and the last ones and say how many are not kept', () => {
    const logs = new ExecutionLogRepository(db);
    const execution = ended({ minute: 0 });
    for (let n = 1; n <= 3_000; n += 1)
      logs.append(execution.id, [{ at: at(NOON + n), text: `line ${n}${n === 1 ? 'x'.repeat(5_000) : ''}` }]);
    const lines = logs.list(execution.id);
    expect(lines).toHaveLength(FIRST_LINES + LAST_LINES + 1);
    expect(lines[0]?.text).toHaveLength(2_000);
    expect(lines[FIRST_LINES]?.text).toBe('2000 lines are not kept.');
    expect(lines.at(-1)).toEqual({ at: at(NOON + 3_000), text: 'line 3000' });
  });

  it('of an execution that is gone are dropped', () => {
    const logs = new ExecutionLogRepository(db);
    logs.append(newActivityId(NOON) as ActivityId, [{ at: at(NOON), text: 'late' }]);
    expect(db.prepare('SELECT count(*) FROM log_lines').pluck().get()).toBe(0);
  });
});

describe('updates', () => {
  it('come newest first, by tenant, connection and text', () => {
    const first = anUpdate(crm, 'Connection created', { at: at(NOON), by: 'Ada' });
    const second = anUpdate(desk, 'Connection revoked', { at: at(NOON + 1), by: 'Grace' });
    const third = anUpdate(crm, 'Tenant edited', { at: at(NOON + 2), connectionId: null });
    updates.insertAll([first, second, third]);
    updates.insertAll([first]);
    const list = (query: object) => updates.list({ tenantId: TENANT, offset: 0, limit: 10, ...query });
    expect(list({})).toEqual({ updates: [third, second, first], total: 3 });
    expect(list({ connectionId: crm.id }).updates).toEqual([first]);
    expect(list({ search: 'REVOKED' }).updates).toEqual([second]);
    expect(list({ search: 'ad' }).updates).toEqual([third, first]);
    expect(list({ search: 'created', connectionId: crm.id })).toEqual({ updates: [first], total: 1 });
    expect(list({ search: '%' }).total).toBe(2);
    expect(list({ search: 'STRASSE' }).updates).toEqual([second]);
    expect(list({ offset: 1, limit: 1 })).toEqual({ updates: [second], total: 3 });
  });
});

it('a removed connection takes its activities, log lines and updates with it, and nothing else', async () => {
  inTransaction(db, () => {
    for (let minute = 0; minute < 5_000; minute += 1)
      ended({ minute, ...(minute % 50 === 0 ? { status: 'failed' } : {}) });
  });
  const kept = ended({ minute: 0, connection: desk, job: tickets });
  updates.insertAll([anUpdate(crm, 'Connection created'), anUpdate(desk, 'Connection created')]);
  expect(await new HistoryRemoval(db).ofConnection(crm.id)).toBe(5_000);
  expect(page()).toEqual({ executions: [kept], total: 1 });
  expect(page({ search: 'salesforce' }).total).toBe(0);
  expect(page({ search: 'timed out' }).total).toBe(0);
  expect(db.prepare('SELECT count(*) FROM causes').pluck().get()).toBe(0);
  expect(executions.latestByConnection(TENANT).has(crm.id as ConnectionId)).toBe(false);
  expect(updates.list({ tenantId: TENANT, offset: 0, limit: 10 }).total).toBe(1);
  await new HistoryRemoval(db).ofTenant(TENANT);
  expect(page()).toEqual({ executions: [], total: 0 });
  expect(
    db
      .prepare(
        'SELECT (SELECT count(*) FROM subjects) + (SELECT count(*) FROM tallies) + (SELECT count(*) FROM search_tallies) + (SELECT count(*) FROM updates)',
      )
      .pluck()
      .get(),
  ).toBe(0);
  db.exec("INSERT INTO subjects_search (subjects_search) VALUES ('integrity-check')");
  db.exec("INSERT INTO updates_search (updates_search) VALUES ('integrity-check')");
  db.exec("INSERT INTO causes_search (causes_search) VALUES ('integrity-check')");
});
