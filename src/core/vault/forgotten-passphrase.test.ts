import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../../connectors/catalog.ts';
import type { ConnectionId } from '../../shared/ids.ts';
import { newId } from '../../store/profile.ts';
import { aConnection, aTenant } from '../../store/testing/records.ts';
import { openTestProfile, type TestProfile } from '../network/testing/servers.ts';
import { connectionOwner, oauthAppOwner } from '../oauth/grants.ts';
import { ForgottenPassphrase } from './forgotten-passphrase.ts';
import { NodeKeyring } from './testing/vault.ts';

const OLD = new Secret('correct horse battery');
const NEW = new Secret('another long passphrase');
let here: TestProfile;
let lost: { id: ConnectionId; detail: string }[];
let forgotten: ForgottenPassphrase;
const tenant = aTenant();
const withKey = aConnection(tenant.id, { name: 'Has a key' });
const withoutKey = aConnection(tenant.id, { name: 'Has none' });

beforeEach(async () => {
  const keyring = new NodeKeyring();
  keyring.mood = 'absent';
  here = await openTestProfile(keyring);
  const { store, vault } = here;
  store.change(() => {
    store.tenants.insert(tenant);
    for (const one of [withKey, withoutKey]) store.connections.insert(one);
    store.oauthApps.save({
      id: newId(),
      tenantId: tenant.id,
      connectorId: 'example-crm',
      authMethodId: 'oauth',
      clientId: 'client',
      updatedAt: '2026-11-24T00:00:00.000Z',
    });
  }, null);
  await vault.setPassphrase(OLD, null);
  await vault.put(connectionOwner(withKey.id), { apiKey: new Secret('key') });
  await vault.put(oauthAppOwner(tenant.id, 'example-crm', 'oauth'), { clientSecret: new Secret('secret') });
  vault.lock();
  lost = [];
  forgotten = new ForgottenPassphrase({
    tenants: () => store.tenants.list(),
    connections: (id) => store.connections.list(id),
    oauthApps: (id) => store.oauthApps.list(id),
    connectorName: (id) => `The ${id}`,
    vault,
    markDisconnected: async (id, detail) => void lost.push({ id, detail }),
  });
});
afterEach(() => here.close());

describe('a forgotten passphrase', () => {
  it('says before what goes with it: connections by name and tenant, and client secrets', () => {
    expect(forgotten.impact()).toEqual({
      connections: [{ tenantName: tenant.name, name: 'Has a key' }],
      oauthApps: [{ tenantName: tenant.name, name: 'The example-crm' }],
    });
  });

  it('is replaced once the word was typed; what it sealed stays closed, its connections say so, new secrets are kept', async () => {
    await expect(forgotten.replace(NEW, 'yes')).rejects.toMatchObject({ code: 'invalid_input', field: 'typed' });
    expect(here.vault.status().state).toBe('locked');
    expect(await forgotten.replace(NEW, ' Forget ')).toMatchObject({ state: 'unlocked', unreadable: 2 });
    expect(lost).toEqual([{ id: withKey.id, detail: 'The vault passphrase was forgotten and replaced.' }]);
    await expect(here.vault.get(connectionOwner(withKey.id), 'apiKey')).rejects.toMatchObject({
      code: 'secret_unreadable',
    });
    await here.vault.put(connectionOwner(withKey.id), { apiKey: new Secret('a new key') });
    here.vault.lock();
    await expect(here.vault.unlock(OLD)).rejects.toMatchObject({ code: 'wrong_passphrase' });
    await here.vault.unlock(NEW);
    expect((await here.vault.get(connectionOwner(withKey.id), 'apiKey')).reveal()).toBe('a new key');
  });

  it('is not replaced while the vault is open', async () => {
    await here.vault.unlock(OLD);
    await expect(forgotten.replace(NEW, 'forget')).rejects.toMatchObject({ code: 'not_allowed' });
    expect(lost).toEqual([]);
  });
});
