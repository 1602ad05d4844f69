import { connectorById, hasConnector } from '../../../connectors/catalog.ts';
import type { TenantId } from '../../shared/ids.ts';
import { newId } from '../../store/profile.ts';
import { oauthAppOwner } from '../oauth/grants.ts';
import type { Platform } from '../platform.ts';
import type { Records } from '../records/open-records.ts';
import type { Secrets } from '../vault/open-secrets.ts';
import { OAuthAppService } from './oauth-apps.ts';
import { TenantService } from './service.ts';

export interface Tenants {
  readonly tenants: TenantService;
  readonly oauthApps: OAuthAppService;
}

export function openTenants(platform: Platform, records: Records, secrets: Secrets): Tenants {
  const tenants = tenantService(platform, records);
  tenants.selectAnother();
  return { tenants, oauthApps: oauthAppService(records, secrets) };
}

function tenantService({ selectedTenant }: Platform, { store, newUpdate, now, events }: Records): TenantService {
  return new TenantService({
    list: () => store.tenants.list(),
    insert: (tenant, update) => void store.change(() => store.tenants.insert(tenant), update),
    save: (tenant, update) => void store.change(() => store.tenants.save(tenant), update),
    remove: (id) => void store.change(() => store.tenants.remove(id), null),
    newId,
    newUpdate: (tenantId, subject, action, changes) => newUpdate({ tenantId, subject, action, changes }),
    now,
    selected: () => selectedTenant.get(),
    select: (id) => selectedTenant.set(id),
    onChanged: () => {
      events.emit('tenantsChanged', undefined);
      events.emit('stateChanged', undefined);
    },
    ownLimit: (id) => (hasConnector(id) ? connectorById(id).manifest.maxPerTenant : undefined),
  });
}

function oauthAppService({ store, newUpdate, now }: Records, { vault, grants }: Secrets): OAuthAppService {
  const ownerOf = (app: { tenantId: TenantId; connectorId: string; authMethodId: string }) =>
    oauthAppOwner(app.tenantId, app.connectorId, app.authMethodId);
  return new OAuthAppService({
    list: (id) => store.oauthApps.list(id),
    find: (id, connectorId, methodId) => store.oauthApps.find(id, connectorId, methodId),
    save: (app, update) => void store.change(() => store.oauthApps.save(app), update),
    remove: (id, update) => void store.change(() => store.oauthApps.remove(id), update),
    secret: {
      info: (app) => vault.list(ownerOf(app)).find(({ name }) => name === 'clientSecret') ?? null,
      put: (app, clientSecret, place) =>
        grants.putClientSecret(app, connectorById(app.connectorId).manifest, clientSecret, place),
      isMissingOr: (app, clientSecret) => grants.isClientSecret(app, clientSecret, true),
      remove: (app) => vault.remove(ownerOf(app)),
    },
    connectorName: (id) => connectorById(id).manifest.name,
    newId,
    newUpdate: (tenantId, subject, action, changes) => newUpdate({ tenantId, subject, action, changes }),
    now,
  });
}
