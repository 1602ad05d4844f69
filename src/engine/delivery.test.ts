import http from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { practiceById, type RunningPractice } from '../../connectors/practice/catalog.ts';
import { activityIdSchema, connectionIdSchema } from '../shared/ids.ts';
import type { Job } from '../shared/job/job.ts';
import { DeliveryQueue } from '../store/cache/deliveries.ts';
import { RunLedger } from '../store/cache/ledger.ts';
import { inTransaction } from '../store/database.ts';
import { type AccessProvider, ConnectorError, connectorById, type Destination, Secret } from './connectors.ts';
import { Delivery } from './delivery.ts';
import type { ConnectionFacts, RunSpec } from './messages.ts';
import { RunState } from './run-state.ts';
import { aJob, aRecord, connectionFacts, field, TestBench, TestSource } from './testing/bench.ts';

const KEY = 'SFDC_Account_ID__gc';
const MAPPING = [
  { ...field(KEY, 'text', true), from: { kind: 'direct' as const, path: 'Id' } },
  field('Name'),
  field('Industry'),
];

/** Stands before the destination and loses answers: the request arrives, the sender never hears of it. */
class LossyLine {
  readonly #target: string;
  #server: http.Server | null = null;
  /** Numbers of the calls whose answer is lost, from 1 on. */
  lost = new Set<number>();
  isDown = false;
  calls = 0;

  constructor(target: string) {
    this.#target = target;
  }

  async start(): Promise<string> {
    const server = http.createServer((request, response) => {
      this.calls += 1;
      const number = this.calls;
      if (this.isDown) {
        response.writeHead(404).end();
        return;
      }
      const onward = http.request(
        new URL(request.url ?? '/', this.#target),
        { method: request.method, headers: request.headers },
        (answer) => {
          if (this.lost.has(number)) {
            answer.resume();
            answer.on('end', () => request.socket.destroy());
            return;
          }
          response.writeHead(answer.statusCode ?? 500, answer.headers);
          answer.pipe(response);
        },
      );
      request.pipe(onward);
    });
    this.#server = server;
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise((resolve) => this.#server?.close(resolve));
  }
}

describe('delivery to a Gainsight object', () => {
  let source: TestSource;
  let practice: RunningPractice;
  let line: LossyLine;
  let bench: TestBench;
  let facts: ConnectionFacts;
  let change: Partial<RunSpec>;
  let job: Job;

  beforeEach(async () => {
    source = new TestSource();
    source.pageSize = 150;
    practice = await practiceById('gainsight-api').start({ port: 0, records: 0 });
    line = new LossyLine(practice.baseUrl);
    const token = new Secret(practice.samples.token ?? '');
    const access = { credentials: { accessToken: token, accessKey: token }, expiresAtMs: null, learned: {} };
    const provider: AccessProvider = { current: async () => access, renew: async () => access };
    bench = await TestBench.open(undefined, provider);
    facts = connectionFacts('salesforce', await source.start());
    const destination = connectionFacts('gainsight-api', await line.start(), {
      connectionId: connectionIdSchema.parse('testtarget'),
      authMethodId: practice.samples.authMethodId,
      fields: practice.samples.fields,
    });
    change = { destination };
    job = aJob({
      mapping: MAPPING,
      keyColumn: KEY,
      destination: { kind: 'connection', connectionId: destination.connectionId, object: 'Company', keys: [KEY] },
    });
  });

  afterEach(async () => {
    await bench.remove();
    await source.stop();
    await line.stop();
    await practice.close();
  });

  const fill = (count: number): void => {
    for (let index = 0; index < count; index += 1) source.put(aRecord(index, { Industry: 'Energy' }));
  };
  const arrived = (): unknown[] =>
    practice
      .records('Company')
      .map((row) => [row[KEY], row.Name])
      .sort();
  const sent = (): unknown[] => [...source.records.values()].map(({ Id, Name }) => [Id, Name]).sort();

  it('brings every row once, and later only what changed', async () => {
    fill(320);
    expect(await bench.run(job, facts, change)).toMatchObject({
      status: 'success',
      counts: { delivered: 320, refused: 0 },
    });
    expect(arrived()).toEqual(sent());
    expect((await bench.run(job, facts, change)).counts).toMatchObject({ unchanged: 320, delivered: 0 });
    source.put(aRecord(4, { Name: 'Renamed' }), aRecord(500));
    expect((await bench.run(job, facts, change)).counts).toMatchObject({ delivered: 2 });
    expect(arrived()).toEqual(sent());
  });

  it('ends with the same rows when answers get lost on the way', async () => {
    fill(320);
    line.lost = new Set([3, 4, 7]);
    expect(await bench.run(job, facts, change)).toMatchObject({ status: 'success', counts: { delivered: 320 } });
    expect(arrived()).toEqual(sent());
  });

  it('notes refused rows with their reason, and offers them again until they are taken', async () => {
    fill(20);
    source.put(aRecord(3, { Name: null }));
    const { id, finished } = bench.start(job, facts, change);
    expect(await finished).toMatchObject({ status: 'partial_success', counts: { delivered: 19, refused: 1 } });
    const rejected = bench.db.prepare('SELECT record_key, rejected_by FROM rejected WHERE run_id = ?').all(id);
    expect(rejected).toEqual([{ record_key: aRecord(3).Id, rejected_by: 'destination' }]);
    expect((await bench.run(job, facts, change)).counts).toMatchObject({ unchanged: 20, delivered: 0, refused: 1 });
    source.put(aRecord(3, { Name: 'Now it has one' }));
    expect(await bench.run(job, facts, change)).toMatchObject({ status: 'success', counts: { refused: 0 } });
    expect(arrived()).toContainEqual([aRecord(3).Id, 'Now it has one']);
    expect((await bench.run(job, facts, change)).counts).toMatchObject({ delivered: 0, refused: 0 });
  });

  it('delivers in a later run what a failed one could not', async () => {
    fill(320);
    source.onPage = (count) => {
      line.isDown = count >= 2;
    };
    const failed = await bench.run(job, facts, change);
    expect(failed).toMatchObject({ status: 'failed', failedConnection: change.destination?.connectionId });
    line.isDown = false;
    source.onPage = null;
    const later = await bench.run(job, facts, change);
    expect(later).toMatchObject({ status: 'success' });
    expect(failed.counts.delivered + later.counts.delivered).toBe(320);
    expect(arrived()).toEqual(sent());
  }, 300_000);

  it('gives a new destination every row', async () => {
    fill(30);
    const local: Job = { ...job, destination: { kind: 'cache' } };
    await bench.run(local, facts);
    expect(await bench.run(job, facts, change)).toMatchObject({ counts: { unchanged: 30, delivered: 30 } });
    expect(arrived()).toEqual(sent());
    source.put(aRecord(1, { Name: 'Changed while only kept locally' }));
    await bench.run(local, facts);
    await bench.run(job, facts, change);
    expect(arrived()).toEqual(sent());
  });
});

describe('the queue, against a destination that fails at any call', () => {
  it('loses nothing, repeats at most the batch without an answer, and keeps the order', async () => {
    const call = fc.constantFrom<'ok' | 'fails' | 'loses'>('ok', 'ok', 'ok', 'fails', 'loses');
    const bench = await TestBench.open();
    const { db } = bench;
    let round = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(call, { maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }),
        async (calls, pages) => {
          round += 1;
          const job = aJob({ mapping: [field('Id', 'text', true), field('Active', 'boolean')] });
          const columns = job.mapping.map(({ target, type }) => ({ name: target, type }));
          db.exec(
            `CREATE TABLE "rows_${job.id}" (_id INTEGER PRIMARY KEY, Id TEXT UNIQUE, Active INTEGER, _gone INTEGER DEFAULT 0)`,
          );
          const runId = activityIdSchema.parse(`testrun${String(round).padStart(6, '0')}`);
          const ledger = new RunLedger(db, job.id, runId);
          ledger.beginRun(Date.now());
          const queue = new DeliveryQueue(db, job.id, columns);
          const state = new RunState({} as never, null);
          const got: string[] = [];
          const script = [...calls];
          let failures = 0;
          const destination: Destination = {
            maxBatch: 4,
            objects: async () => [],
            fields: async () => [],
            async write(_context, { records }) {
              const what = script.shift() ?? 'ok';
              if (what !== 'fails') got.push(...records.map(({ Id }) => String(Id)));
              if (what !== 'ok') {
                failures += 1;
                throw new ConnectorError('network', 'lost');
              }
              return records.map(() => ({ ok: true as const }));
            },
          };
          const delivery = new Delivery({
            db,
            queue,
            runId,
            ledger,
            destination,
            connector: connectorById('gainsight-api'),
            context: {} as never,
            waitsForAccess: () => false,
            object: 'Company',
            keys: ['Id'],
            columns,
            dates: {},
            keyIndex: 0,
            state,
            withRoom: async (work) => work(),
            onProgress: () => undefined,
          });
          const order: string[] = [];
          let id = 0;
          for (const size of pages) {
            const ids: number[] = [];
            const rows: [string, number][] = [];
            for (let at = 0; at < size; at += 1) {
              id += 1;
              ids.push(id);
              rows.push([`k${id}`, id % 2]);
              order.push(`k${id}`);
              db.prepare(`INSERT INTO "rows_${job.id}" VALUES (?, ?, ?, 0)`).run(id, `k${id}`, id % 2);
            }
            const n = inTransaction(db, () => queue.add(ids));
            delivery.push({ n, ids, rows });
          }
          for (;;) {
            try {
              await delivery.drain();
              break;
            } catch (error) {
              if (!(error instanceof ConnectorError)) throw error;
              delivery.retry();
            }
          }
          const firstSeen = [...new Set(got)];
          expect(firstSeen).toEqual(order);
          expect(got.length - order.length).toBeLessThanOrEqual(failures * destination.maxBatch);
          expect(state.counts).toMatchObject({ delivered: order.length, refused: 0 });
          expect(queue.first()).toBeNull();
        },
      ),
      { numRuns: 60 },
    );
    await bench.remove();
  });
});
