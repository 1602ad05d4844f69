import { join } from 'node:path';
import { Secret } from '../../../connectors/catalog.ts';
import { connectorIdSchema } from '../../shared/ids.ts';
import type { Tenant } from '../../shared/tenant.ts';
import type { LoginPlace } from '../oauth/secret-hosts.ts';
import type { Platform } from '../platform.ts';
import type { Records } from '../records/open-records.ts';
import type { Tenants } from '../tenants/open-tenants.ts';
import type { Secrets } from '../vault/open-secrets.ts';
import { addressesOf, atPresentAddress, practiceAddressesSchema } from './practice-addresses.ts';
import { PracticeHost, type PracticeSystem } from './practice-host.ts';

const PRACTICE_PORT = 42_900;
/** Where the practice systems were when they last ran. */
const PRACTICE_ADDRESSES = 'practice.addresses';

export interface Practice {
  readonly host: PracticeHost;
  /** Gives the practice tenant its OAuth apps. */
  fillInApps(): Promise<void>;
  /** Secret values of the practice tenant's own systems, nothing for a real tenant. */
  secretsFor(tenant: Tenant, connectorId: string): Promise<Readonly<Record<string, string>>>;
  /** The practice servers run, if the profile has a practice tenant. */
  ready(): Promise<void>;
}

export interface PracticeParts {
  readonly platform: Platform;
  readonly records: Records;
  readonly secrets: Secrets;
  readonly tenants: Tenants;
}

export function openPractice({
  platform,
  records,
  secrets: { vault },
  tenants: { tenants, oauthApps },
}: PracticeParts): Practice {
  const stateFolder = join(platform.profile, 'practice');
  const all = () => tenants.list().tenants.filter(({ kind }) => kind === 'practice');
  const host = new PracticeHost(
    (port) => platform.processes.startPractice(port, stateFolder),
    PRACTICE_PORT,
    (systems) => updateAddresses(records, all(), systems),
  );
  const fillInApps = async (): Promise<void> => {
    const [tenant] = all();
    if (tenant === undefined) return;
    for (const { connector, samples } of await host.systems()) {
      if (samples.oauthApp === undefined) continue;
      const { clientId, clientSecret } = samples.oauthApp;
      const isOpen = vault.status().state === 'unlocked';
      await oauthApps.prefill(
        tenant.id,
        { connectorId: connectorIdSchema.parse(connector), authMethodId: samples.authMethodId, clientId },
        clientSecret === undefined || !isOpen ? null : new Secret(clientSecret),
        placeOf(samples),
      );
    }
  };
  records.events.on('vaultChanged', ({ state }) => {
    if (state !== 'unlocked') return;
    fillInApps().catch((error: unknown) => records.log.error('The practice OAuth apps could not be stored', error));
  });
  return {
    host,
    fillInApps,
    secretsFor: async (tenant, connectorId) =>
      tenant.kind === 'practice'
        ? ((await host.systems()).find((system) => system.connector === connectorId)?.samples.secrets ?? {})
        : {},
    ready: async () => {
      if (all().length > 0) await host.systems();
    },
  };
}

/** The servers take other ports when theirs are taken: connections of practice tenants follow them. */
function updateAddresses(
  { store, events }: Records,
  tenants: readonly Tenant[],
  systems: readonly PracticeSystem[],
): void {
  const addresses = addressesOf(systems);
  const before = store.settings.get(PRACTICE_ADDRESSES, practiceAddressesSchema) ?? {};
  const changed = tenants
    .flatMap(({ id }) => store.connections.list(id))
    .flatMap((connection) => atPresentAddress(connection, before, addresses) ?? [])
    .map((connection) => store.change(() => store.connections.save(connection), null));
  store.settings.set(PRACTICE_ADDRESSES, addresses);
  if (changed.length > 0) events.emit('connectionsChanged', { changed, removed: [] });
}

/** The hosts that a sample's client secret belongs to. */
function placeOf({ fields, apiBaseUrl, loginBaseUrl }: PracticeSystem['samples']): LoginPlace {
  const overrides = { apiBaseUrl, ...(loginBaseUrl === undefined ? {} : { loginBaseUrl }), allowPrivateNetwork: true };
  return { fields, learned: {}, overrides };
}
