import { expect, test } from 'vitest';
import type { Connection } from '../../shared/connection/connection.ts';
import type { TenantId } from '../../shared/ids.ts';
import type { VaultStatus } from '../../shared/vault.ts';
import { aConnection } from '../../store/testing/records.ts';
import { CredentialWatch } from './credential-watch.ts';

const AT = '2026-03-01T09:00:00.000Z';
const status = (state: VaultStatus['state'], unreadable = 0): VaultStatus => ({
  protection: 'keyring',
  state,
  backend: 'gnome_libsecret',
  explanation: '',
  secrets: 2,
  unreadable,
});

function watchOver(connections: readonly Connection[], readable: ReadonlyMap<string, readonly boolean[]>) {
  const lost: string[] = [];
  const found: string[] = [];
  const watch = new CredentialWatch({
    connections: (kind) => connections.filter(({ state }) => state.kind === kind),
    secrets: (id) => (readable.get(id) ?? []).map((isReadable) => ({ isReadable })),
    markDisconnected: async (id) => void lost.push(id),
    found: (ids) => void found.push(...ids),
    warn: (text, error) => {
      throw new Error(text, { cause: error });
    },
  });
  return { watch, lost, found };
}

const tenant = 'tenant000001' as TenantId;
const active = aConnection(tenant, { state: { kind: 'active', since: AT } });
const missing = aConnection(tenant, {
  state: { kind: 'disconnected', since: AT, reason: 'credential_missing', detail: '' },
});
const expired = aConnection(tenant, {
  state: { kind: 'disconnected', since: AT, reason: 'authorization_expired', detail: '' },
});

test('a secret that can be opened again brings its connection back, and only that one', async () => {
  const { watch, lost, found } = watchOver(
    [active, missing, expired],
    new Map([
      [active.id, [true]],
      [missing.id, [true, true]],
      [expired.id, [true]],
    ]),
  );
  await watch.follow(status('unlocked'));
  expect(found).toEqual([missing.id]);
  expect(lost).toEqual([]);
});

test('a half readable credential, or none at all, stays missing', async () => {
  const { watch, found } = watchOver([missing], new Map([[missing.id, [true, false]]]));
  await watch.follow(status('unlocked', 1));
  const none = watchOver([missing], new Map());
  await none.watch.follow(status('unlocked'));
  expect([found, none.found]).toEqual([[], []]);
});

test('sealed by another keyring: an active connection says so; a locked vault changes nothing', async () => {
  const other = watchOver([active], new Map([[active.id, [false]]]));
  await other.watch.follow(status('locked', 1));
  expect(other.lost).toEqual([]);
  await other.watch.follow(status('unlocked', 1));
  expect(other.lost).toEqual([active.id]);
});
