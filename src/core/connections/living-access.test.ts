/**
 * Runs whose access tokens live for five seconds, against an authorization server that nobody here wrote. PATCHBAY_LIVING_SECONDS
 * sets how long the connections of the last test work beside each other (default: 8).
 */
import { afterEach, expect, test } from 'vitest';
import { type OAuthServer, startOAuthServer } from '../../../test/support/oauth-server.ts';
import { AccessBroker } from '../../engine/access.ts';
import type { ConnectionFacts, Finished } from '../../engine/messages.ts';
import {
  aJob,
  aRecord,
  connectionFacts,
  expectedRows,
  type Misbehaviour,
  TestBench,
  TestSource,
} from '../../engine/testing/bench.ts';
import { type ConnectionId, connectionIdSchema } from '../../shared/ids.ts';
import { AccessResponder } from '../jobs/access-responder.ts';
import { type Bench, CLIENT_ID, CONNECTION_ID, makeBench } from '../oauth/testing/bench.ts';

const LIFE_SECONDS = 5;
const LIVING_SECONDS = Number(process.env.PATCHBAY_LIVING_SECONDS ?? 8);
const EXPIRED: Misbehaviour = { status: 401, body: '[{"errorCode":"INVALID_SESSION_ID","message":"Session expired"}]' };

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

interface Lane {
  readonly bench: Bench;
  readonly source: TestSource;
  readonly facts: ConnectionFacts;
  /** Tokens that the source was shown, in order of their first use. */
  readonly tokens: Set<string>;
}

async function startServer(options: { rotates?: () => boolean; tellsLife: boolean }): Promise<OAuthServer> {
  const server = await startOAuthServer({
    clientId: CLIENT_ID,
    redirectUris: ['http://127.0.0.1/oauth/callback/mirror'],
    accessTokenSeconds: LIFE_SECONDS,
    ...(options.rotates === undefined ? {} : { rotates: options.rotates }),
  });
  if (!options.tellsLife) server.editTokenAnswer = ({ expires_in: _, ...answer }) => answer;
  open.push(() => server.close());
  return server;
}

/** A connection that has logged in, and its source, which asks the server about every token. */
async function openLane(server: OAuthServer, index: number, records: number): Promise<Lane> {
  const bench = makeBench(server.issuer);
  const source = new TestSource();
  const change = { connectionId: connectionIdSchema.parse(`living${String(index).padStart(6, '0')}`) };
  const lane: Lane = {
    bench,
    source,
    facts: connectionFacts('salesforce', await source.start(), change),
    tokens: new Set(),
  };
  open.push(async () => {
    await source.stop();
    await bench.close();
  });
  for (let record = 0; record < records; record += 1) source.put(aRecord(record));
  source.guard = async (token) => {
    lane.tokens.add(token);
    return (await server.isAccessTokenAlive(token)) ? null : EXPIRED;
  };
  await logIn(server, bench);
  return lane;
}

async function logIn(server: OAuthServer, bench: Bench): Promise<void> {
  const service = bench.authorization({
    openWindow: ({ startUrl }) => ({
      ended: server.logIn(startUrl).then((url) => ({ kind: 'returned', callback: { method: 'GET', url } })),
      focus: () => undefined,
      close: () => undefined,
    }),
    openBrowser: () => Promise.reject(new Error('no browser')),
  });
  if (bench.connection === null) throw new Error('There is no connection.');
  const result = await service.logIn(bench.connection, 'window', () => undefined);
  if (result.kind !== 'granted') throw new Error(result.kind);
  await result.grant.commit();
}

/** The engine with the access of main behind its port, as in the app. */
async function openEngine(lanes: readonly Lane[]): Promise<TestBench> {
  const byId = new Map<ConnectionId, AccessResponder>();
  const broker: AccessBroker = new AccessBroker(
    ({ connectionId, requestId, refused }) =>
      void byId.get(connectionId)?.serve({ type: 'accessRequest', requestId, connectionId: CONNECTION_ID, refused }),
    Date.now,
  );
  for (const { bench, facts } of lanes)
    byId.set(facts.connectionId, new AccessResponder(bench.access, (reply) => broker.reply(reply)));
  const engine = await TestBench.open(undefined, (id) => broker.provider(id));
  open.push(() => engine.remove());
  return engine;
}

const lostOf = (engine: TestBench, lanes: readonly Lane[]) => [
  ...engine.messages.filter(({ type }) => type === 'lost'),
  ...lanes.flatMap(({ bench }) => bench.lost),
];

/** The first request with a renewed token has to wait for longer than the token lives. */
function holdUpBehindRenewal({ source, tokens }: Lane, status: number): () => number {
  source.pageSize = 20;
  source.latencyMs = 400;
  const isAlive = source.guard;
  let held = 0;
  source.guard = async (token) => {
    const refusal = (await isAlive?.(token)) ?? null;
    if (refusal !== null || tokens.size !== 2 || held > 0) return refusal;
    held += 1;
    return { status, headers: { 'retry-after': '8' } };
  };
  return () => held;
}

test('tokens of five seconds outlive a wait of eight seconds, whether or not their life is told: no run fails', async () => {
  const cases = [true, false].flatMap((tellsLife) => [429, 503].map((status) => ({ tellsLife, status })));
  const held = cases.map(async ({ tellsLife, status }, index) => {
    const server = await startServer({ tellsLife });
    const lane = await openLane(server, index, 400);
    return { server, lane, count: holdUpBehindRenewal(lane, status) };
  });
  const parties = await Promise.all(held);
  const lanes = parties.map(({ lane }) => lane);
  const engine = await openEngine(lanes);
  const runs = parties.map(async ({ server, lane, count }) => {
    const job = aJob({ connectionId: lane.facts.connectionId });
    expect(await engine.run(job, lane.facts)).toMatchObject({ status: 'success', failure: null });
    expect(engine.rows(job)).toEqual(expectedRows(lane.source));
    expect(count()).toBe(1);
    const { refreshToken = '' } = lane.bench.vault.load()[`connection:${CONNECTION_ID}`] ?? {};
    expect(await server.isRefreshTokenAlive(refreshToken)).toBe(true);
  });
  await Promise.all(runs);
  expect(lostOf(engine, lanes)).toEqual([]);
}, 120_000);

test.each([
  ['that rotate', true],
  ['that stay', false],
])(
  'ten connections with three jobs each and refresh tokens %s: none is lost, each token is renewed once',
  async (_name, rotates) => {
    const server = await startServer({ rotates: () => rotates, tellsLife: false });
    const lanes = await Promise.all(Array.from({ length: 10 }, (_, index) => openLane(server, index, 60)));
    for (const [index, { source }] of lanes.entries()) holdUpNowAndThen(source, index);
    const engine = await openEngine(lanes);
    const begin = performance.now();
    // On a busy machine too: until each connection has used up three tokens.
    const isEnough = ({ tokens }: Lane): boolean =>
      performance.now() - begin > LIVING_SECONDS * 1000 && tokens.size > 2;
    const runs = await Promise.all(
      lanes.flatMap((lane) => Array.from({ length: 3 }, () => runUntil(engine, lane, () => isEnough(lane)))),
    );
    const ended = runs.flat();
    expect(ended.filter(({ status }) => status !== 'success')).toEqual([]);
    expect(ended.length).toBeGreaterThanOrEqual(30);
    expect(lostOf(engine, lanes)).toEqual([]);
    const asked = server
      .tokenRequests('refresh_token')
      .map(({ body }) => new URLSearchParams(body).get('refresh_token'));
    if (rotates) expect(new Set(asked).size).toBe(asked.length);
    // One renewal for each token but the first, and each of them was used.
    const used = lanes.reduce((sum, { tokens }) => sum + tokens.size - 1, 0);
    expect(asked.length).toBe(used);
    expect(asked.length).toBeGreaterThan(lanes.length);
  },
  (LIVING_SECONDS + 180) * 1000,
);

/** A second of waiting at every eleventh request, and pages that take their time. */
function holdUpNowAndThen(source: TestSource, index: number): void {
  source.pageSize = 20;
  source.latencyMs = 150;
  const isAlive = source.guard;
  let asks = index;
  source.guard = async (token) => {
    const refusal = (await isAlive?.(token)) ?? null;
    asks += 1;
    return refusal ?? (asks % 11 === 0 ? { status: 429, headers: { 'retry-after': '1' } } : null);
  };
}

async function runUntil(engine: TestBench, { facts }: Lane, isEnough: () => boolean): Promise<Finished[]> {
  const job = aJob({ connectionId: facts.connectionId });
  const ended: Finished[] = [];
  do ended.push(await engine.run(job, facts));
  while (!isEnough());
  return ended;
}
