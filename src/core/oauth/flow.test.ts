import { createHash, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  authorizationUrl,
  cancel,
  type FlowPlan,
  hasEnded,
  judgeCallback,
  type Moment,
  startFlow,
  type WaitingFlow,
  waitFor,
} from './flow.ts';

const PLAN: FlowPlan = {
  flowId: 'f1',
  connectionId: 'connection0001',
  connectorName: 'Mirror',
  authorizeUrl: 'https://login.mirror.test/auth?tenant=acme',
  clientId: 'client-1',
  scopes: ['api', 'refresh_token'],
  scopeSeparator: ' ',
  usesPkce: true,
  params: { prompt: 'consent', state: 'mine', code_challenge_method: 'plain' },
  redirectUri: 'http://127.0.0.1:42813/oauth/callback/mirror',
  issuer: 'https://login.mirror.test',
};
const START: Moment = { wallMs: 1_000_000, monotonicMs: 5000 };
const at = (seconds: number, wallSeconds = seconds): Moment => ({
  wallMs: START.wallMs + wallSeconds * 1000,
  monotonicMs: START.monotonicMs + seconds * 1000,
});

function waiting(changes: Partial<FlowPlan> = {}): WaitingFlow {
  return waitFor(startFlow({ ...PLAN, ...changes }, START, randomBytes), 'window');
}

function answerTo(
  flow: WaitingFlow,
  changes: Record<string, string | null> = {},
  redirect = flow.plan.redirectUri,
): string {
  const url = new URL(redirect);
  const parameters: Record<string, string | null> = {
    code: 'the-code',
    state: flow.state.reveal(),
    iss: flow.plan.issuer,
    ...changes,
  };
  for (const [name, value] of Object.entries(parameters)) if (value !== null) url.searchParams.set(name, value);
  return url.href;
}

describe('the authorization address', () => {
  test('carries S256 and the flow’s own values, whatever the manifest adds', () => {
    const flow = waiting();
    const { searchParams, origin, pathname } = new URL(authorizationUrl(flow));
    expect(`${origin}${pathname}`).toBe('https://login.mirror.test/auth');
    expect(Object.fromEntries(searchParams)).toEqual({
      tenant: 'acme',
      prompt: 'consent',
      response_type: 'code',
      client_id: 'client-1',
      redirect_uri: PLAN.redirectUri,
      scope: 'api refresh_token',
      state: flow.state.reveal(),
      code_challenge: createHash('sha256').update(flow.verifier.reveal()).digest('base64url'),
      code_challenge_method: 'S256',
    });
  });

  test('1,000 flows have 1,000 verifiers of allowed length, 1,000 state values of 256 bits, and never "plain"', () => {
    const flows = Array.from({ length: 1000 }, () => waiting());
    const verifiers = new Set(flows.map((flow) => flow.verifier.reveal()));
    const states = new Set(flows.map((flow) => flow.state.reveal()));
    expect([verifiers.size, states.size]).toEqual([1000, 1000]);
    for (const verifier of verifiers) expect(verifier).toMatch(/^[A-Za-z0-9\-._~]{43,128}$/);
    for (const state of states) expect(Buffer.from(state, 'base64url').byteLength).toBe(32);
    expect(flows.filter((flow) => authorizationUrl(flow).includes('plain'))).toEqual([]);
  });

  test('a flow shows neither state nor verifier when it is logged', () => {
    const flow = waiting();
    const logged = JSON.stringify(flow);
    expect(logged).not.toContain(flow.state.reveal());
    expect(logged).not.toContain(flow.verifier.reveal());
  });
});

describe('an answer', () => {
  test('with the right state, issuer and code is taken', () => {
    const flow = waiting();
    const verdict = judgeCallback(flow, { method: 'GET', url: answerTo(flow) }, at(60));
    expect(verdict.kind).toBe('code');
  });

  const forged: [string, (flow: WaitingFlow) => { method: string; url: string }][] = [
    ['without state', (flow) => ({ method: 'GET', url: answerTo(flow, { state: null }) })],
    ['with another state', (flow) => ({ method: 'GET', url: answerTo(flow, { state: 'a'.repeat(43) }) })],
    [
      'with the state of another connection’s flow',
      (flow) => ({
        method: 'GET',
        url: answerTo(flow, { state: waiting({ connectionId: 'connection0002' }).state.reveal() }),
      }),
    ],
    ['with an empty state', (flow) => ({ method: 'GET', url: answerTo(flow, { state: '' }) })],
    ['by POST', (flow) => ({ method: 'POST', url: answerTo(flow) })],
    ['in the fragment', (flow) => ({ method: 'GET', url: answerTo(flow).replace('?', '#') })],
    ['with a fragment besides', (flow) => ({ method: 'GET', url: `${answerTo(flow)}#x` })],
    ['with the code twice', (flow) => ({ method: 'GET', url: `${answerTo(flow)}&code=other` })],
    ['with the state twice', (flow) => ({ method: 'GET', url: `${answerTo(flow)}&state=${flow.state.reveal()}` })],
    [
      'at another port',
      (flow) => ({ method: 'GET', url: answerTo(flow, {}, 'http://127.0.0.1:42814/oauth/callback/mirror') }),
    ],
    [
      'at another path',
      (flow) => ({ method: 'GET', url: answerTo(flow, {}, 'http://127.0.0.1:42813/oauth/callback/mirror2') }),
    ],
    [
      'at another connector’s path',
      (flow) => ({ method: 'GET', url: answerTo(flow, {}, 'http://127.0.0.1:42813/oauth/callback/other') }),
    ],
    [
      'at another host that begins the same',
      (flow) => ({ method: 'GET', url: answerTo(flow).replace('127.0.0.1:42813', '127.0.0.1:42813.evil.test') }),
    ],
    ['by https', (flow) => ({ method: 'GET', url: answerTo(flow).replace('http:', 'https:') })],
    ['with user information', (flow) => ({ method: 'GET', url: answerTo(flow).replace('//', '//x@') })],
    ['that is endless', (flow) => ({ method: 'GET', url: `${answerTo(flow)}&x=${'x'.repeat(20_000)}` })],
  ];
  test.each(forged)('%s ends nothing, and the real one is still taken afterwards', (_name, forge) => {
    const flow = waiting();
    expect(judgeCallback(flow, forge(flow), at(1)).kind).toBe('foreign');
    expect(judgeCallback(flow, { method: 'GET', url: answerTo(flow) }, at(2)).kind).toBe('code');
  });

  test('is taken once', () => {
    const flow = waiting();
    const callback = { method: 'GET', url: answerTo(flow) };
    const first = judgeCallback(flow, callback, at(1));
    if (first.kind === 'foreign') throw new Error(first.why);
    expect(judgeCallback(first.flow, callback, at(1))).toEqual({ kind: 'foreign', why: 'no answer is awaited' });
  });

  test('after a cancel is not taken', () => {
    const flow = waiting();
    const cancelled = cancel(flow);
    expect(hasEnded(cancelled)).toBe(true);
    expect(judgeCallback(cancelled, { method: 'GET', url: answerTo(flow) }, at(1)).kind).toBe('foreign');
  });

  test.each([
    ['by both clocks', at(600)],
    ['by the wall clock alone, because the machine slept', at(5, 600)],
    ['by the monotonic clock alone, because the clock was set back', at(600, -3600)],
  ])('that is too old %s is refused', (_name, moment) => {
    const flow = waiting();
    const verdict = judgeCallback(flow, { method: 'GET', url: answerTo(flow) }, moment);
    expect(verdict).toMatchObject({ kind: 'refused', error: { code: 'authorization_timed_out' } });
  });

  test.each([
    ['of another server', { iss: 'https://login.evil.test' }],
    ['of a server that differs by a slash', { iss: 'https://login.mirror.test/' }],
    ['of nobody, though the server promises to say', { iss: null }],
  ])('%s is refused and ends the flow', (_name, changes) => {
    const flow = waiting();
    const verdict = judgeCallback(flow, { method: 'GET', url: answerTo(flow, changes) }, at(1));
    expect(verdict).toMatchObject({
      kind: 'refused',
      flow: { kind: 'failed' },
      error: { code: 'authorization_failed' },
    });
    if (verdict.kind === 'refused') expect(verdict.error.message).toContain('https://login.mirror.test');
  });

  test('may name any issuer where none was promised', () => {
    const flow = waiting({ issuer: null });
    expect(
      judgeCallback(flow, { method: 'GET', url: answerTo(flow, { iss: 'https://something.test' }) }, at(1)).kind,
    ).toBe('code');
  });

  test('without a code is refused', () => {
    const flow = waiting();
    expect(judgeCallback(flow, { method: 'GET', url: answerTo(flow, { code: '' }) }, at(1)).kind).toBe('refused');
    expect(judgeCallback(flow, { method: 'GET', url: answerTo(flow, { code: null }) }, at(1)).kind).toBe('refused');
  });

  test('with tokens in it is refused: only the code flow is used', () => {
    const flow = waiting();
    expect(judgeCallback(flow, { method: 'GET', url: answerTo(flow, { id_token: 'x.y.z' }) }, at(1)).kind).toBe(
      'refused',
    );
  });

  test('that is a refusal tells what it means and quotes the provider without its tricks', () => {
    const flow = waiting();
    const words = `The admin said no\u0000\n\u202e ${flow.state.reveal()} ${'x'.repeat(400)}`;
    const verdict = judgeCallback(
      flow,
      { method: 'GET', url: answerTo(flow, { code: null, error: 'access_denied', error_description: words }) },
      at(1),
    );
    if (verdict.kind !== 'refused') throw new Error(verdict.kind);
    expect(verdict.error.code).toBe('authorization_refused');
    expect(verdict.error.message).toMatch(
      /^Mirror did not give access: the consent was refused, or the user may not give it\. It says: The admin said no \[redacted\] x{100,200}…$/,
    );
    expect(verdict.error.details).toEqual({ providerCode: 'access_denied' });
  });

  test('whatever it is, only one with the flow’s own state can end the flow', () => {
    const text = fc.oneof(
      fc.string({ maxLength: 60 }),
      fc.constantFrom('code', 'state', 'error', 'iss', 'access_denied'),
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(text, text), { maxLength: 6 }),
        fc.constantFrom('GET', 'POST', 'HEAD'),
        (pairs, method) => {
          const flow = waiting();
          const url = `${flow.plan.redirectUri}?${new URLSearchParams(pairs)}`;
          expect(judgeCallback(flow, { method, url }, at(1)).kind).toBe('foreign');
        },
      ),
      { numRuns: 500 },
    );
  });
});

test('sends no challenge to a vendor that refuses one', () => {
  const asked = (usesPkce: boolean): boolean =>
    new URL(authorizationUrl(waiting({ usesPkce, params: {} }))).searchParams.has('code_challenge');
  expect([asked(true), asked(false)]).toEqual([true, false]);
});
