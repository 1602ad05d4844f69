import { createTransport, type Transport } from '../../../connectors/kit/doors/authorization.ts';
import type { Platform } from '../platform.ts';
import type { Records } from '../records/open-records.ts';
import type { Tenants } from '../tenants/open-tenants.ts';
import { NetworkService } from './network.ts';

export interface Network {
  readonly settings: NetworkService;
  /** With the proxy of each origin and the added authorities. */
  readonly transport: Transport;
  /** Without them. */
  readonly directTransport: Transport;
  isOffline(): boolean;
}

export function openNetwork(
  platform: Platform,
  { store, newUpdate }: Records,
  { tenants }: Pick<Tenants, 'tenants'>,
): Network {
  const settings = new NetworkService({
    settings: store.settings,
    change: (write, action, changes) => {
      // It holds for all tenants; who looks for it looks at the one on screen.
      const tenantId = tenants.list().selected;
      store.change(write, tenantId === null ? null : newUpdate({ tenantId, subject: 'Network', action, changes }));
    },
    resolveProxy: (url) => platform.network.resolveProxy(url),
    now: () => platform.clock.now(),
  });
  const directTransport = createTransport();
  return {
    settings,
    directTransport,
    transport: settings.over(directTransport),
    isOffline: () => !platform.network.isOnline(),
  };
}
