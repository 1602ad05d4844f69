/** What was typed into a connection form, put upon values that have changed since the form was opened. */
import type { FieldValue } from '../../../../shared/connection/connection.ts';
import type { ConnectorDescriptor } from '../../../../shared/connector.ts';
import type { ConnectionFormValues } from '../../../stores/connection-form-values.ts';

type Flat = Readonly<Record<string, FieldValue>>;

/** One control on which both have their own idea. */
export interface Difference {
  /** "name", or "fields.subdomain". */
  readonly key: string;
  readonly stored: FieldValue;
  readonly typed: FieldValue;
}

export interface Rebased {
  /** What was typed stands before what is stored now; secrets are as they were typed. */
  readonly values: ConnectionFormValues;
  /** Typed here and changed there. */
  readonly differences: readonly Difference[];
  /** Changed there and not touched here. */
  readonly adopted: readonly string[];
}

const FIELD = 'fields.';
const LABELS: Readonly<Record<string, string>> = {
  name: 'Name of the Connection',
  authMethodId: 'Authentication method',
  clientId: 'Client id',
  apiBaseUrl: 'API base URL',
  loginBaseUrl: 'Login base URL',
  allowPrivateNetwork: 'Allow private network addresses',
};

function flat({
  name,
  authMethodId,
  clientId,
  apiBaseUrl,
  loginBaseUrl,
  allowPrivateNetwork,
  fields,
}: ConnectionFormValues): Flat {
  const own = Object.entries(fields).map(([field, value]) => [`${FIELD}${field}`, value] as const);
  return { name, authMethodId, clientId, apiBaseUrl, loginBaseUrl, allowPrivateNetwork, ...Object.fromEntries(own) };
}

/** The form with one control set, named as in {@link Difference.key}. */
export function withValue(values: ConnectionFormValues, key: string, value: FieldValue): ConnectionFormValues {
  return key.startsWith(FIELD)
    ? { ...values, fields: { ...values.fields, [key.slice(FIELD.length)]: value } }
    : { ...values, [key]: value };
}

const same = (a: FieldValue | undefined, b: FieldValue | undefined): boolean =>
  (typeof a === 'string' ? a.trim() : (a ?? '')) === (typeof b === 'string' ? b.trim() : (b ?? ''));

/**
 * @param base what the form held before anything was typed
 * @param typed what it holds now
 * @param stored what it would hold if it were opened now
 */
export function rebase(base: ConnectionFormValues, typed: ConnectionFormValues, stored: ConnectionFormValues): Rebased {
  const [was, mine, theirs] = [flat(base), flat(typed), flat(stored)];
  const differences: Difference[] = [];
  const adopted: string[] = [];
  let values = typed;
  for (const key of new Set([...Object.keys(mine), ...Object.keys(theirs)])) {
    const now = theirs[key] ?? '';
    const own = mine[key] ?? '';
    if (same(was[key], now) || same(own, now)) continue;
    if (same(own, was[key])) {
      values = withValue(values, key, now);
      adopted.push(key);
    } else differences.push({ key, stored: now, typed: own });
  }
  return { values, differences, adopted };
}

/** A control's label as the form shows it. */
export function labelOf(connector: ConnectorDescriptor, key: string): string {
  return LABELS[key] ?? fieldOf(connector, key)?.label ?? key.slice(FIELD.length);
}

/** A control's value in words. */
export function wordsOf(connector: ConnectorDescriptor, key: string, value: FieldValue): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  const text = String(value).trim();
  if (text === '') return 'not set';
  if (key === 'authMethodId') return connector.authMethods.find(({ id }) => id === text)?.label ?? text;
  return fieldOf(connector, key)?.options?.find((option) => option.value === text)?.label ?? text;
}

function fieldOf(connector: ConnectorDescriptor, key: string) {
  const name = key.slice(FIELD.length);
  return [...connector.fields, ...connector.authMethods.flatMap((method) => method.fields)].find(
    (field) => field.name === name,
  );
}
