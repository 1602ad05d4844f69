// The steps of a connection test, against the practice servers over real HTTP.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConnectionInput, TestStep } from '../../shared/ipc/contract.ts';
import { type Bench, makeBench } from './testing/bench.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await makeBench();
});
afterEach(() => bench.close());

const words = (steps: readonly TestStep[]) => steps.map(({ id, status }) => `${id} ${status}`);
const seenIn = (steps: readonly TestStep[], id: TestStep['id']) => steps.find((step) => step.id === id)?.seen;
const testId = 'test00000001';
const run = (input: ConnectionInput, onStep: (step: TestStep) => void = () => undefined) =>
  bench.service.test({ testId, input }, onStep);
const SKIPPED = ['authorization skipped', 'identity skipped', 'objects skipped', 'sampleRead skipped'];

describe('a test of keys', () => {
  it('passes step by step; each is told as it begins and as it ends', async () => {
    const told: TestStep[] = [];
    const { steps, passed } = await run(await bench.input('gainsight-api'), (step) => told.push(step));
    expect(passed).toBe(true);
    expect(words(steps)).toEqual([
      'configuration pass',
      'authorization pass',
      'identity pass',
      'objects pass',
      'sampleRead pass',
    ]);
    expect(words(told)).toEqual(steps.flatMap(({ id }) => [`${id} running`, `${id} pass`]));
    expect(steps.every(({ durationMs }) => durationMs !== null)).toBe(true);
  });

  it('of a stored connection takes no form of another connector', async () => {
    const { connection } = await bench.service.create(await bench.input('gainsight-api'));
    const input = await bench.input('s3');
    await expect(bench.service.test({ testId, id: connection.id, input }, () => undefined)).rejects.toMatchObject({
      code: 'invalid_input',
      message: 'This form belongs to another connector than the connection.',
    });
  });

  it('warns where there is nothing to read, and passes', async () => {
    const input = await bench.input('s3');
    const { steps, passed } = await run({ ...input, fields: { ...input.fields, prefix: 'nothing/is/here' } });
    expect(passed).toBe(true);
    expect(steps.at(-1)).toMatchObject({ id: 'sampleRead', status: 'warn', advice: expect.stringMatching(/\w/) });
  });

  it('fails where the key is refused, and tries nothing after it', async () => {
    const input = await bench.input('gainsight-api');
    const { steps, passed } = await run({ ...input, secrets: { accessKey: 'not-the-key-of-anybody' } });
    expect(passed).toBe(false);
    expect(words(steps)).toEqual(['configuration pass', 'authorization fail', ...SKIPPED.slice(1)]);
    expect(steps[1]?.advice).not.toBe('');
    expect(JSON.stringify(steps)).not.toContain('not-the-key-of-anybody');
  });

  it('says that the host was not reached rather than that it refused the key', async () => {
    const input = await bench.input('gainsight-api');
    bench.isOffline = true;
    const { steps, passed } = await run(input);
    expect(passed).toBe(false);
    expect(words(steps)).toEqual([
      'configuration pass',
      'authorization skipped',
      'reachability fail',
      ...SKIPPED.slice(1),
    ]);
  });

  it('stops when it is told to, and what was not tried is no failure', async () => {
    const input = await bench.input('gainsight-api');
    (await bench.practice('gainsight-api')).command({ kind: 'latency', ms: 5_000 });
    const { steps, passed } = await run(input, ({ id, status }) => {
      if (id === 'authorization' && status === 'running') setTimeout(() => bench.service.cancelTest(testId), 20);
    });
    expect(passed).toBe(false);
    expect(words(steps)).toEqual(['configuration pass', ...SKIPPED]);
    expect(seenIn(steps, 'authorization')).toContain('Stopped');
  });
});

describe('a test before anybody has logged in', () => {
  it('says whether API and log-in host answer, sends no credential, and why the rest is not tried', async () => {
    const other = await bench.practice('zendesk');
    const input = await bench.input('salesforce');
    const overrides = { ...input.overrides, loginBaseUrl: other.baseUrl };
    const { steps, passed } = await run({ ...input, overrides });
    expect(passed).toBe(true);
    expect(words(steps)).toEqual(['configuration pass', 'reachability pass', ...SKIPPED]);
    const api = await bench.practice('salesforce');
    for (const { baseUrl, requests } of [api, other]) {
      expect(seenIn(steps, 'reachability')).toContain(`${new URL(baseUrl).host} answered with HTTP`);
      expect(requests.map(({ method, path, query }) => `${method} ${path}${query}`)).toEqual(['GET /']);
    }
    expect(seenIn(steps, 'authorization')).toContain('nobody has logged in yet');
  });

  it('fails at the host that does not answer', async () => {
    const input = await bench.input('salesforce');
    const overrides = { ...input.overrides, loginBaseUrl: 'http://127.0.0.1:9' };
    const { steps, passed } = await run({ ...input, overrides });
    expect(passed).toBe(false);
    expect(words(steps)).toEqual(['configuration pass', 'reachability fail', ...SKIPPED]);
    expect(seenIn(steps, 'reachability')).toContain('127.0.0.1');
  });

  it('works for a stored draft and for a revoked connection, whose grant is not used', async () => {
    const input = await bench.input('zendesk');
    const { connection } = await bench.service.create(input);
    const ofDraft = await bench.service.test({ testId, id: connection.id, input }, () => undefined);
    expect(words(ofDraft.steps)).toEqual(['configuration pass', 'reachability pass', ...SKIPPED]);
    await bench.service.authorize({ id: connection.id });
    expect((await bench.service.test({ testId, id: connection.id, input }, () => undefined)).steps).toHaveLength(5);
    await bench.service.revoke(connection.id);
    const ofRevoked = await bench.service.test({ testId, id: connection.id, input }, () => undefined);
    expect(seenIn(ofRevoked.steps, 'authorization')).toContain('was revoked');
  });
});
