import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Connection } from '../../shared/connection/connection.ts';
import type { ConnectionState } from '../../shared/connection/state.ts';
import { type Bench, makeBench } from './testing/bench.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await makeBench();
});
afterEach(() => bench.close());

const stateOf = ({ id }: Connection): ConnectionState => bench.service.get(id).state;
const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString();

/** Requests to the provider's revocation, with the tokens that were alive afterwards. */
async function revocations(connectorId: string): Promise<number> {
  const { requests } = await bench.practice(connectorId);
  return requests.filter(({ path, status }) => path.includes('revoke') && status === 200).length;
}

describe('a revocation', () => {
  it('stops the runs, tells the provider, removes the secrets, and says both results', async () => {
    const connection = await bench.connected('salesforce');
    await bench.service.revoke(connection.id);
    expect(stateOf(connection)).toMatchObject({ kind: 'revoked', remote: 'done' });
    expect(await revocations('salesforce')).toBe(1);
    expect(await bench.secretsOf(connection.id)).toEqual({});
    expect(bench.stopped).toEqual([{ id: connection.id, why: 'The connection was revoked.' }]);
    const [remote, here] = bench.updates(connection.id);
    expect(here).toMatchObject({
      action: 'Connection revoked',
      changes: [{ field: 'State', before: 'Connected', after: 'Revoked' }],
    });
    expect(remote).toMatchObject({
      action: 'Revocation at the provider',
      changes: [{ field: 'At the provider', after: 'done' }],
    });
    await expect(bench.access.current(connection.id)).rejects.toThrow('was revoked here');
  });

  it('until a date is kept in mind until then, until another date, or for good, each as an activity', async () => {
    const connection = await bench.connected('salesforce');
    await expect(async () => bench.service.setReminder(connection.id, inDays(1))).rejects.toThrow('is not revoked');
    await bench.service.revoke(connection.id, inDays(1));
    const later = inDays(3);
    bench.service.setReminder(connection.id, later);
    expect(stateOf(connection)).toMatchObject({ kind: 'revoked', remote: 'done', until: later });
    expect(() => bench.service.setReminder(connection.id, inDays(-1))).toThrow('within the next year');
    bench.service.setReminder(connection.id, null);
    expect(stateOf(connection)).toEqual({ kind: 'revoked', remote: 'done', since: expect.any(String) });
    expect(bench.updates(connection.id)[0]).toMatchObject({
      action: 'Reminder changed',
      changes: [{ field: 'Reminder to authorize it again', before: later, after: 'none' }],
    });
  });

  it('offline is at once here and waits there; it is sent with the same tokens when the network is back', async () => {
    const connection = await bench.connected('salesforce');
    bench.isOffline = true;
    await bench.service.revoke(connection.id);
    expect(stateOf(connection)).toMatchObject({ kind: 'revoked', remote: 'pending' });
    await bench.service.completeRevocations();
    expect(stateOf(connection)).toMatchObject({ remote: 'pending' });
    bench.isOffline = false;
    await bench.service.completeRevocations();
    expect(stateOf(connection)).toMatchObject({ remote: 'done' });
    expect([await revocations('salesforce'), await bench.secretsOf(connection.id)]).toEqual([1, {}]);
    expect(bench.updates(connection.id).map(({ action, by }) => [action, by])).toEqual(
      expect.arrayContaining([
        ['Revocation at the provider', 'Patchbay'],
        ['Connection revoked', 'You'],
      ]),
    );
  });

  it('that the provider refuses says so and can be tried again by hand', async () => {
    const connection = await bench.connected('zendesk');
    bench.revocationStatus = 400;
    await bench.service.revoke(connection.id);
    expect(stateOf(connection)).toMatchObject({ kind: 'revoked', remote: 'failed' });
    await bench.service.completeRevocations();
    expect(stateOf(connection)).toMatchObject({ remote: 'failed' });
    bench.revocationStatus = null;
    expect(await bench.service.retryRevocation(connection.id)).toBe('done');
    expect(await bench.secretsOf(connection.id)).toEqual({});
    expect(bench.updates(connection.id)[0]?.changes[0]).toMatchObject({ after: 'done' });
  });

  it('of keys has nothing to tell a provider', async () => {
    const connection = await bench.connected('gainsight-api');
    await bench.service.revoke(connection.id);
    expect(stateOf(connection)).toMatchObject({ kind: 'revoked', remote: 'none' });
    expect(await bench.secretsOf(connection.id)).toEqual({});
  });

  it('until a date keeps the date, which must lie ahead', async () => {
    const connection = await bench.connected('salesforce');
    for (const wrong of [inDays(-1), inDays(400)])
      await expect(bench.service.revoke(connection.id, wrong)).rejects.toMatchObject({ field: 'until' });
    const until = inDays(2);
    await bench.service.revoke(connection.id, until);
    expect(stateOf(connection)).toMatchObject({ kind: 'revoked', until });
    await bench.service.authorize({ id: connection.id });
    expect(stateOf(connection)).not.toHaveProperty('until');
  });

  it('is not possible twice, nor before there is anything to revoke', async () => {
    const connection = await bench.connected('salesforce');
    await bench.service.revoke(connection.id);
    await expect(bench.service.revoke(connection.id)).rejects.toThrow('It is revoked already.');
    const draft = await bench.service.create(await bench.input('zendesk'));
    await expect(bench.service.revoke(draft.connection.id)).rejects.toMatchObject({ code: 'not_allowed' });
    await expect(bench.service.retryRevocation(draft.connection.id)).rejects.toMatchObject({ code: 'not_allowed' });
  });
});

describe('a re-authorization while a revocation waits', () => {
  it('revokes with the old tokens first where that is possible now', async () => {
    const connection = await bench.connected('salesforce');
    bench.isOffline = true;
    await bench.service.revoke(connection.id);
    bench.isOffline = false;
    await bench.service.authorize({ id: connection.id });
    expect(stateOf(connection).kind).toBe('active');
    expect([await revocations('salesforce'), bench.deferredRevocations.isEmpty]).toEqual([1, true]);
    expect((await bench.service.objects(connection.id, 'source')).length).toBeGreaterThan(0);
  });

  it('else keeps the old tokens aside, so that the new ones do not overwrite what the revocation needs', async () => {
    const connection = await bench.connected('zendesk');
    const { requests } = await bench.practice('zendesk');
    bench.isOffline = true;
    await bench.service.revoke(connection.id);
    bench.isOffline = false;
    // The log-in works, what revokes does not.
    bench.revocationStatus = 503;
    await bench.service.authorize({ id: connection.id });
    expect(stateOf(connection).kind).toBe('active');
    expect(bench.deferredRevocations.isEmpty).toBe(false);
    const current = await bench.secretsOf(connection.id);
    bench.revocationStatus = null;
    await bench.service.completeRevocations();
    expect(bench.deferredRevocations.isEmpty).toBe(true);
    expect(requests.some(({ method, status }) => method === 'DELETE' && status < 300)).toBe(true);
    // The new grant is not the one that was revoked.
    expect(await bench.secretsOf(connection.id)).toEqual(current);
    expect((await bench.service.objects(connection.id, 'source')).length).toBeGreaterThan(0);
    expect((await bench.access.current(connection.id)).credentials.accessToken?.reveal()).toBe(current.accessToken);
  });
});
