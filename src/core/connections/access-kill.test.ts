/** Threats 22 and 42: a program that renews a grant dies at any point around the exchange; the real vault keeps what it has. */
import { type ChildProcessByStdio, execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type OAuthServer, startOAuthServer } from '../../../test/support/oauth-server.ts';
import { closeDatabase, openDatabase } from '../../store/database.ts';
import { migrate } from '../../store/migrate.ts';
import { VAULT_MIGRATIONS } from '../../store/migrations.ts';
import { CLIENT_ID, CONNECTION_ID, makeBench } from '../oauth/testing/bench.ts';
import { openRealVault, type RealVault, vaultFile } from '../oauth/testing/real-vault.ts';

const POINTS = 100;
/** A point waits more than it works: several at once on few processors. */
const LANES = 4;
const LIFE_MS = 3_600_000;
const PROGRAM = path.join(import.meta.dirname, '..', 'oauth', 'testing', 'kill-child.ts');

/** An authorization server and a vault of its own, so that lanes do not see each other's requests. */
interface Lane {
  readonly server: OAuthServer;
  readonly folder: string;
}

let top: string;
const lanes: Lane[] = [];

beforeAll(async () => {
  top = fs.mkdtempSync(path.join(os.tmpdir(), 'patchbay-access-kill-'));
  for (let lane = 0; lane < LANES; lane += 1) lanes.push(await makeLane(path.join(top, `lane-${lane}`)));
});

afterAll(async () => {
  for (const { server } of lanes) await server.close();
  fs.rmSync(top, { recursive: true, force: true });
});

async function makeLane(folder: string): Promise<Lane> {
  fs.mkdirSync(folder);
  const db = openDatabase(vaultFile(folder), 'vault');
  migrate(db, VAULT_MIGRATIONS);
  closeDatabase(db);
  const redirectUris = ['http://127.0.0.1/oauth/callback/mirror'];
  return { folder, server: await startOAuthServer({ clientId: CLIENT_ID, redirectUris }) };
}

/** What a start does with the vault that the last program left. */
async function withVault<T>({ folder }: Lane, use: (real: RealVault) => Promise<T>): Promise<T> {
  const real = openRealVault(folder);
  try {
    return await use(real);
  } finally {
    real.close();
  }
}

function authorize(lane: Lane): Promise<void> {
  return withVault(lane, async ({ vault }) => {
    const bench = makeBench(lane.server.issuer, { folder: lane.folder, secrets: vault });
    const service = bench.authorization({
      openWindow: ({ startUrl }) => ({
        ended: lane.server.logIn(startUrl).then((url) => ({ kind: 'returned', callback: { method: 'GET', url } })),
        focus: () => undefined,
        close: () => undefined,
      }),
      openBrowser: () => Promise.reject(new Error('no browser')),
    });
    if (bench.connection === null) throw new Error('There is no connection.');
    const result = await service.logIn(bench.connection, 'window', () => undefined);
    if (result.kind !== 'granted') throw new Error(result.kind);
    await result.grant.commit();
    await bench.close();
  });
}

interface Renewing {
  readonly child: ChildProcessByStdio<null, Readable, null>;
  /** All that it printed. */
  readonly ended: Promise<string>;
}

function renew({ folder, server }: Lane, before: readonly string[] = []): Renewing {
  const [command = '', ...args] = [...before, process.execPath, '--no-warnings', PROGRAM];
  const child = spawn(command, [...args, folder, server.issuer, String(LIFE_MS)], {
    // Compiled once, by the first that ends by itself.
    env: { ...process.env, NODE_COMPILE_CACHE: path.join(top, 'compiled') },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  return { child, ended: new Promise((resolve) => child.once('close', () => resolve(output))) };
}

/** Kills the renewing program: `afterMs` behind the arrival of its token request, or before it (negative). */
async function renewAndDie(lane: Lane, afterMs: number): Promise<void> {
  const { child, ended } = renew(lane);
  const kill = (): void => void child.kill('SIGKILL');
  if (afterMs < 0) {
    child.stdout.once('data', () => setTimeout(kill, Math.max(0, 10 + afterMs)));
  } else {
    lane.server.onTokenRequest = () => {
      lane.server.onTokenRequest = null;
      if (afterMs === 0) kill();
      else setTimeout(kill, afterMs);
    };
  }
  await ended;
  lane.server.onTokenRequest = null;
}

async function isTaken({ server }: Lane, token: string): Promise<boolean> {
  return (await fetch(`${server.issuer}/me`, { headers: { authorization: `Bearer ${token}` } })).status === 200;
}

/** The start after the death: it works, or asks for a log-in, and does not loop. */
function startAgain(lane: Lane): Promise<'works' | 'needsLogIn'> {
  return withVault(lane, async ({ vault, integrity }) => {
    expect(integrity()).toBe('ok');
    const next = makeBench(lane.server.issuer, { folder: lane.folder, secrets: vault });
    next.elapsedMs = LIFE_MS;
    const before = lane.server.tokenRequests('refresh_token').length;
    const calls = await Promise.allSettled(Array.from({ length: 5 }, () => next.access.current(CONNECTION_ID)));
    calls.push(...(await Promise.allSettled([next.access.current(CONNECTION_ID)])));
    expect(lane.server.tokenRequests('refresh_token').length - before).toBeLessThanOrEqual(2);
    const last = calls.at(-1);
    await next.close();
    if (last?.status === 'fulfilled') {
      expect(await isTaken(lane, last.value.credentials.accessToken?.reveal() ?? '')).toBe(true);
      expect(next.lost).toEqual([]);
      return 'works';
    }
    expect(last?.reason).toMatchObject({ failureClass: 'reauthorize_expired' });
    expect(next.lost).toMatchObject([{ reason: 'authorization_expired' }]);
    return 'needsLogIn';
  });
}

test(`killed at ${POINTS} points around the exchange: the next start works or asks for a log-in, and never loops`, async () => {
  const outcomes = { works: 0, needsLogIn: 0 };
  const [first] = lanes;
  if (first === undefined) throw new Error('There is no lane.');
  await authorize(first);
  expect(await renew(first).ended).toBe('ready\nused 200\n');
  let point = 0;
  await Promise.all(
    lanes.map(async (lane) => {
      while (point < POINTS) {
        // From just before the request, over the server's work and the answer, to the write and the first use.
        const afterMs = -5 + (point++ * 60) / POINTS;
        await authorize(lane);
        await renewAndDie(lane, afterMs);
        outcomes[await startAgain(lane)] += 1;
      }
    }),
  );
  expect(outcomes.works + outcomes.needsLogIn).toBe(POINTS);
  // Both ends occur: the kills do fall on either side of the exchange.
  expect(outcomes.works).toBeGreaterThan(0);
  expect(outcomes.needsLogIn).toBeGreaterThan(0);
}, 600_000);

const canTrace = ((): boolean => {
  try {
    execFileSync('strace', ['-qq', '-o', os.devNull, 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

describe.skipIf(!canTrace)('on the disk (needs strace, and leave to trace)', () => {
  test('the new tokens are flushed before their first use', async () => {
    const [lane] = lanes;
    if (lane === undefined) throw new Error('There is no lane.');
    await authorize(lane);
    const trace = path.join(top, 'trace');
    const calls = 'trace=fsync,fdatasync,write,writev,sendto,sendmsg';
    const { ended } = renew(lane, ['strace', '-f', '-qq', '-y', '-s', '40', '-e', calls, '-o', trace]);
    expect(await ended).toBe('ready\nused 200\n');
    const lines = fs.readFileSync(trace, 'utf8').split('\n');
    const asked = lines.findIndex((line) => line.includes('POST /token'));
    const used = lines.findIndex((line) => line.includes('GET /me'));
    expect(asked).toBeGreaterThan(-1);
    expect(used).toBeGreaterThan(asked);
    const flushes = lines
      .slice(asked, used)
      .filter((line) => /f(data)?sync\(\d+<[^>]*vault\.db-wal>\) += 0/.test(line));
    expect(flushes.length).toBeGreaterThanOrEqual(1);
  });
});
