/** The words of a connection's row. */

import type { ConnectionAction } from '../../../../shared/connection/actions.ts';
import type { RemoteRevocation } from '../../../../shared/connection/state.ts';
import { STATE_NAMES } from '../../../../shared/connection/state-names.ts';
import type { AuthMethodDescriptor, ConnectorDescriptor } from '../../../../shared/connector.ts';
import { reasonSentence } from '../../../../shared/failure/rules.ts';
import type { ListedRow } from '../../../../shared/ipc/contract/connection-list.ts';
import { formatAgo, formatAsOf, formatExact } from '../../../text/format.ts';
import { safeText } from '../../../text/safe-text.ts';

/** What of a connection's method its words depend on. */
type Method = Pick<AuthMethodDescriptor, 'interactive' | 'notRevoked'> | undefined;

/** Over the authorization that a connection has, or had. */
export const CARD_TITLES = {
  draft: 'Authorized now',
  active: 'Authorized now',
  disconnected: 'Authorized until now',
  revoked: 'Authorized before',
} as const;

/** The line under the state: why it is so, or who authorized it. */
export function stateDetail(connection: ListedRow['connection'], method: Method): string {
  const { state, authorization } = connection;
  switch (state.kind) {
    case 'draft':
      return method?.interactive === false ? 'Its key has not been accepted yet' : 'Nobody has authorized it yet';
    case 'disconnected':
      return reasonSentence(state);
    case 'revoked':
      return `${revokedDetail(state.remote, method)}${state.until === undefined ? '' : `, until ${formatExact(state.until)}`}`;
    case 'active':
      if (!authorization) return '';
      return authorization.missingScopes.length > 0
        ? `${authorization.account}, without ${authorization.missingScopes.join(', ')}`
        : authorization.account;
  }
}

const REVOKED_DETAIL = {
  pending: 'Revoked here; the provider is told when it can be reached',
  done: 'Revoked here and at the provider',
  failed: 'Revoked here; the provider did not confirm it',
  none: 'Revoked here; there was nothing to revoke at the provider',
} as const;

function revokedDetail(remote: RemoteRevocation, method: Method): string {
  if (remote !== 'none' || method?.notRevoked === undefined) return REVOKED_DETAIL[remote];
  return method.interactive
    ? 'Revoked here; the provider cannot be told'
    : 'Revoked here; the key itself is still valid at its system';
}

/** What became of a revocation at the provider. */
const REMOTE_TEXTS: Readonly<Record<RemoteRevocation, string>> = {
  done: 'The provider has confirmed it.',
  pending: 'The provider could not be reached yet; it is asked again by itself, also after a restart.',
  failed: 'The provider did not accept it. The authorization may still be valid there.',
  none: 'There was nothing to revoke at the provider.',
};

/** What became of a revocation at the provider, and what is left to do there. */
export function remoteText(remote: RemoteRevocation, method: Method): string {
  return remote === 'none' ? (method?.notRevoked ?? REMOTE_TEXTS.none) : REMOTE_TEXTS[remote];
}

/** The one button that mends the row's state. */
export function remedyOf(
  connection: ListedRow['connection'],
  method: { interactive: boolean } | undefined,
): { action: ConnectionAction; label: string } | null {
  switch (connection.state.kind) {
    case 'disconnected':
    case 'revoked':
      return { action: 'reAuthorize', label: 'Re-Authorize' };
    case 'draft':
      return method?.interactive === false
        ? { action: 'edit', label: 'Finish set-up' }
        : { action: 'authorize', label: 'Authorize' };
    case 'active':
      return null;
  }
}

export function methodOf(
  connector: ConnectorDescriptor | undefined,
  connection: ListedRow['connection'],
): ConnectorDescriptor['authMethods'][number] | undefined {
  return connector?.authMethods.find((method) => method.id === connection.authMethodId) ?? connector?.authMethods[0];
}

const RUN_WORDS = {
  running: 'running',
  waiting: 'waiting',
  success: 'last run',
  partial_success: 'partial success',
  failed: 'failed',
  stopped: 'stopped',
  interrupted: 'interrupted',
} as const;

export function lastRunText(row: ListedRow, nowMs: number): string {
  if (row.runningJobs > 0) return row.runningJobs === 1 ? 'running now' : `${row.runningJobs} running now`;
  if (!row.lastRun) return 'not run yet';
  return `${RUN_WORDS[row.lastRun.status]} ${formatAgo(row.lastRun.at, nowMs)}`;
}

export function dataAsOfText(row: ListedRow, nowMs: number): string {
  return row.dataAsOf ? `data as of ${formatAsOf(row.dataAsOf, nowMs)}` : 'no data yet';
}

/** The row's accessible name: begins with the connection's name, and says what the eye sees. */
export function rowLabel(row: ListedRow, detail: string, nowMs: number): string {
  const { connection } = row;
  return [
    safeText(connection.name),
    row.connectorName,
    STATE_NAMES[connection.state.kind],
    safeText(detail),
    lastRunText(row, nowMs),
    dataAsOfText(row, nowMs),
  ]
    .filter(Boolean)
    .join(', ');
}
