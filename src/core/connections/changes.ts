import type { Update } from '../../shared/activity/activity.ts';
import type { Connection } from '../../shared/connection/connection.ts';
import type { ConnectionState } from '../../shared/connection/state.ts';
import { STATE_NAMES } from '../../shared/connection/state-names.ts';
import type { ConnectorDescriptor } from '../../shared/connector.ts';
import { reasonSentence } from '../../shared/failure/rules.ts';

type Changes = Update['changes'];

function show(value: unknown): string {
  if (value === undefined || value === null || value === '') return 'not set';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}

/** What changed between two flat sets of values, field by field, for an Update activity. Never called with secrets. */
export function diff(before: Readonly<Record<string, unknown>>, after: Readonly<Record<string, unknown>>): Changes {
  const changes: Changes = [];
  for (const field of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const was = show(before[field]);
    const is = show(after[field]);
    if (was !== is) changes.push({ field, before: was, after: is });
  }
  return changes;
}

/** A connection's values as an Update activity shows them, under the words of its form where these are given. */
export function connectionValues(connection: Connection, descriptor?: ConnectorDescriptor): Record<string, unknown> {
  const { apiBaseUrl, loginBaseUrl, allowPrivateNetwork, requestsPerMinute } = connection.overrides;
  const method = descriptor?.authMethods.find((one) => one.id === connection.authMethodId);
  const labels = new Map(
    [...(descriptor?.fields ?? []), ...(method?.fields ?? [])].map((field) => [field.name, field]),
  );
  const fields = Object.entries(connection.fields).map(([name, value]) => {
    const field = labels.get(name);
    const option = field?.options?.find((one) => one.value === value);
    const shown = typeof value === 'boolean' ? (value ? 'yes' : 'no') : (option?.label ?? value);
    return [field?.label ?? name, shown];
  });
  return {
    'Name of the Connection': connection.name,
    Authentication: method?.label ?? connection.authMethodId,
    'API base URL': apiBaseUrl,
    'Login base URL': loginBaseUrl,
    'Allow private network addresses': allowPrivateNetwork ? 'yes' : 'no',
    'Calls a minute': requestsPerMinute,
    ...Object.fromEntries(fields),
  };
}

/** What became of secrets, by the label of their field only. */
export function secretChanges(
  names: readonly string[],
  descriptor: ConnectorDescriptor,
  [before, after]: readonly [string, string] = ['set', 'replaced'],
): Changes {
  const fields = [...descriptor.fields, ...descriptor.authMethods.flatMap((method) => method.fields)];
  return names.map((name) => ({ field: fields.find((field) => field.name === name)?.label ?? name, before, after }));
}

/** Who it is authorized by, for what, and its state. */
export function authorizationChanges(before: Connection, after: Connection): Changes {
  return diff(authorizationValues(before), authorizationValues(after));
}

function authorizationValues({ authorization, state }: Connection): Record<string, unknown> {
  return {
    'Authorized by': authorization?.account,
    Org: authorization?.org,
    Scopes: authorization?.scopes.join(' '),
    State: stateWords(state),
  };
}

/** A state as an Update activity shows it. */
export function stateWords(state: ConnectionState): string {
  const name = STATE_NAMES[state.kind];
  return state.kind === 'disconnected' ? `${name}: ${reasonSentence(state)}` : name;
}

/** All that decides where a connection's calls go and as whom, apart from secrets: the same text means the same. */
export function accessParts({ authMethodId, fields, overrides }: Connection): string {
  return JSON.stringify([authMethodId, Object.entries(fields).sort(), Object.entries(overrides).sort()]);
}
