/** A source whose every record is known, and an engine that runs jobs from it, for the tests of the engine. Not part of any bundle. */
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTransport } from '../../../connectors/kit/doors/authorization.ts';
import type { ColumnType } from '../../shared/connector.ts';
import {
  activityIdSchema,
  type ConnectionId,
  connectionIdSchema,
  jobIdSchema,
  tenantIdSchema,
} from '../../shared/ids.ts';
import type { FieldMapping, Job } from '../../shared/job/job.ts';
import { openCache } from '../../store/cache/cache.ts';
import { tableInfo } from '../../store/cache/table.ts';
import { newActivityId } from '../../store/profile.ts';
import type { RunAccess } from '../access.ts';
import { type AccessProvider, Secret } from '../connectors.ts';
import { Engine } from '../engine.ts';
import type { ConnectionFacts, Finished, FromWorker, RunSpec } from '../messages.ts';

export type SourceRecord = { Id: string; SystemModstamp: string } & Record<string, unknown>;

export interface Misbehaviour {
  readonly status: number;
  readonly body?: string;
  readonly headers?: Record<string, string>;
  /** Breaks the connection instead of answering. */
  readonly drop?: boolean;
}

/** A Salesforce-like server over a map of records, which a test may change at any moment. */
export class TestSource {
  readonly records = new Map<string, SourceRecord>();
  /** Path and query of every request for records. */
  readonly pages: string[] = [];
  pageSize = 100;
  latencyMs = 0;
  /** Called before each page is answered, with the number of pages asked for. */
  onPage: ((count: number) => void) | null = null;
  /** Asked first about the token of each request; null = it is answered. */
  guard: ((token: string) => Promise<Misbehaviour | null>) | null = null;
  readonly #next: Misbehaviour[] = [];
  readonly #queries = new Map<string, string[]>();
  #server: http.Server | null = null;

  async start(): Promise<string> {
    const server = http.createServer((request, response) => void this.#serve(request, response));
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

  put(...records: readonly SourceRecord[]): void {
    for (const record of records) this.records.set(record.Id, record);
  }

  /** The next requests for records are answered so, one each. */
  misbehave(...next: readonly Misbehaviour[]): void {
    this.#next.push(...next);
  }

  async #serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://source');
    this.pages.push(request.url ?? '');
    this.onPage?.(this.pages.length);
    // Now, not after the latency: the request of a run that was stopped meanwhile would take what is meant for the next.
    const bad = this.#next.shift() ?? (await this.guard?.(String(request.headers.authorization).slice(7))) ?? undefined;
    if (this.latencyMs > 0) await new Promise((resolve) => setTimeout(resolve, this.latencyMs));
    if (bad?.drop === true) {
      request.socket.destroy();
      return;
    }
    const body = bad === undefined ? this.#page(url) : (bad.body ?? '[{"errorCode":"TEST","message":"test"}]');
    response.writeHead(bad?.status ?? 200, { 'content-type': 'application/json', ...bad?.headers });
    response.end(body);
  }

  #page(url: URL): string {
    const later = /\/query\/(q\d+)-(\d+)$/.exec(url.pathname);
    const name = later?.[1] ?? `q${this.#queries.size + 1}`;
    if (later === null) this.#queries.set(name, this.#select(url.searchParams.get('q') ?? ''));
    const ids = this.#queries.get(name) ?? [];
    const from = Number(later?.[2] ?? 0);
    const to = Math.min(from + this.pageSize, ids.length);
    const records = ids.slice(from, to).flatMap((id) => this.records.get(id) ?? []);
    const done = to >= ids.length;
    return JSON.stringify({
      totalSize: ids.length,
      done,
      ...(done ? {} : { nextRecordsUrl: `/services/data/v62.0/query/${name}-${to}` }),
      records: records.map((record) => ({ attributes: { type: 'Account' }, ...record })),
    });
  }

  #select(query: string): string[] {
    const since = /SystemModstamp >= (\S+)/.exec(query)?.[1];
    const chosen = [...this.records.values()].filter(
      ({ SystemModstamp }) => since === undefined || Date.parse(SystemModstamp) >= Date.parse(since),
    );
    const order = (record: SourceRecord): string => (since === undefined ? '' : record.SystemModstamp) + record.Id;
    return chosen.sort((a, b) => (order(a) < order(b) ? -1 : 1)).map(({ Id }) => Id);
  }
}

export function aRecord(index: number, change: Record<string, unknown> = {}): SourceRecord {
  return {
    Id: `001${String(index).padStart(15, '0')}`,
    Name: `Company ${index}`,
    Size: index % 50,
    Rate: index / 4,
    Active: index % 2 === 0,
    SystemModstamp: new Date(Date.parse('2026-01-01T00:00:00.000Z') + index * 1000).toISOString(),
    ...change,
  };
}

export function field(target: string, type: ColumnType = 'text', required = false): FieldMapping {
  return { target, type, from: { kind: 'direct', path: target }, required };
}

export const FIELDS: FieldMapping[] = [
  field('Id', 'text', true),
  field('Name'),
  field('Size', 'integer'),
  field('Rate', 'real'),
  field('Active', 'boolean'),
  field('SystemModstamp', 'datetime'),
];

let lastJob = 0;

export function aJob(change: Partial<Job> = {}): Job {
  lastJob += 1;
  return {
    id: jobIdSchema.parse(`testjob${String(lastJob).padStart(5, '0')}`),
    tenantId: tenantIdSchema.parse('testtenant'),
    name: 'Account to Company',
    connectionId: connectionIdSchema.parse('testsource'),
    sourceObject: 'Account',
    mapping: FIELDS,
    keyColumn: 'Id',
    mode: 'full',
    cursorField: 'SystemModstamp',
    lookbackSeconds: 0,
    filter: [],
    destination: { kind: 'cache' },
    isEnabled: true,
    origin: 'custom',
    templateId: null,
    createdAt: '2026-01-01T00:00:00.000Z',
    updatedAt: '2026-01-01T00:00:00.000Z',
    version: 1,
    ...change,
  };
}

export function connectionFacts(
  connectorId: string,
  baseUrl: string,
  change: Partial<ConnectionFacts> = {},
): ConnectionFacts {
  return {
    connectionId: connectionIdSchema.parse('testsource'),
    connectorId,
    authMethodId: 'oauth',
    fields: {},
    overrides: { apiBaseUrl: baseUrl, allowPrivateNetwork: true },
    learned: {},
    ...change,
  };
}

const access: AccessProvider = {
  current: () =>
    Promise.resolve({
      credentials: { accessToken: new Secret('token'), accessKey: new Secret('key') },
      expiresAtMs: null,
      learned: {},
    }),
  renew: () => Promise.reject(new Error('There is no other access in this test.')),
};

type Provider = AccessProvider | ((id: ConnectionId) => RunAccess);

export type RowObject = Record<string, string | number | null>;

/** An engine on a profile of its own, or on one that another engine has left. */
export class TestBench {
  readonly folder: string;
  readonly messages: FromWorker[] = [];
  /** Added to the clock the engine sees. */
  aheadMs = 0;
  readonly #engine: Engine;
  readonly #cache: Awaited<ReturnType<typeof openCache>>;
  readonly #waiting = new Map<string, (finished: Finished) => void>();

  private constructor(folder: string, cache: Awaited<ReturnType<typeof openCache>>, provider: Provider) {
    this.folder = folder;
    this.#cache = cache;
    this.#engine = new Engine({
      cache,
      transport: createTransport(),
      access: typeof provider === 'function' ? provider : () => provider,
      send: (message) => this.#receive(message),
      now: () => Date.now() + this.aheadMs,
      retryWaitsMs: [20, 20],
    });
  }

  static async open(
    folder = mkdtempSync(join(tmpdir(), 'pb-engine-')),
    provider: Provider = access,
  ): Promise<TestBench> {
    return new TestBench(folder, await openCache(folder, () => undefined), provider);
  }

  /** What had to be repaired when the cache was opened. */
  get notices(): readonly string[] {
    return this.#cache.notices;
  }

  get db() {
    return this.#cache.db;
  }

  get engine(): Engine {
    return this.#engine;
  }

  start(job: Job, source: ConnectionFacts, change: Partial<RunSpec> = {}): { id: string; finished: Promise<Finished> } {
    const activityId = change.activityId ?? activityIdSchema.parse(newActivityId(Date.now()));
    const finished = new Promise<Finished>((resolve) => this.#waiting.set(activityId, resolve));
    this.#engine.start({ activityId, job, source, destination: null, isResumed: false, network: {}, ...change });
    return { id: activityId, finished };
  }

  run(job: Job, source: ConnectionFacts, change: Partial<RunSpec> = {}): Promise<Finished> {
    return this.start(job, source, change).finished;
  }

  /** Rows that are not gone, by key. */
  rows(job: Job): Map<string, RowObject> {
    const rows = this.db.prepare<[], RowObject>(`SELECT * FROM "rows_${job.id}" WHERE _gone = 0`).all();
    return new Map(rows.map(({ _id, _gone, ...row }) => [String(row[job.keyColumn]), row]));
  }

  table(job: Job) {
    return tableInfo(this.db, job.id);
  }

  log(): string[] {
    return this.messages.flatMap((message) => (message.type === 'log' ? message.lines.map(({ text }) => text) : []));
  }

  async close(): Promise<void> {
    await this.#engine.shutdown();
  }

  async remove(): Promise<void> {
    await this.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #receive(message: FromWorker): void {
    this.messages.push(message);
    if (message.type !== 'finished') return;
    this.#waiting.get(message.activityId)?.(message);
    this.#waiting.delete(message.activityId);
  }
}

/** What the cache must hold for a source's records. */
export function expectedRows(source: TestSource): Map<string, RowObject> {
  return new Map(
    [...source.records.values()].map((record) => [
      record.Id,
      Object.fromEntries(
        FIELDS.map(({ target }) => {
          const value = record[target] ?? null;
          return [target, (typeof value === 'boolean' ? Number(value) : value) as string | number | null];
        }),
      ),
    ]),
  );
}
