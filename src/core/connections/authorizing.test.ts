import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectorById, openConnection, toFailure } from '../../../connectors/catalog.ts';
import { createTransport } from '../../../connectors/kit/doors/authorization.ts';
import type { PracticeCommand } from '../../../connectors/practice/catalog.ts';
import type { DisconnectReason } from '../../shared/connection/reasons.ts';
import { reasonAdvice, reasonOf, reasonSentence } from '../../shared/failure/rules.ts';
import type { ConnectionId } from '../../shared/ids.ts';
import { toAppError } from './failures.ts';
import { type Bench, makeBench } from './testing/bench.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await makeBench();
});
afterEach(() => bench.close());

const DANA = 'dana@acme.example';
const LEE = 'lee@acme.example';

/** What the vault file holds for a connection, byte by byte. */
function sealed(id: ConnectionId): unknown[] {
  return bench.store.vaultDb.prepare('SELECT * FROM secrets WHERE owner_id = ? ORDER BY name').all(id);
}

describe('a re-authorization', () => {
  it('by the same user replaces the tokens and keeps id, jobs and history', async () => {
    const before = await bench.connected('zendesk');
    const tokens = await bench.secretsOf(before.id);
    const jobs = bench.store.jobs.listOfConnection(before.id);
    expect((await bench.service.authorize({ id: before.id })).kind).toBe('authorized');
    expect(bench.service.get(before.id)).toMatchObject({ id: before.id, state: { kind: 'active' } });
    expect((await bench.secretsOf(before.id)).accessToken).not.toBe(tokens.accessToken);
    expect(bench.store.jobs.listOfConnection(before.id)).toEqual(jobs);
  });

  it('that is cancelled leaves the credential byte-identical', async () => {
    const before = await bench.connected('zendesk');
    const bytes = sealed(before.id);
    bench.person = null;
    expect(await bench.service.authorize({ id: before.id })).toEqual({ kind: 'cancelled' });
    expect(sealed(before.id)).toEqual(bytes);
    expect(bench.service.get(before.id)).toEqual(before);
  });

  it('that is cancelled while the new grant is being tried gives it back and changes nothing', async () => {
    const before = await bench.connected('salesforce');
    const bytes = sealed(before.id);
    const practice = await bench.practice('salesforce');
    practice.command({ kind: 'latency', ms: 500 });
    const outcome = bench.service.authorize({ id: before.id });
    await expect.poll(() => bench.steps.at(-1)?.step).toBe('identifying');
    bench.service.cancelAuthorization(before.id);
    expect(await outcome).toEqual({ kind: 'cancelled' });
    expect(sealed(before.id)).toEqual(bytes);
    expect(bench.service.get(before.id)).toEqual(before);
    expect(practice.requests.some(({ path }) => path.includes('revoke'))).toBe(true);
  });

  it('by another user tells who it was and who it would be, and waits', async () => {
    const before = await bench.connected('zendesk');
    const bytes = sealed(before.id);
    bench.person = 'lee';
    const outcome = await bench.service.authorize({ id: before.id });
    if (outcome.kind !== 'confirm') throw new Error(outcome.kind);
    expect([outcome.before.account, outcome.after.account]).toEqual([DANA, LEE]);
    expect(outcome.losses).toEqual([]);
    expect(sealed(before.id)).toEqual(bytes);
    const { flowId } = outcome;
    expect((await bench.service.authorize({ id: before.id, confirmFlowId: flowId })).kind).toBe('authorized');
    expect(bench.service.get(before.id).authorization?.account).toBe(LEE);
    expect(bench.updates(before.id)[0]).toMatchObject({
      action: 'Connection re-authorized',
      changes: [{ field: 'Authorized by', before: DANA, after: LEE }],
    });
    await expect(bench.service.authorize({ id: before.id, confirmFlowId: flowId })).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  it('by another user that is refused gives the new grant back and keeps the old one working', async () => {
    const before = await bench.connected('salesforce');
    const bytes = sealed(before.id);
    const { requests } = await bench.practice('salesforce');
    bench.person = 'lee';
    const outcome = await bench.service.authorize({ id: before.id });
    if (outcome.kind !== 'confirm') throw new Error(outcome.kind);
    bench.service.cancelAuthorization(before.id);
    await expect.poll(() => requests.some(({ path }) => path.includes('revoke'))).toBe(true);
    expect(sealed(before.id)).toEqual(bytes);
    expect((await bench.service.objects(before.id, 'source')).length).toBeGreaterThan(0);
    await expect(bench.service.authorize({ id: before.id, confirmFlowId: outcome.flowId })).rejects.toThrow(
      'can no longer be confirmed',
    );
  });

  it('for another org is refused with the reason, and nothing changes', async () => {
    const before = await bench.connected('zendesk');
    const authorization = before.authorization;
    if (authorization === null) throw new Error('not authorized');
    const moved = bench.store.connections.save({
      ...before,
      authorization: { ...authorization, orgId: 'another-org', org: 'globex.zendesk.com' },
    });
    const bytes = sealed(before.id);
    await expect(bench.service.authorize({ id: before.id })).rejects.toMatchObject({ code: 'different_org' });
    expect(sealed(before.id)).toEqual(bytes);
    expect(bench.service.get(before.id)).toEqual(moved);
  });

  it('lists the fields that the new user cannot read, by job, and keeps the old grant until it is decided', async () => {
    const before = await bench.connected('salesforce');
    const practice = await bench.practice('salesforce');
    const job = bench.store.jobs.listOfConnection(before.id).find(({ sourceObject }) => sourceObject === 'Account');
    if (job === undefined) throw new Error('There is no Account job.');
    for (const field of ['Industry', 'Type'])
      practice.command({ kind: 'denyField', object: 'Account', field, email: LEE });
    bench.person = 'lee';
    const outcome = await bench.service.authorize({ id: before.id });
    if (outcome.kind !== 'confirm') throw new Error(outcome.kind);
    const lost = outcome.losses.find(({ object }) => object === 'Account');
    expect(lost?.refusal).toBeNull();
    expect(lost?.jobs).toContain(job.name);
    expect(lost?.lostFields.length).toBeGreaterThan(0);
    expect(lost?.lostFields.every((field) => ['Industry', 'Type'].includes(field))).toBe(true);
    expect(lost?.usedFields).toBeGreaterThan(lost?.lostFields.length ?? 0);
    await bench.service.authorize({ id: before.id, confirmFlowId: outcome.flowId });
    expect(bench.updates(before.id)[0]?.changes).toContainEqual({
      field: 'Can no longer be read',
      before: '',
      after: `Account: ${lost?.lostFields.join(', ')}`,
    });
  });

  it('lists a whole object that the new user cannot read, with what the system says', async () => {
    const before = await bench.connected('salesforce');
    const practice = await bench.practice('salesforce');
    practice.command({ kind: 'denyObject', object: 'Account', email: LEE });
    bench.person = 'lee';
    const outcome = await bench.service.authorize({ id: before.id });
    if (outcome.kind !== 'confirm') throw new Error(outcome.kind);
    expect(outcome.losses.find(({ object }) => object === 'Account')?.refusal).toMatch(/\w/);
    bench.service.cancelAuthorization(before.id);
  });

  it('with fewer scopes than before names the lost ones, and keeps the old grant until it is decided', async () => {
    const before = await bench.connected('salesforce');
    const bytes = sealed(before.id);
    const practice = await bench.practice('salesforce');
    practice.command({ kind: 'withholdScope', scope: 'api' });
    const outcome = await bench.service.authorize({ id: before.id });
    if (outcome.kind !== 'confirm') throw new Error(outcome.kind);
    expect(outcome).toMatchObject({ before: { account: DANA }, after: { account: DANA }, losses: [] });
    expect(outcome.lostScopes).toEqual(['api']);
    expect(sealed(before.id)).toEqual(bytes);
    await bench.service.authorize({ id: before.id, confirmFlowId: outcome.flowId });
    expect(bench.service.get(before.id).authorization).toMatchObject({ missingScopes: ['api'] });
    // They are what the next one is compared with: the same again is no loss.
    expect((await bench.service.authorize({ id: before.id })).kind).toBe('authorized');
  });

  it('whose objects cannot be asked about now fails and keeps the old grant', async () => {
    const before = await bench.connected('zendesk');
    const bytes = sealed(before.id);
    const practice = await bench.practice('zendesk');
    practice.command({ kind: 'failNext', status: 503, times: 1000 });
    await expect(bench.service.authorize({ id: before.id })).rejects.toThrow();
    expect(sealed(before.id)).toEqual(bytes);
  }, 300_000);

  it('with new keys replaces only what the system accepts', async () => {
    const before = await bench.connected('gainsight-api');
    const bytes = sealed(before.id);
    await expect(
      bench.service.authorize({ id: before.id, secrets: { accessKey: 'another-key-that-nobody-knows-000000' } }),
    ).rejects.toMatchObject({ code: 'authorization_failed' });
    expect(sealed(before.id)).toEqual(bytes);
  });

  it('of S3 with another access key asks first, then stores id and secret together and says whose it is', async () => {
    const before = await bench.connected('s3');
    const { samples } = await bench.practice('s3');
    const secretAccessKey = samples.users[1]?.password ?? '';
    const fields = { accessKeyId: 'AKIAPRACTICE0000009K4Z', bucket: 'another-bucket' };
    const halves = bench.service.authorize({ id: before.id, fields });
    await expect(halves).rejects.toMatchObject({ code: 'authorization_failed' });
    const outcome = await bench.service.authorize({ id: before.id, fields, secrets: { secretAccessKey } });
    if (outcome.kind !== 'confirm') throw new Error(outcome.kind);
    expect([outcome.before.account, outcome.after.account]).toEqual(['Access key …7Q2X', 'Access key …9K4Z']);
    expect(bench.service.get(before.id)).toEqual(before);
    await bench.service.authorize({ id: before.id, confirmFlowId: outcome.flowId });
    const after = bench.service.get(before.id);
    // The bucket is no part of the key: another one would be another org.
    expect(after.fields).toEqual({ ...before.fields, accessKeyId: 'AKIAPRACTICE0000009K4Z' });
    expect(await bench.secretsOf(before.id)).toEqual({ secretAccessKey });
    expect(bench.updates(before.id)[0]?.changes).toEqual([
      { field: 'Authorized by', before: 'Access key …7Q2X', after: 'Access key …9K4Z' },
      { field: 'Access key ID', before: 'AKIAPRACTICE0000007Q2X', after: 'AKIAPRACTICE0000009K4Z' },
    ]);
    expect((await bench.service.objects(before.id, 'source')).length).toBeGreaterThan(0);
  });

  it('of S3 from a temporary key to a permanent one erases the session token', async () => {
    const { samples } = await bench.practice('s3');
    const before = await bench.connected('s3', {
      secrets: { ...samples.secrets, sessionToken: 'practice-session-token' },
    });
    (await bench.practice('s3')).command({ kind: 'expireAccessTokens' });
    await expect(bench.service.authorize({ id: before.id })).rejects.toMatchObject({ code: 'authorization_failed' });
    const outcome = await bench.service.authorize({ id: before.id, removedSecrets: ['sessionToken'] });
    expect(outcome.kind).toBe('authorized');
    expect(await bench.secretsOf(before.id)).toEqual(samples.secrets);
  });

  it('with a wrong value says so at its field', async () => {
    const before = await bench.connected('s3');
    await expect(bench.service.authorize({ id: before.id, fields: { accessKeyId: '!' } })).rejects.toMatchObject({
      code: 'invalid_input',
      field: 'accessKeyId',
    });
  });

  it('that waits for an answer is not good for a connection that was edited meanwhile', async () => {
    const before = await bench.connected('salesforce');
    const { requests } = await bench.practice('salesforce');
    bench.person = 'lee';
    const outcome = await bench.service.authorize({ id: before.id });
    if (outcome.kind !== 'confirm') throw new Error(outcome.kind);
    bench.store.connections.save({
      ...before,
      overrides: { ...before.overrides, apiBaseUrl: 'https://elsewhere.test' },
    });
    const bytes = sealed(before.id);
    const confirmed = bench.service.authorize({ id: before.id, confirmFlowId: outcome.flowId });
    await expect(confirmed).rejects.toMatchObject({ code: 'conflict' });
    expect(sealed(before.id)).toEqual(bytes);
    await expect.poll(() => requests.some(({ path }) => path.includes('revoke'))).toBe(true);
  });

  it('is refused while another one is under way', async () => {
    const before = await bench.connected('zendesk');
    const both = await Promise.allSettled([
      bench.service.authorize({ id: before.id }),
      bench.service.authorize({ id: before.id }),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(both.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'busy' } });
  });
});

/** What a run would meet: the first page of what the connection's first job reads. */
async function readSomething(id: ConnectionId, object: string): Promise<void> {
  const transport = createTransport();
  const connection = bench.service.get(id);
  const connector = connectorById(connection.connectorId);
  const context = openConnection({
    connector,
    ...connection,
    access: bench.access.provider(id),
    transport,
    signal: AbortSignal.timeout(20_000),
    now: Date.now,
    log: () => undefined,
  });
  try {
    const request = { object, fields: [object === 'Account' ? 'Id' : 'id'], filter: [], since: null, checkpoint: null };
    for await (const _page of connector.read(context, request)) break;
  } catch (error) {
    throw await connector.explain(context, error as Parameters<typeof connector.explain>[1]);
  } finally {
    await transport.close();
  }
}

const SITUATIONS: readonly {
  readonly what: string;
  readonly connector: 'salesforce' | 'zendesk';
  readonly object: string;
  readonly command: PracticeCommand;
  readonly reason: DisconnectReason;
}[] = [
  {
    what: 'access was revoked for an investigation',
    connector: 'zendesk',
    object: 'tickets',
    command: { kind: 'revokeGrants' },
    reason: 'authorization_expired',
  },
  {
    what: 'the user lacks a permission',
    connector: 'salesforce',
    object: 'Account',
    command: { kind: 'denyObject', object: '*', email: DANA },
    reason: 'permission_missing',
  },
  {
    what: 'the admin left and was deactivated',
    connector: 'zendesk',
    object: 'tickets',
    command: { kind: 'deactivateUser', email: DANA },
    reason: 'user_deactivated',
  },
  {
    what: 'the password was changed',
    connector: 'salesforce',
    object: 'Account',
    command: { kind: 'changePassword', email: DANA },
    reason: 'password_changed',
  },
  {
    what: 'the licence ended',
    connector: 'zendesk',
    object: 'tickets',
    command: { kind: 'endLicence' },
    reason: 'licence_ended',
  },
];

describe('the five situations', () => {
  it.each(SITUATIONS)('$what: recognised, worded, and mended', async ({ connector, object, command, reason }) => {
    const connection = await bench.connected(connector);
    const practice = await bench.practice(connector);
    practice.command(command);
    const failure = await readSomething(connection.id, object).catch((error: unknown) => error);
    const failed = toFailure(failure);
    expect(reasonOf(failed.class)).toBe(reason);
    await bench.service.markDisconnected(connection.id, reason, failed.message, failed);
    const { state } = bench.service.get(connection.id);
    expect(state).toMatchObject({ kind: 'disconnected', reason });
    const sentence = state.kind === 'disconnected' ? reasonSentence(state) : '';
    if (reason === 'permission_missing') expect(sentence).toBe('The authorized user lacks a permission for Account');
    expect(reasonAdvice(reason)).toMatch(/\.$/);
    expect(bench.updates(connection.id)[0]).toMatchObject({
      action: 'Connection disconnected',
      by: 'Patchbay',
      changes: [{ field: 'State', before: 'Connected', after: `Disconnected: ${sentence}` }],
    });
    practice.command({ kind: 'restore' });
    const again = await bench.service.authorize({ id: connection.id });
    expect(again.kind).toBe('authorized');
    expect(bench.service.get(connection.id).state.kind).toBe('active');
  });
});

it('a list of objects that meets a deactivated user disconnects the connection; one that lacks a permission does not', async () => {
  const support = await bench.connected('zendesk');
  const sales = await bench.connected('salesforce');
  (await bench.practice('zendesk')).command({ kind: 'deactivateUser', email: DANA });
  (await bench.practice('salesforce')).command({ kind: 'denyObject', object: 'Account', email: DANA });
  await expect(
    bench.service.fields(support.id, 'source', 'tickets').then(() => bench.service.objects(support.id, 'source')),
  ).rejects.toThrow();
  await expect(bench.service.fields(sales.id, 'source', 'Account')).rejects.toThrow();
  expect(bench.service.get(support.id).state).toMatchObject({ reason: 'user_deactivated' });
  expect(bench.service.get(sales.id).state.kind).toBe('active');
});

it('a test that meets a dead key disconnects the connection; one of another key in the form does not', async () => {
  const connection = await bench.connected('gainsight-api');
  const { connectorId, name, authMethodId, fields, overrides } = connection;
  const typed = { connectorId, name, authMethodId, fields, overrides, secrets: { accessKey: 'x'.repeat(36) } };
  const run = (input?: typeof typed) =>
    bench.service.test({ testId: 'test00000001', id: connection.id, input }, () => undefined);
  expect((await run(typed)).passed).toBe(false);
  expect(bench.service.get(connection.id).state.kind).toBe('active');
  (await bench.practice('gainsight-api')).command({ kind: 'changePassword', email: '' });
  expect((await run({ ...typed, secrets: {} as typeof typed.secrets })).passed).toBe(false);
  expect(bench.service.get(connection.id).state.kind).toBe('disconnected');
});

it('a test asks for the truer reason, as a call does', async () => {
  const connection = await bench.connected('zendesk');
  (await bench.practice('zendesk')).command({ kind: 'deactivateUser', email: DANA });
  const { steps } = await bench.service.test({ testId: 'test00000001', id: connection.id }, () => undefined);
  expect(steps.find(({ status }) => status === 'fail')?.seen).toContain('suspended');
  expect(bench.service.get(connection.id).state).toMatchObject({ reason: 'user_deactivated' });
});

it('an error that is no failure of a system is not hidden in words for people', () => {
  expect(() => toAppError(new TypeError('a bug'))).toThrow('a bug');
});
