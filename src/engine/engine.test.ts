import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConnectorError } from './connectors.ts';
import type { ConnectionFacts } from './messages.ts';
import { aJob, aRecord, connectionFacts, expectedRows, FIELDS, field, TestBench, TestSource } from './testing/bench.ts';

let source: TestSource;
let facts: ConnectionFacts;
let bench: TestBench;

beforeEach(async () => {
  source = new TestSource();
  facts = connectionFacts('salesforce', await source.start());
  bench = await TestBench.open();
});

afterEach(async () => {
  await bench.remove();
  await source.stop();
});

const fill = (count: number): void => source.put(...Array.from({ length: count }, (_, index) => aRecord(index)));

describe('a full run', () => {
  it('leaves exactly the rows of the source', async () => {
    fill(450);
    const job = aJob();
    const finished = await bench.run(job, facts);
    expect(finished).toMatchObject({ status: 'success', failure: null, expected: 450 });
    expect(finished.counts).toMatchObject({ read: 450, inserted: 450, updated: 0, unchanged: 0, pages: 5 });
    expect(bench.rows(job)).toEqual(expectedRows(source));
    expect(bench.table(job)).toMatchObject({ rows: 450, gone: 0 });
  });

  it('writes nothing for rows that did not change, and counts each kind', async () => {
    fill(300);
    const job = aJob();
    await bench.run(job, facts);
    source.put(aRecord(5, { Name: 'Renamed' }), aRecord(6, { Size: null }), aRecord(1_000));
    const rowsBefore = bench.db.prepare('SELECT total_changes()').pluck().get() as number;
    const finished = await bench.run(job, facts);
    const written = (bench.db.prepare('SELECT total_changes()').pluck().get() as number) - rowsBefore;
    expect(finished.counts).toMatchObject({ read: 301, inserted: 1, updated: 2, unchanged: 298, gone: 0 });
    // Three rows and the bookkeeping of four pages; far from the 298 that did not change.
    expect(written).toBeLessThan(60);
    expect(bench.rows(job)).toEqual(expectedRows(source));
  });

  it('tells null from an empty text and 1 from 1.5 when it compares', async () => {
    const job = aJob();
    source.put(aRecord(1, { Name: null, Rate: 1 }));
    await bench.run(job, facts);
    for (const change of [
      { Name: '', Rate: 1 },
      { Name: '', Rate: 1.5 },
      { Name: null, Rate: 1.5 },
    ]) {
      source.put(aRecord(1, change));
      expect((await bench.run(job, facts)).counts.updated).toBe(1);
      expect(bench.rows(job)).toEqual(expectedRows(source));
    }
  });

  it('is not fooled by values that shift from one column to the next', async () => {
    const job = aJob({ mapping: [field('Id', 'text', true), field('A'), field('B')] });
    source.put(aRecord(1, { A: 'x\u001fy', B: 'z' }));
    await bench.run(job, facts);
    source.put(aRecord(1, { A: 'x', B: 'y\u001fz' }));
    expect((await bench.run(job, facts)).counts.updated).toBe(1);
  });

  it('marks rows that are gone, and takes them back when they return', async () => {
    fill(250);
    const job = aJob();
    await bench.run(job, facts);
    const kept = source.records.get(aRecord(7).Id);
    for (const index of [0, 7, 100, 249]) source.records.delete(aRecord(index).Id);
    expect((await bench.run(job, facts)).counts).toMatchObject({ gone: 4, unchanged: 246 });
    expect(bench.rows(job)).toEqual(expectedRows(source));
    expect(bench.table(job)).toMatchObject({ rows: 246, gone: 4 });
    if (kept) source.put(kept);
    expect((await bench.run(job, facts)).counts).toMatchObject({ gone: 0, updated: 1, unchanged: 246 });
    expect(bench.rows(job)).toEqual(expectedRows(source));
    expect(bench.table(job)).toMatchObject({ rows: 247, gone: 3 });
  });

  it('marks nothing as gone when a record could not be told by its key', async () => {
    fill(20);
    const job = aJob({ mapping: [field('Code', 'text', true), field('Id')], keyColumn: 'Code' });
    for (const record of source.records.values()) record.Code = record.Id;
    await bench.run(job, facts);
    source.put(aRecord(3, { Code: null }));
    source.records.delete(aRecord(4).Id);
    const finished = await bench.run(job, facts);
    expect(finished).toMatchObject({ status: 'partial_success', counts: { gone: 0, rejected: 1 } });
    expect(bench.log().join()).toContain('Rows that are gone were not marked');
  });

  it('rejects records one by one with a reason, and keeps the rows they had', async () => {
    fill(30);
    const job = aJob();
    await bench.run(job, facts);
    source.put(aRecord(3, { Size: 'large' }), aRecord(40, { Rate: 'NaN' }));
    const { id, finished } = bench.start(job, facts);
    expect(await finished).toMatchObject({
      status: 'partial_success',
      counts: { rejected: 2, gone: 0, unchanged: 29 },
    });
    const rejected = bench.db
      .prepare('SELECT record_key, reason, rejected_by FROM rejected WHERE run_id = ? ORDER BY n')
      .all(id);
    expect(rejected).toEqual([
      { record_key: aRecord(3).Id, reason: '"Size" is not a whole number.', rejected_by: 'mapping' },
      { record_key: aRecord(40).Id, reason: '"Rate" is not a number.', rejected_by: 'mapping' },
    ]);
  });

  it('counts a key that comes twice in one page once', async () => {
    source.put(aRecord(1, { Code: 'same' }), aRecord(2, { Code: 'same' }));
    const job = aJob({ mapping: [field('Code', 'text', true), field('Id')], keyColumn: 'Code' });
    expect((await bench.run(job, facts)).counts).toMatchObject({ read: 2, inserted: 1, updated: 1 });
    expect(bench.rows(job).size).toBe(1);
  });
});

describe('an incremental run', () => {
  it('reads what changed since the last one, ties at page borders included', async () => {
    source.pageSize = 10;
    const stamp = '2026-03-01T00:00:00.000Z';
    for (let index = 0; index < 35; index += 1) source.put(aRecord(index, { SystemModstamp: stamp }));
    const job = aJob({ mode: 'incremental' });
    expect((await bench.run(job, facts)).counts.inserted).toBe(35);
    source.put(
      aRecord(3, { Name: 'Changed at the same moment', SystemModstamp: stamp }),
      aRecord(99, { SystemModstamp: stamp }),
    );
    const again = await bench.run(job, facts);
    expect(again.counts).toMatchObject({ inserted: 1, updated: 1 });
    expect(bench.rows(job)).toEqual(expectedRows(source));
  });

  it('reads little when little changed', async () => {
    fill(500);
    const job = aJob({ mode: 'incremental' });
    await bench.run(job, facts);
    source.put(aRecord(0, { Name: 'New', SystemModstamp: '2026-02-01T00:00:00.000Z' }));
    const second = await bench.run(job, facts);
    expect(second.counts).toMatchObject({ updated: 1, gone: 0 });
    expect(second.counts.read).toBeLessThan(20);
    expect((await bench.run(job, facts)).counts).toMatchObject({ inserted: 0, updated: 0 });
  });

  it('finds a record that changed behind the reader while a pass was under way', async () => {
    fill(300);
    const job = aJob({ mode: 'incremental' });
    // The last record is younger than the change; a cursor at the greatest value met would skip it.
    source.onPage = (count) => {
      if (count !== 2) return;
      const now = Date.now();
      source.put(aRecord(1, { Name: 'Changed meanwhile', SystemModstamp: new Date(now).toISOString() }));
      source.put(aRecord(299, { SystemModstamp: new Date(now + 1).toISOString() }));
    };
    await bench.run(job, facts);
    expect(bench.rows(job).get(aRecord(1).Id)?.Name).toBe('Company 1');
    source.onPage = null;
    await bench.run(job, facts);
    expect(bench.rows(job)).toEqual(expectedRows(source));
  });

  it('looks back for records that became visible late', async () => {
    fill(50);
    const job = aJob({ mode: 'incremental', lookbackSeconds: 600 });
    await bench.run(job, facts);
    source.put(aRecord(900, { SystemModstamp: aRecord(20).SystemModstamp }));
    await bench.run(job, facts);
    expect(bench.rows(job)).toEqual(expectedRows(source));
  });

  it('reads everything again, and finds what is gone, when the mapping changed', async () => {
    fill(40);
    const job = aJob({ mode: 'incremental', mapping: FIELDS.slice(0, 3) });
    await bench.run(job, facts);
    source.records.delete(aRecord(2).Id);
    const wider = { ...job, mapping: FIELDS };
    const finished = await bench.run(wider, facts);
    expect(finished.counts).toMatchObject({ read: 39, updated: 39, gone: 1 });
    expect(bench.rows(wider)).toEqual(expectedRows(source));
    expect(bench.log().join()).toContain('Columns were added: Rate, Active, SystemModstamp.');
  });

  it('makes the table anew when the key or a type changed', async () => {
    fill(10);
    const job = aJob({ mapping: [field('Id', 'text', true), field('Size', 'integer')] });
    await bench.run(job, facts);
    const retyped = { ...job, mapping: [field('Id', 'text', true), field('Size', 'text')] };
    expect((await bench.run(retyped, facts)).counts.inserted).toBe(10);
    expect(bench.log().join()).toContain('made anew: "Size" has another type');
    expect(bench.rows(retyped).get(aRecord(3).Id)?.Size).toBe('3');
  });
});

describe('a run that meets failures', () => {
  it('goes on behind answers that fail passingly', async () => {
    fill(350);
    source.onPage = (count) => {
      if (count === 2) source.misbehave({ status: 503 }, { status: 200, drop: true });
    };
    const job = aJob();
    expect(await bench.run(job, facts)).toMatchObject({ status: 'success', counts: { read: 350 } });
    expect(bench.rows(job)).toEqual(expectedRows(source));
  });

  it('fails with a reason and says which connection lost its authorization', async () => {
    fill(300);
    source.onPage = (count) => {
      const dead = { status: 403, body: '[{"errorCode":"API_DISABLED_FOR_ORG","message":"no"}]' };
      if (count === 3) source.misbehave(dead, dead);
    };
    const job = aJob();
    const finished = await bench.run(job, facts);
    expect(finished).toMatchObject({ status: 'failed', failedConnection: facts.connectionId });
    expect(finished.failure?.class).toBe('licence_expired');
    expect(finished.failure?.advice).not.toBe('');
    expect(
      bench.messages.some((message) => message.type === 'lost' && message.connectionId === facts.connectionId),
    ).toBe(true);
  });

  it('fails the job and leaves the connection connected when the refusal concerns one object', async () => {
    fill(500);
    source.onPage = (count) => {
      if (count === 2) source.misbehave({ status: 400, body: '[{"errorCode":"INVALID_TYPE","message":"no"}]' });
    };
    const finished = await bench.run(aJob(), facts);
    expect(finished).toMatchObject({ status: 'failed', failure: { class: 'object_denied' } });
    expect(bench.messages.filter(({ type }) => type === 'lost')).toEqual([]);
  });

  it('asks the connection itself before a refusal for one object ends its authorization', async () => {
    fill(500);
    const dead = { status: 403, body: '[{"errorCode":"API_DISABLED_FOR_ORG","message":"no"}]' };
    source.onPage = (count) => {
      if (count === 2) source.misbehave(dead);
    };
    const finished = await bench.run(aJob(), facts);
    expect(finished).toMatchObject({ status: 'failed', failure: { class: 'object_denied' } });
    expect(finished.failure?.message).toContain('the system accepted another call of the connection');
    expect(bench.messages.filter(({ type }) => type === 'lost')).toEqual([]);
    source.onPage = null;
    source.misbehave(dead, dead);
    expect(await bench.run(aJob(), facts)).toMatchObject({ failure: { class: 'licence_expired' } });
    expect(bench.messages.filter(({ type }) => type === 'lost').length).toBe(1);
  });

  it('waits for a limit on concurrent requests, and says of a used-up day when it is over', async () => {
    fill(300);
    const refusal = (message: string) => JSON.stringify([{ errorCode: 'REQUEST_LIMIT_EXCEEDED', message }]);
    source.onPage = (count) => {
      if (count === 2)
        source.misbehave({
          status: 403,
          body: refusal('ConcurrentRequests (Concurrent API Requests) Limit exceeded.'),
        });
    };
    expect(await bench.run(aJob(), facts)).toMatchObject({ status: 'success', counts: { read: 300 } });
    source.onPage = null;
    const day = { status: 403, body: refusal('TotalRequests Limit exceeded.'), headers: { 'retry-after': '7200' } };
    source.misbehave(day);
    const asked = source.pages.length;
    const finished = await bench.run(aJob(), facts);
    expect(finished).toMatchObject({ status: 'failed', failure: { class: 'quota_exceeded' } });
    expect(finished.failure?.message).toMatch(
      /Salesforce counts those of the last 24 hours.* The job can run again from \d{4}-\d\d-\d\d \d\d:\d\d\.$/,
    );
    expect(source.pages.length - asked).toBe(1);
    expect(bench.messages.filter(({ type }) => type === 'lost')).toEqual([]);
  });

  it('is patient also with waits that make no sense', async () => {
    fill(300);
    const none = { status: 429, headers: { 'retry-after': '0' } };
    source.misbehave(none, none, none, none);
    expect(await bench.run(aJob(), facts)).toMatchObject({ status: 'success', counts: { read: 300 } });
  });

  it('loses no authorization to a vault that is locked', async () => {
    const locked = () => Promise.reject(new ConnectorError('credential_missing', 'The vault is locked.'));
    const refusing = await TestBench.open(undefined, { current: locked, renew: locked });
    expect(await refusing.run(aJob(), facts)).toMatchObject({
      status: 'failed',
      failure: { class: 'credential_missing' },
    });
    expect(refusing.messages.filter(({ type }) => type === 'lost')).toEqual([]);
    await refusing.remove();
  });

  it('never takes an authorization failure with no rows for a success', async () => {
    source.misbehave({
      status: 401,
      body: '[{"errorCode":"INVALID_SESSION_ID","message":"Session expired or invalid"}]',
    });
    const refusing = await TestBench.open(undefined, {
      current: () => Promise.reject(new ConnectorError('reauthorize_expired', 'The session ended.')),
      renew: () => Promise.reject(new ConnectorError('reauthorize_expired', 'The session ended.')),
    });
    expect(await refusing.run(aJob(), facts)).toMatchObject({
      status: 'failed',
      failure: { class: 'reauthorize_expired' },
    });
    await refusing.remove();
  });

  it('goes on from its checkpoint in the next run, with at most one page asked for again', async () => {
    fill(1_000);
    const job = aJob();
    source.onPage = (count) => {
      if (count === 6)
        source.misbehave({ status: 400, body: '[{"errorCode":"INVALID_FIELD","message":"no such field"}]' });
    };
    expect((await bench.run(job, facts)).status).toBe('failed');
    const asked = source.pages.length;
    const again = await bench.run(job, facts);
    expect(again).toMatchObject({ status: 'success' });
    expect(bench.rows(job)).toEqual(expectedRows(source));
    expect(
      source.pages.slice(asked).filter((page) => source.pages.slice(0, asked).includes(page)).length,
    ).toBeLessThanOrEqual(1);
    expect(again.counts.read).toBeLessThanOrEqual(600);
  });

  it('does not hold up other jobs', async () => {
    fill(400);
    const other = new TestSource();
    const broken = connectionFacts('salesforce', await other.start(), { connectionId: 'testbroken' as never });
    other.misbehave(...Array.from({ length: 100 }, () => ({ status: 400 })));
    const jobs = Array.from({ length: 4 }, () => aJob());
    const failing = bench.run(aJob(), broken);
    const ended = await Promise.all(jobs.map((job) => bench.run(job, facts)));
    expect(ended.map(({ status }) => status)).toEqual(['success', 'success', 'success', 'success']);
    expect((await failing).status).toBe('failed');
    for (const job of jobs) expect(bench.rows(job)).toEqual(expectedRows(source));
    await other.stop();
  });

  it('ends a source that repeats the same page for ever', async () => {
    source.misbehave(
      ...Array.from({ length: 50 }, () => ({
        status: 200,
        body: JSON.stringify({ done: false, nextRecordsUrl: '/services/data/v62.0/query/loop', records: [aRecord(1)] }),
      })),
    );
    const finished = await bench.run(aJob(), facts);
    expect(finished).toMatchObject({ status: 'failed', failure: { class: 'invalid_response' } });
    expect(source.pages.length).toBeLessThan(10);
  });
});

describe('stop and shutdown', () => {
  it('stops after the page at hand; the next run goes on behind it', async () => {
    fill(2_000);
    source.latencyMs = 5;
    const job = aJob();
    const { id, finished } = bench.start(job, facts);
    while (source.pages.length < 5) await new Promise((resolve) => setTimeout(resolve, 2));
    await bench.engine.stop(id as never);
    const stopped = await finished;
    expect(stopped).toMatchObject({ status: 'stopped', failure: null });
    expect(bench.rows(job).size).toBe(stopped.counts.inserted);
    source.latencyMs = 0;
    const rest = await bench.run(job, facts);
    expect(rest.counts.inserted + stopped.counts.inserted).toBe(2_000);
    expect(bench.rows(job)).toEqual(expectedRows(source));
  });

  it('interrupts runs at a shutdown and resumes them as the same activity', async () => {
    fill(2_000);
    source.latencyMs = 5;
    const job = aJob();
    const { id } = bench.start(job, facts);
    while (source.pages.length < 6) await new Promise((resolve) => setTimeout(resolve, 2));
    await bench.close();
    source.latencyMs = 0;
    const next = await TestBench.open(bench.folder);
    const finished = await next.run(job, facts, { activityId: id as never, isResumed: true });
    expect(finished).toMatchObject({ status: 'success', counts: { read: 2_000, inserted: 2_000, unchanged: 0 } });
    expect(next.rows(job)).toEqual(expectedRows(source));
    await next.close();
  });

  it('answers for a run that had ended before main heard of it', async () => {
    fill(20);
    const job = aJob();
    const { id, finished } = bench.start(job, facts);
    await finished;
    const asked = source.pages.length;
    const again = await bench.run(job, facts, { activityId: id as never, isResumed: true });
    expect(again).toMatchObject({ status: 'success', counts: { read: 20 } });
    expect(source.pages.length).toBe(asked);
  });

  it('reads everything again when the source has forgotten where it was', async () => {
    fill(500);
    const job = aJob();
    source.onPage = (count) => {
      if (count === 4) source.misbehave({ status: 400 });
    };
    await bench.run(job, facts);
    source.onPage = null;
    source.misbehave({ status: 404 });
    const finished = await bench.run(job, facts);
    expect(finished).toMatchObject({ status: 'success' });
    expect(bench.log().join()).toContain('no longer knows where the run was interrupted');
    expect(bench.rows(job)).toEqual(expectedRows(source));
  });

  it('removes everything of a job that is dropped, also while it runs', async () => {
    fill(2_000);
    source.latencyMs = 5;
    const job = aJob();
    const { finished } = bench.start(job, facts);
    while (source.pages.length < 3) await new Promise((resolve) => setTimeout(resolve, 2));
    await bench.engine.dropJob(job.id);
    expect((await finished).status).toBe('stopped');
    const names = bench.db.prepare("SELECT name FROM sqlite_schema WHERE name LIKE 'rows_%'").pluck().all();
    expect(names).toEqual([]);
    for (const table of ['passes', 'seen', 'runs', 'rejected', 'deliveries', 'job_tables'])
      expect(bench.db.prepare(`SELECT count(*) FROM ${table}`).pluck().get()).toBe(0);
  });
});
