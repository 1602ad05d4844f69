// The headless program as a process: what it prints, and what is left when it is killed at any moment.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type BuiltEngine, buildEngine } from '../support/built-engine.ts';

const KILLS = Number(process.env.PATCHBAY_KILLS ?? 50);
const PAGE = 200;

/** A server of a tester's own: query and nextRecordsUrl, describe only when asked for. */
class OtherServer {
  records = new Map<string, Record<string, unknown>>();
  describes = true;
  token = 'T';
  latencyMs = 0;
  readonly asked: string[] = [];
  onPage: (() => void) | null = null;
  #server: http.Server | null = null;
  url = '';

  async start(): Promise<void> {
    const server = http.createServer((request, response) => void this.#answer(request, response));
    this.#server = server;
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise((resolve) => this.#server?.close(resolve));
  }

  fill(count: number): void {
    this.records = new Map(
      Array.from({ length: count }, (_, index) => {
        const Id = `001${String(index).padStart(15, '0')}`;
        return [
          Id,
          {
            attributes: { type: 'Account' },
            Id,
            Name: `Näme ${index}`,
            Size: index,
            Open: index % 2 === 0,
            Owner: { Name: 'x' },
          },
        ];
      }),
    );
  }

  async #answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://other');
    const reply = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    if (request.headers.authorization !== `Bearer ${this.token}`)
      return reply(401, [{ errorCode: 'INVALID_SESSION_ID', message: 'no' }]);
    if (url.pathname.endsWith('/describe')) return this.describes ? reply(200, this.#description()) : reply(404, []);
    const from = Number(/query\/x-(\d+)$/.exec(url.pathname)?.[1] ?? 0);
    if (!/\/services\/data\/v\d+\.\d\/query/.test(url.pathname)) return reply(404, []);
    this.asked.push(`${from}`);
    this.onPage?.();
    if (this.latencyMs > 0) await new Promise((resolve) => setTimeout(resolve, this.latencyMs));
    const all = [...this.records.values()];
    const done = from + PAGE >= all.length;
    reply(200, {
      totalSize: all.length,
      done,
      ...(done ? {} : { nextRecordsUrl: `/services/data/v58.0/query/x-${from + PAGE}` }),
      records: all.slice(from, from + PAGE),
    });
  }

  #description(): unknown {
    const fields = [
      ['Id', 'id'],
      ['Name', 'string'],
      ['Size', 'int'],
      ['Open', 'boolean'],
    ];
    return { fields: fields.map(([name, type]) => ({ name, label: name, type, nillable: name !== 'Id' })) };
  }
}

let built: BuiltEngine;
let server: OtherServer;
let profile: string;

beforeAll(async () => {
  built = await buildEngine(['headless', 'network-thread']);
}, 120_000);
afterAll(() => built.remove());

beforeEach(async () => {
  server = new OtherServer();
  await server.start();
  profile = mkdtempSync(path.join(os.tmpdir(), 'pb-headless-'));
});
afterEach(async () => {
  await server.stop();
  rmSync(profile, { recursive: true, force: true });
});

const children = new Set<ChildProcess>();

function start(
  more: string[] = [],
  token = 'T',
): { child: ChildProcess; ended: Promise<{ out: string; err: string; code: number | null }> } {
  const args = [
    'sync',
    '--connector',
    'salesforce',
    '--base-url',
    server.url,
    '--token',
    token,
    '--object',
    'Account',
    '--profile',
    profile,
    '--json',
  ];
  const child = spawn(process.execPath, [built.headless, ...args, ...more], { stdio: ['ignore', 'pipe', 'pipe'] });
  children.add(child);
  let out = '';
  let err = '';
  child.stdout?.on('data', (chunk) => (out += String(chunk)));
  child.stderr?.on('data', (chunk) => (err += String(chunk)));
  const ended = new Promise<{ out: string; err: string; code: number | null }>((resolve) => {
    child.on('close', (code) => resolve({ out, err, code }));
  });
  return { child, ended };
}

async function sync(
  more: string[] = [],
  token = 'T',
): Promise<Record<string, unknown> & { code: number | null; err: string }> {
  const { out, err, code } = await start(more, token).ended;
  expect(out.trim().split('\n').length, err).toBe(1);
  return { ...(JSON.parse(out) as Record<string, unknown>), code, err };
}

/** Rows by key, and what SQLite itself thinks of the file. */
function stored(): { rows: Map<unknown, Record<string, unknown>>; check: unknown; hasEnded: boolean } {
  const db = new Database(path.join(profile, 'data', 'cache.db'), { readonly: true });
  try {
    const table = db.prepare("SELECT name FROM sqlite_schema WHERE name LIKE 'rows_%'").pluck().get() as
      | string
      | undefined;
    const rows =
      table === undefined
        ? []
        : (db.prepare(`SELECT * FROM "${table}" WHERE _gone = 0`).all() as Record<string, unknown>[]);
    return {
      rows: new Map(rows.map(({ _id, _gone, ...row }) => [row.Id, row])),
      check: db.pragma('integrity_check', { simple: true }),
      hasEnded:
        table !== undefined &&
        db.prepare('SELECT outcome IS NOT NULL FROM runs ORDER BY started_at DESC LIMIT 1').pluck().get() === 1,
    };
  } finally {
    db.close();
  }
}

function expected(): Map<unknown, Record<string, unknown>> {
  return new Map(
    [...server.records.values()].map(({ Id, Name, Size, Open }) => [Id, { Id, Name, Size, Open: Number(Open) }]),
  );
}

describe('headless sync', () => {
  it('prints one line with the figures, and leaves the rows of the source', async () => {
    server.fill(1_050);
    const first = await sync();
    expect(first).toMatchObject({
      variant: 'patchbay',
      records: 1_050,
      status: 'success',
      inserted: 1_050,
      resumed: false,
      code: 0,
    });
    for (const figure of ['rps', 'cpu_us_rec', 'peak_rss_mb', 'db_mb', 'seconds'])
      expect(first[figure]).toBeGreaterThan(0);
    expect(stored().rows).toEqual(expected());
    server.records.delete([...server.records.keys()][3] ?? '');
    expect(await sync()).toMatchObject({ records: 1_049, unchanged: 1_049, gone: 1, inserted: 0, updated: 0 });
  });

  it('marks an unusual share of missing rows as gone only with --mark-missing', async () => {
    server.fill(60);
    await sync();
    for (const key of [...server.records.keys()].slice(0, 40)) server.records.delete(key);
    expect(await sync()).toMatchObject({ status: 'partial_success', missing: 40, gone: 0 });
    expect(stored().rows.size).toBe(60);
    expect(await sync(['--mark-missing'])).toMatchObject({ status: 'success', missing: 0, gone: 40 });
    expect(stored().rows).toEqual(expected());
  });

  it('takes the fields from the first page where the source describes none, and asks for no page twice', async () => {
    server.describes = false;
    server.fill(450);
    expect(await sync()).toMatchObject({ status: 'success', inserted: 450 });
    expect(server.asked).toEqual(['0', '200', '400']);
    expect(stored().rows).toEqual(expected());
    expect(await sync()).toMatchObject({ unchanged: 450 });
    expect(server.asked.length).toBe(6);
  });

  it('reads only the fields that are named', async () => {
    server.fill(10);
    expect(await sync(['--fields', 'Name'])).toMatchObject({ inserted: 10 });
    expect([...stored().rows.values()][0]).toEqual({ Id: `001${'0'.repeat(15)}`, Name: 'Näme 0' });
  });

  it('says why it failed, in the line and by its exit code', async () => {
    server.fill(10);
    const refused = await sync([], 'wrong');
    expect(refused).toMatchObject({ status: 'failed', code: 1, failure: { class: 'reauthorize_expired' } });
    expect(existsSync(path.join(profile, 'data', 'cache.db'))).toBe(true);
    const usage = await start(['--mode', 'sometimes']).ended;
    expect(usage).toMatchObject({ out: '', code: 2 });
    expect(usage.err).toContain('--mode is full or incremental');
  });

  it('keeps its files to the user, and the token out of them', async () => {
    server.token = 'canary-7f3a9';
    server.fill(450);
    await sync([], server.token);
    for (const name of readdirSync(path.join(profile, 'data'))) {
      const file = path.join(profile, 'data', name);
      expect(statSync(file).mode & 0o077, name).toBe(0);
    }
    expect(() => execFileSync('grep', ['-rq', server.token, profile])).toThrow();
  });

  it('lets no second process write the same profile', async () => {
    server.fill(4_000);
    server.latencyMs = 40;
    const first = start();
    while (server.asked.length < 3) await new Promise((resolve) => setTimeout(resolve, 10));
    const second = start();
    await new Promise((resolve) => setTimeout(resolve, 300));
    first.child.kill('SIGKILL');
    await first.ended;
    server.latencyMs = 0;
    const { out } = await second.ended;
    expect(JSON.parse(out)).toMatchObject({ status: 'success', resumed: true, records: 4_000 });
    expect(stored().rows).toEqual(expected());
  });

  it('ends when it is asked to, and goes on afterwards', async () => {
    server.fill(4_000);
    server.latencyMs = 20;
    const run = start();
    while (server.asked.length < 4) await new Promise((resolve) => setTimeout(resolve, 10));
    run.child.kill('SIGTERM');
    expect((await run.ended).code).toBe(130);
    server.latencyMs = 0;
    expect(await sync()).toMatchObject({ status: 'success', resumed: true, records: 4_000, inserted: 4_000 });
    expect(stored().rows).toEqual(expected());
  });
});

describe('kill -9', () => {
  it(`at ${KILLS} random points leaves exactly the rows of the source and asks for at most one page again each time`, async () => {
    server.fill(16_000);
    let kills = 0;
    let lives = 0;
    while (kills < KILLS) {
      // Killed by the number of requests, at a random moment behind one of them: time would depend on the machine.
      const pagesBefore = server.asked.length;
      const target = pagesBefore + 1 + Math.floor(Math.random() * 6);
      const run = start();
      lives += 1;
      server.onPage = () => {
        if (server.asked.length !== target) return;
        setTimeout(() => run.child.kill('SIGKILL'), Math.random() * 25);
      };
      const { code, out } = await run.ended;
      if (code === null) kills += 1;
      const { check, hasEnded } = stored();
      expect(check).toBe('ok');
      if (code !== null) expect(JSON.parse(out)).toMatchObject({ status: 'success' });
      // A kill may also come behind the end of a run, while its process closes: then the next one is another run.
      if (code !== null || hasEnded) {
        expect(stored().rows).toEqual(expected());
        checkAsked(server.asked, lives);
        rmSync(profile, { recursive: true, force: true });
        mkdirSync(profile);
        server.asked.length = 0;
        lives = 0;
      }
    }
    server.onPage = null;
    const last = await sync();
    expect(last).toMatchObject({ status: 'success', records: 16_000 });
    expect(stored().rows).toEqual(expected());
    checkAsked(server.asked, lives + 1);
  }, 240_000);

  it('does not trip over a page torn in the middle of being kept', async () => {
    server.fill(1_000);
    server.latencyMs = 20;
    const run = start();
    while (server.asked.length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
    run.child.kill('SIGKILL');
    await run.ended;
    const folder = path.join(profile, 'data');
    for (const name of readdirSync(folder).filter((file) => file.endsWith('.spool')))
      writeFileSync(path.join(folder, name), 'torn');
    expect(await sync()).toMatchObject({ status: 'success', records: 1_000 });
    expect(stored().rows).toEqual(expected());
  });
});

/** Every start of the program may ask for one page that was asked for before, except the first. */
function checkAsked(asked: readonly string[], starts: number): void {
  const times = new Map<string, number>();
  for (const page of asked) times.set(page, (times.get(page) ?? 0) + 1);
  const again = [...times.values()].reduce((sum, count) => sum + count - 1, 0);
  expect(again).toBeLessThanOrEqual(starts - 1);
}
