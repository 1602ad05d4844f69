/** What a change of a tenant's OAuth app means for the connections that were authorized by it. */
import type { ListedRow } from '../../../../shared/ipc/contract/connection-list.ts';
import { safeText } from '../../../text/safe-text.ts';

const MOST_NAMES = 5;

/** Names of the connections whose authorization was given to the app. */
export function authorizedBy(rows: Iterable<ListedRow>, connectorId: string, authMethodId: string): string[] {
  const names: string[] = [];
  for (const { connection } of rows)
    if (
      connection.connectorId === connectorId &&
      connection.authMethodId === authMethodId &&
      connection.state.kind === 'active'
    )
      names.push(connection.name);
  return names;
}

interface AppChange {
  readonly stored: { readonly clientId: string } | undefined;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Whether another client is named: a refresh token works for the client it was given to and for no other. */
export function isOtherClient({ stored, clientId }: AppChange): boolean {
  return stored !== undefined && clientId.trim() !== '' && clientId.trim() !== stored.clientId;
}

/** @param names connections that were authorized by the app @returns what saving would do to them; null when nothing */
export function appChangeWarning(change: AppChange, names: readonly string[]): string | null {
  if (change.stored === undefined || names.length === 0) return null;
  const shown = names.slice(0, MOST_NAMES).map((name) => `"${safeText(name, 80)}"`);
  const more = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : '';
  const who = `${shown.join(', ')}${more}`;
  const isOne = names.length === 1;
  if (isOtherClient(change))
    return `${who} ${isOne ? 'was' : 'were'} authorized by the client id before and ${isOne ? 'needs' : 'need'} a new authorization: after saving, ${isOne ? 'it disconnects' : 'they disconnect'} when the access is renewed next. Re-authorize ${isOne ? 'it' : 'each of them'} with the new app.`;
  if (change.clientSecret.trim() === '') return null;
  return `${who} ${isOne ? 'uses' : 'use'} the new client secret as soon as the access is renewed. It has to be the one of this client id: with another, ${isOne ? 'it disconnects' : 'they disconnect'}.`;
}
