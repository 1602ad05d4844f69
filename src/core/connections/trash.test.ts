import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Bench, makeBench } from './testing/bench.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await makeBench();
});
afterEach(() => bench.close());

const DAY_MS = 86_400_000;

describe('a deleted connection', () => {
  it('is gone from every list, revoked at the provider, and keeps its jobs but no secret', async () => {
    const connection = await bench.connected('salesforce', { name: 'Sales' });
    const jobs = bench.store.jobs.listOfConnection(connection.id).length;
    expect(await bench.service.remove(connection.id, 'Sales')).toBe('done');
    expect(bench.service.list()).toEqual([]);
    expect(() => bench.service.get(connection.id)).toThrow('no longer exists');
    expect(bench.store.jobs.list(bench.tenant.id)).toEqual([]);
    expect(await bench.secretsOf(connection.id)).toEqual({});
    expect(bench.service.trashed()).toMatchObject([{ id: connection.id, name: 'Sales', jobs, remote: 'done' }]);
    const { requests } = await bench.practice('salesforce');
    expect(requests.some(({ path, status }) => path.includes('revoke') && status === 200)).toBe(true);
    const [remote, deleted] = bench.updates(connection.id);
    expect(deleted).toMatchObject({ action: 'Connection deleted', subject: 'Sales' });
    expect(deleted?.changes[0]).toEqual({ field: 'State', before: 'Connected', after: 'In the trash' });
    expect(remote?.changes[0]).toMatchObject({ field: 'At the provider', after: 'done' });
    await expect(bench.access.current(connection.id)).rejects.toThrow('was deleted');
  });

  it('needs its name typed when it has jobs, also ones that never ran', async () => {
    const connection = await bench.connected('zendesk', { name: 'Support' });
    expect(bench.service.removalImpact(connection.id)).toMatchObject({ needsTypedName: true });
    await expect(bench.service.remove(connection.id, 'support')).rejects.toMatchObject({ field: 'typedName' });
    await bench.service.remove(connection.id, ' Support ');
    expect(bench.service.list()).toEqual([]);
  });

  it('needs no name where nothing goes with it; of keys it says that they stay valid at the system', async () => {
    const connection = await bench.connected('gainsight-api');
    expect(bench.service.removalImpact(connection.id)).toMatchObject({ jobs: [], needsTypedName: false });
    expect(await bench.service.remove(connection.id, '')).toBe('none');
    expect(bench.updates(connection.id)[0]?.changes[0]?.after).toContain('The access key stays valid in Gainsight.');
    const draft = await bench.service.create(await bench.input('zendesk'));
    expect(await bench.service.remove(draft.connection.id, 'zendesk')).toBeNull();
  });

  it('comes back with its jobs and history, revoked, under its own name or a free one', async () => {
    const connection = await bench.connected('salesforce', { name: 'Sales' });
    const jobs = bench.store.jobs.listOfConnection(connection.id);
    await bench.service.remove(connection.id, 'Sales');
    await bench.connected('salesforce', { name: 'SALES' });
    const restored = bench.service.restore(connection.id);
    expect(restored).toMatchObject({ id: connection.id, name: 'Sales (restored)', state: { kind: 'revoked' } });
    expect(bench.store.jobs.list(bench.tenant.id)).toEqual(expect.arrayContaining(jobs));
    expect(bench.service.trashed()).toEqual([]);
    expect(bench.updates(connection.id)[0]).toMatchObject({
      action: 'Connection restored',
      changes: [
        { field: 'State', before: 'In the trash', after: 'Revoked' },
        { field: 'Name of the Connection', before: 'Sales', after: 'Sales (restored)' },
      ],
    });
    expect((await bench.service.authorize({ id: connection.id })).kind).toBe('authorized');
  });

  it('does not come back into a slot that somebody else holds', async () => {
    bench.tenant = { ...bench.tenant, limits: { perCategory: { crm: 1 }, perConnector: {} } };
    const connection = await bench.connected('salesforce', { name: 'Sales' });
    await bench.service.remove(connection.id, 'Sales');
    await bench.connected('salesforce', { name: 'Other' });
    expect(() => bench.service.restore(connection.id)).toThrow('"Other" holds the slot');
    expect(bench.service.trashed()).toHaveLength(1);
  });

  it('while offline keeps its tokens for the revocation alone, until the network is back', async () => {
    const connection = await bench.connected('salesforce');
    bench.isOffline = true;
    expect(await bench.service.remove(connection.id, 'salesforce')).toBe('pending');
    expect(bench.service.trashed()).toMatchObject([{ remote: 'pending' }]);
    await expect(bench.access.current(connection.id)).rejects.toThrow('was deleted');
    bench.isOffline = false;
    await bench.service.completeRevocations();
    expect(bench.service.trashed()).toMatchObject([{ remote: 'done' }]);
    expect([bench.service.list(), await bench.secretsOf(connection.id)]).toEqual([[], {}]);
  });

  it('stays for 30 days, then goes for good with its jobs and their rows; its activities stay', async () => {
    const connection = await bench.connected('gainsight-api');
    await bench.service.remove(connection.id, '');
    bench.aheadMs = 29 * DAY_MS;
    await bench.service.purgeTrash();
    expect(bench.service.trashed()).toHaveLength(1);
    bench.aheadMs = 31 * DAY_MS;
    await bench.service.purgeTrash();
    expect([bench.service.trashed(), bench.droppedRowsOf]).toEqual([[], [connection.id]]);
    expect(bench.updates(connection.id)[0]).toMatchObject({ action: 'Connection removed for good', by: 'Patchbay' });
    expect(bench.store.jobs.listOfConnection(connection.id)).toEqual([]);
    expect(bench.updates(connection.id).map(({ action }) => action)).toEqual(
      expect.arrayContaining(['Connection removed for good', 'Connection deleted', 'Connection created']),
    );
    expect(() => bench.service.restore(connection.id)).toThrow('not in the trash any more');
  });

  it('that goes for good before its provider was reached is still revoked there', async () => {
    const connection = await bench.connected('salesforce');
    bench.isOffline = true;
    expect(await bench.service.remove(connection.id, 'salesforce')).toBe('pending');
    await bench.service.removeForGood(connection.id);
    expect(bench.deferredRevocations.isEmpty).toBe(false);
    bench.isOffline = false;
    await bench.service.completeRevocations();
    expect(bench.deferredRevocations.isEmpty).toBe(true);
    // Only the client secret of the OAuth app is left; the hosts it was entered for are nobody's secret.
    expect(bench.vault.status().secrets).toBe(1);
  });

  it('of another tenant is not listed, and goes with its tenant', async () => {
    const connection = await bench.connected('gainsight-api');
    await bench.service.remove(connection.id, '');
    const { tenant } = bench;
    bench.tenant = { ...tenant, id: 'anothertenant01' as typeof tenant.id };
    expect(bench.service.trashed()).toEqual([]);
    await bench.service.emptyTrash(tenant.id);
    expect(bench.store.connections.getTrashed(connection.id)).toBeNull();
  });
});
