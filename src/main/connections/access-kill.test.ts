import { spawn } from 'node:child_process';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type OAuthServer, startOAuthServer } from '../../../test/support/oauth-server.ts';
import { type Bench, CLIENT_ID, CONNECTION_ID, makeBench } from '../oauth/testing/bench.ts';

/** 100 in a full run; each is a process that starts and is killed. */
const POINTS = Number(process.env.PATCHBAY_KILL_POINTS ?? 24);
const LIFE_MS = 3_600_000;
let server: OAuthServer;
let first: Bench;

beforeAll(async () => {
  server = await startOAuthServer({ clientId: CLIENT_ID, redirectUris: ['http://127.0.0.1/oauth/callback/mirror'] });
  first = makeBench(server.issuer);
});

afterAll(async () => {
  await first.close();
  await server.close();
});

async function authorize(): Promise<void> {
  const service = first.authorization({
    openWindow: ({ startUrl }) => ({
      ended: server.logIn(startUrl).then((url) => ({ kind: 'returned', callback: { method: 'GET', url } })),
      focus: () => undefined,
      close: () => undefined,
    }),
    openBrowser: () => Promise.reject(new Error('no browser')),
  });
  if (first.connection === null) throw new Error('There is no connection.');
  const result = await service.logIn(first.connection, 'window', () => undefined);
  if (result.kind !== 'granted') throw new Error(result.kind);
  await result.grant.commit();
}

/** Kills the renewing program: `afterMs` behind the arrival of its token request, or before it (negative). */
async function renewAndDie(afterMs: number): Promise<void> {
  const program = path.join(import.meta.dirname, '..', 'oauth', 'testing', 'kill-child.ts');
  const child = spawn(process.execPath, ['--no-warnings', program, first.folder, server.issuer, String(LIFE_MS)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const kill = (): void => void child.kill('SIGKILL');
  if (afterMs < 0) {
    child.stdout.once('data', () => setTimeout(kill, Math.max(0, 10 + afterMs)));
  } else {
    server.onTokenRequest = () => {
      server.onTokenRequest = null;
      if (afterMs === 0) kill();
      else setTimeout(kill, afterMs);
    };
  }
  await ended;
  server.onTokenRequest = null;
}

async function isTaken(token: string): Promise<boolean> {
  return (await fetch(`${server.issuer}/me`, { headers: { authorization: `Bearer ${token}` } })).status === 200;
}

test(`killed at ${POINTS} points around the exchange: the next start works or asks for a log-in, and never loops`, async () => {
  const outcomes = { works: 0, needsLogIn: 0 };
  for (let point = 0; point < POINTS; point += 1) {
    await authorize();
    // From just before the request, over the server's work and the answer, to the write and the first use.
    await renewAndDie(-5 + (point * 40) / POINTS);
    const next = makeBench(server.issuer, { folder: first.folder });
    next.elapsedMs = LIFE_MS;
    const before = server.tokenRequests('refresh_token').length;
    const calls = await Promise.allSettled(Array.from({ length: 5 }, () => next.access.current(CONNECTION_ID)));
    calls.push(...(await Promise.allSettled([next.access.current(CONNECTION_ID)])));
    const requests = server.tokenRequests('refresh_token').length - before;
    expect(requests).toBeLessThanOrEqual(2);
    const last = calls.at(-1);
    if (last?.status === 'fulfilled') {
      outcomes.works += 1;
      expect(await isTaken(last.value.credentials.accessToken?.reveal() ?? '')).toBe(true);
      expect(next.lost).toEqual([]);
    } else {
      outcomes.needsLogIn += 1;
      expect(last?.reason).toMatchObject({ failureClass: 'reauthorize_expired' });
      expect(next.lost).toMatchObject([{ reason: 'authorization_expired' }]);
    }
    await next.close();
  }
  // Both ends occur: the kills do fall on either side of the exchange.
  expect(outcomes.works).toBeGreaterThan(0);
  expect(outcomes.needsLogIn).toBeGreaterThan(0);
}, 600_000);
