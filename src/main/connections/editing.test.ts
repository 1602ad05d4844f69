import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { practiceById } from '../../../connectors/practice-catalog.ts';
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
    expect(bench.asides.isEmpty).toBe(false);
    bench.isOffline = false;
    await bench.service.completeRevocations();
    expect(bench.asides.isEmpty).toBe(true);
    expect(old.requests.some(({ path, status }) => path.includes('revoke') && status === 200)).toBe(true);
    expect(other.requests).toEqual([]);
    // Only the client secret of the OAuth app is left.
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

  it('in a field of the form counts as much as one in Advanced', async () => {
    const before = await bench.connected('zendesk');
    const bare = { ...before, overrides: { allowPrivateNetwork: false } };
    const stored = bench.store.connections.save(bare);
    const fields = { ...before.fields, subdomain: 'another-account' };
    const preview = await bench.service.previewUpdate(before.id, formOf(stored, { fields }));
    expect(preview).toMatchObject({ needsAuthorization: true });
    expect(preview.why).toContain('another-account.zendesk.com');
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
