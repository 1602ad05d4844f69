import type { Update } from '../../shared/activity/activity.ts';
import type { Connection } from '../../shared/connection/connection.ts';

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

/** A connection's values as an Update activity shows them. */
export function connectionValues(connection: Connection): Record<string, unknown> {
  const { apiBaseUrl, loginBaseUrl, allowPrivateNetwork } = connection.overrides;
  return {
    'Name of the Connection': connection.name,
    Authentication: connection.authMethodId,
    'API base URL': apiBaseUrl,
    'Login base URL': loginBaseUrl,
    'Allow private network addresses': allowPrivateNetwork ? 'yes' : 'no',
    ...connection.fields,
  };
}

/** That secrets were replaced, by name only. */
export function secretChanges(names: readonly string[]): Changes {
  return names.map((field) => ({ field, before: 'set', after: 'replaced' }));
}
