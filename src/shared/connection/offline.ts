import type { Connection } from './connection.ts';

/**
 * Whether a connection may be used while this machine is offline: one that may reach private addresses may point at this machine
 * or the company's own network, of which "offline" says nothing. Those of the practice tenant do.
 */
export function mayWorkOffline({ allowPrivateNetwork }: Pick<Connection['overrides'], 'allowPrivateNetwork'>): boolean {
  return allowPrivateNetwork;
}
