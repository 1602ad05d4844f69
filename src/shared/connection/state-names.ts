import type { ConnectionStateKind } from './state.ts';

export const STATE_NAMES: Readonly<Record<ConnectionStateKind, string>> = {
  draft: 'Not authorized',
  active: 'Connected',
  disconnected: 'Disconnected',
  revoked: 'Revoked',
};
