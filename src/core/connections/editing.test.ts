import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { practiceById } from '../../../connectors/practice/catalog.ts';
import type { Connection } from '../../shared/connection/connection.ts';
import type { ConnectionInput } from '../../shared/ipc/contract.ts';
import { type Bench, makeBench } from './testing/bench.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await makeBench();
});
afterEach(() => bench.close());

/** A second server of the same system, at another address. */
async function elsewhere(connectorId: string): Promise<{ baseUrl: string; requests: readonly unknown[] }> {
  const other = await practiceById(connectorId).start({ port: 0, records: 1 });
  others.push(other);
  return other;
}
const others: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const other of others.splice(0)) await other.close();
});

function formOf(connection: Connection, change: Partial<ConnectionInput> = {}): ConnectionInput {
  const { connectorId, name, authMethodId, fields, overrides } = connection;
  return { connectorId, name, authMethodId, fields, overrides, secrets: {}, ...change };
}

describe('an edit', () => {
  it('of the name keeps the credential and says what was before and after', async () => {
    const before = await bench.connected('zendesk');
    const secrets = await bench.secretsOf(before.id);
    const input = formOf(before, { name: 'Help Desk' });
    expect(await bench.service.previewUpdate(before.id, input)).toEqual({
      changes: [{ field: 'Name of the Connection', before: 'zendesk', after: 'Help Desk' }],
      needsAuthorization: false,
      why: '',
    });
    const { row, needsAuthorization } = await bench.service.update(before.id, before.version, input);
    expect([row.connection.name, row.connection.state.kind, needsAuthorization]).toEqual([
      'Help Desk',
      'active',
      false,
    ]);
    expect(await bench.secretsOf(before.id)).toEqual(secrets);
    expect(bench.updates(before.id)[0]).toMatchObject({
      action: 'Connection edited',
      changes: [{ field: 'Name of the Connection', before: 'zendesk', after: 'Help Desk' }],
    });
  });

  it('of a version that is no longer the stored one is a conflict and changes nothing', async () => {
    const before = await bench.connected('gainsight-api');
    await bench.service.update(before.id, before.version, formOf(before, { name: 'First' }));
    await expect(
      bench.service.update(before.id, before.version, formOf(before, { name: 'Second' })),
    ).rejects.toMatchObject({ code: 'conflict' });
    expect(bench.service.get(before.id).name).toBe('First');
  });

  it('that changes nothing writes no activity', async () => {
    const before = await bench.connected('gainsight-api');
    const count = bench.updates(before.id).length;
    await bench.service.update(before.id, before.version, formOf(before));
    expect(bench.updates(before.id)).toHaveLength(count);
  });

  it('keeps what the form has no control for', async () => {
    const before = await bench.connected('zendesk');
    const limited = bench.store.connections.save({
      ...before,
      overrides: { ...before.overrides, requestsPerMinute: 40 },
    });
    const { row } = await bench.service.update(before.id, limited.version, formOf(before, { name: 'Help Desk' }));
    expect(row.connection.overrides.requestsPerMinute).toBe(40);
  });
});

describe('an edit of the host of an authorized connection', () => {
  it('says so beforehand, erases the tokens here, withdraws them at the old host, and asks for a new authorization', async () => {
    const before = await bench.connected('salesforce');
    const { accessToken = '', refreshToken = '' } = await bench.secretsOf(before.id);
    const old = await bench.practice('salesforce');
    const other = await elsewhere('salesforce');
    const input = formOf(before, {
      overrides: { apiBaseUrl: other.baseUrl, loginBaseUrl: other.baseUrl, allowPrivateNetwork: true },
    });
    const preview = await bench.service.previewUpdate(before.id, input);
    expect(preview.needsAuthorization).toBe(true);
    expect(preview.why).toContain(other.baseUrl);
    const { row, needsAuthorization } = await bench.service.update(before.id, before.version, input);
    expect(needsAuthorization).toBe(true);
    expect(row.connection.state).toMatchObject({ kind: 'disconnected', reason: 'authorization_expired' });
    expect(row.connection.learned).toEqual({});
    expect(await bench.secretsOf(before.id)).toEqual({});
    expect(old.requests.some(({ path, status }) => path.includes('revoke') && status === 200)).toBe(true);
    expect(other.requests).toEqual([]);
    expect(bench.stopped.map(({ id }) => id)).toEqual([before.id]);
    const text = JSON.stringify(bench.updates(before.id));
    expect(text).toContain('erased here; withdrawn at the provider');
    expect(accessToken.length).toBeGreaterThan(10);
    for (const token of [accessToken, refreshToken]) expect(text).not.toContain(token);
    // Whoever still asks for the access gets none.
    await expect(bench.access.current(before.id)).rejects.toThrow();
    expect(other.requests).toEqual([]);
  });

  it('while offline keeps the old tokens aside with their own host until they can be withdrawn there', async () => {
    const before = await bench.connected('salesforce');
    const other = await elsewhere('salesforce');
    const old = await bench.practice('salesforce');
    bench.isOffline = true;
    const overrides = { apiBaseUrl: other.baseUrl, loginBaseUrl: other.baseUrl, allowPrivateNetwork: true };
    await bench.service.update(before.id, before.version, formOf(before, { overrides }));
    expect(await bench.secretsOf(before.id)).toEqual({});
    expect(bench.deferredRevocations.isEmpty).toBe(false);
    bench.isOffline = false;
    await bench.service.completeRevocations();
    expect(bench.deferredRevocations.isEmpty).toBe(true);
    expect(old.requests.some(({ path, status }) => path.includes('revoke') && status === 200)).toBe(true);
    expect(other.requests).toEqual([]);
    // Only the client secret of the OAuth app is left; the hosts it was entered for are nobody's secret.
    expect(bench.vault.status().secrets).toBe(1);
  });

  it('is not tested with the old tokens either', async () => {
    const before = await bench.connected('zendesk');
    const other = await elsewhere('zendesk');
    const overrides = { ...before.overrides, apiBaseUrl: other.baseUrl };
    const { steps } = await bench.service.test(
      { testId: 'test00000001', id: before.id, input: formOf(before, { overrides }) },
      () => undefined,
    );
    const authorization = steps.find(({ id }) => id === 'authorization');
    expect(authorization).toMatchObject({
      status: 'skipped',
      seen: expect.stringContaining(`not sent to ${other.baseUrl}`),
    });
    // Only whether it answers was asked.
    expect(other.requests).toMatchObject([{ method: 'GET', path: '/' }]);
  });

  it('in a field of the form counts as much as one in Advanced; the new log-in has to be for the same org', async () => {
    const before = await bench.connected('salesforce');
    const stored = bench.store.connections.save({ ...before, overrides: { allowPrivateNetwork: false } });
    const fields = { ...before.fields, orgType: 'custom', customDomain: 'acme.my.salesforce.com' };
    const preview = await bench.service.previewUpdate(before.id, formOf(stored, { fields }));
    expect(preview).toMatchObject({ needsAuthorization: true });
    expect(preview.why).toContain('acme.my.salesforce.com');
    expect(preview.why).toContain(`has to be for ${before.authorization?.org} too`);
  });

  it('is followed by an authorization of the same org at the new host', async () => {
    const before = await bench.connected('salesforce');
    const other = await elsewhere('salesforce');
    const overrides = { apiBaseUrl: other.baseUrl, loginBaseUrl: other.baseUrl, allowPrivateNetwork: true };
    await bench.service.update(before.id, before.version, formOf(before, { overrides }));
    expect(bench.updates(before.id)[0]?.changes).toContainEqual({
      field: 'State',
      before: 'Connected',
      after: 'Disconnected: The authorization expired or was withdrawn',
    });
    expect((await bench.service.authorize({ id: before.id })).kind).toBe('authorized');
    expect(bench.service.get(before.id)).toMatchObject({ state: { kind: 'active' }, overrides });
  });
});

describe('an edit to another org', () => {
  it.each([
    ['zendesk', 'subdomain', 'globex'],
    ['s3', 'bucket', 'globex-exports'],
    ['gainsight-api', 'domain', 'globex.gainsightcloud.com'],
    ['salesforce', 'orgType', 'sandbox'],
  ])(
    'of %s is refused at the field before anything changes, and said while it is typed',
    async (system, field, value) => {
      const before = await bench.connected(system);
      const secrets = await bench.secretsOf(before.id);
      const input = formOf(before, { fields: { ...before.fields, [field]: value } });
      const preview = await bench.service.previewUpdate(before.id, input);
      expect(preview).toMatchObject({ needsAuthorization: false });
      expect(preview.why).toContain('create a new connection instead');
      const refusal = bench.service.update(before.id, before.version, input);
      await expect(refusal).rejects.toMatchObject({ code: 'different_org', field });
      expect([bench.service.get(before.id), await bench.secretsOf(before.id)]).toEqual([before, secrets]);
    },
  );

  it('is none while nobody has authorized it', async () => {
    const { connection } = await bench.service.create(await bench.input('zendesk'));
    const fields = { ...connection.fields, subdomain: 'globex' };
    const { row } = await bench.service.update(connection.id, connection.version, formOf(connection, { fields }));
    expect(row.connection.fields.subdomain).toBe('globex');
  });
});

/** The key of another user of the practice S3. */
async function otherKey(): Promise<Pick<ConnectionInput, 'fields' | 'secrets'>> {
  const { samples } = await bench.practice('s3');
  return {
    fields: { ...samples.fields, accessKeyId: 'AKIAPRACTICE0000009K4Z' },
    secrets: { secretAccessKey: samples.users[1]?.password ?? '' },
  };
}

describe('an edit of keys', () => {
  it('of another account is left to Re-Authorize, and nothing is replaced', async () => {
    const before = await bench.connected('s3');
    const secrets = await bench.secretsOf(before.id);
    const edit = bench.service.update(before.id, before.version, formOf(before, await otherKey()));
    await expect(edit).rejects.toMatchObject({ code: 'not_allowed', details: { remedy: 'reAuthorize' } });
    expect([bench.service.get(before.id), await bench.secretsOf(before.id)]).toEqual([before, secrets]);
  });

  it('that can no longer read what jobs use is left to Re-Authorize too', async () => {
    const before = await bench.connected('zendesk', {
      authMethodId: 'api-token',
      ...(await apiToken()),
    });
    const practice = await bench.practice('zendesk');
    practice.command({ kind: 'denyObject', object: 'tickets', email: 'dana@acme.example' });
    const edit = bench.service.update(
      before.id,
      before.version,
      formOf(before, { secrets: (await apiToken()).secrets }),
    );
    await expect(edit).rejects.toMatchObject({ code: 'not_allowed', details: { remedy: 'reAuthorize' } });
    await expect(edit).rejects.toThrow('tickets');
  });

  it('that works leaves a connected one connected, and one that was lost is connected again; the activity says so', async () => {
    const before = await bench.connected('gainsight-api');
    await bench.service.markDisconnected(before.id, 'password_changed', 'said so');
    const lost = bench.service.get(before.id);
    const { samples } = await bench.practice('gainsight-api');
    await bench.service.update(before.id, lost.version, formOf(lost, { secrets: { ...samples.secrets } }));
    expect(bench.service.get(before.id).state.kind).toBe('active');
    expect(bench.updates(before.id)[0]?.changes).toContainEqual({
      field: 'State',
      before: 'Disconnected: The password or key expired or was changed',
      after: 'Connected',
    });
  });

  it('that cannot be tried now does not replace a key that works; other values can be saved meanwhile', async () => {
    const before = await bench.connected('s3');
    const secrets = await bench.secretsOf(before.id);
    bench.isOffline = true;
    const edit = bench.service.update(before.id, before.version, formOf(before, await otherKey()));
    await expect(edit).rejects.toMatchObject({ code: 'unreachable' });
    await expect(edit).rejects.toThrow('The stored key was kept');
    expect(await bench.secretsOf(before.id)).toEqual(secrets);
    const fields = { ...before.fields, separator: 'tab' };
    const { row } = await bench.service.update(before.id, before.version, formOf(before, { fields }));
    expect(row.connection).toMatchObject({ state: before.state, authorization: before.authorization });
  });

  it('of a lost connection asks the dead key nothing for another value', async () => {
    const before = await bench.connected('s3');
    (await bench.practice('s3')).command({ kind: 'revokeGrants' });
    await bench.service.markDisconnected(before.id, 'user_deactivated', 'said so');
    const lost = bench.service.get(before.id);
    const fields = { ...lost.fields, separator: 'tab' };
    const { row } = await bench.service.update(lost.id, lost.version, formOf(lost, { fields }));
    expect(row.connection).toMatchObject({ state: lost.state, fields: { separator: 'tab' } });
  });

  it('erases an optional secret where that is asked for, and never a required one', async () => {
    const { samples } = await bench.practice('s3');
    const before = await bench.connected('s3', {
      secrets: { ...samples.secrets, sessionToken: 'practice-session-token' },
    });
    const input = formOf(before, { removedSecrets: ['sessionToken', 'secretAccessKey'] });
    const gone = { field: 'Session token', before: 'set', after: 'not set' };
    expect((await bench.service.previewUpdate(before.id, input)).changes).toEqual([gone]);
    await bench.service.update(before.id, before.version, input);
    expect(await bench.secretsOf(before.id)).toEqual(samples.secrets);
    expect(bench.updates(before.id)[0]?.changes).toEqual([gone]);
  });
});

async function apiToken(): Promise<Pick<ConnectionInput, 'secrets' | 'fields'>> {
  const { samples } = await bench.practice('zendesk');
  return { fields: { ...samples.fields, email: samples.users[0]?.email ?? '' }, secrets: { ...samples.secrets } };
}

describe('an edit of a revoked connection with keys', () => {
  it('changes its name without asking for the key that is gone', async () => {
    const before = await bench.connected('gainsight-api');
    await bench.service.revoke(before.id);
    const revoked = bench.service.get(before.id);
    const { row } = await bench.service.update(before.id, revoked.version, formOf(revoked, { name: 'Renamed' }));
    expect(row.connection).toMatchObject({ name: 'Renamed', state: { kind: 'revoked' } });
    expect(await bench.secretsOf(before.id)).toEqual({});
  });

  it('never connects it, also with a new key, which Re-Authorize then tries', async () => {
    const before = await bench.connected('gainsight-api');
    const { samples, requests } = await bench.practice('gainsight-api');
    await bench.service.revoke(before.id);
    const revoked = bench.service.get(before.id);
    const asked = requests.length;
    const input = formOf(revoked, { secrets: { ...samples.secrets } });
    expect((await bench.service.previewUpdate(before.id, input)).why).toContain('It stays revoked');
    const { row } = await bench.service.update(before.id, revoked.version, input);
    expect([row.connection.state.kind, requests.length]).toEqual(['revoked', asked]);
    expect((await bench.service.authorize({ id: before.id })).kind).toBe('authorized');
  });
});

describe('an edit of the host of a connection with keys', () => {
  it('asks for the key again: a stored one is never sent to another host', async () => {
    const before = await bench.connected('gainsight-api');
    const other = await elsewhere('gainsight-api');
    const overrides = { apiBaseUrl: other.baseUrl, allowPrivateNetwork: true };
    await expect(bench.service.update(before.id, before.version, formOf(before, { overrides }))).rejects.toMatchObject({
      code: 'invalid_input',
      field: 'accessKey',
    });
    expect(other.requests).toEqual([]);
    const { samples } = await bench.practice('gainsight-api');
    const { row } = await bench.service.update(
      before.id,
      before.version,
      formOf(before, { overrides, secrets: { ...samples.secrets } }),
    );
    expect(row.connection.state.kind).toBe('active');
    expect(other.requests.length).toBeGreaterThan(0);
  });
});
