/** The command line: `sync` and its options. */
import { parseArgs } from 'node:util';

export class UsageError extends Error {}

export interface SyncArguments {
  readonly connector: string;
  readonly baseUrl: string;
  readonly token: string;
  readonly object: string;
  readonly profile: string;
  readonly json: boolean;
  readonly mode: 'full' | 'incremental';
  /** Mark rows as gone however many they are. */
  readonly marksMissing: boolean;
  readonly fields: readonly string[] | null;
  readonly key: string | null;
  readonly lookbackSeconds: number;
  /** Non-secret connection fields, e.g. apiVersion. */
  readonly connectionFields: Readonly<Record<string, string>>;
  readonly allowPrivateNetwork: boolean;
  readonly destination: DestinationArguments | null;
}

export interface DestinationArguments {
  /** Null: the one that can be delivered to. */
  readonly connector: string | null;
  readonly url: string;
  readonly token: string;
  readonly object: string;
  readonly keys: readonly string[];
  readonly requestsPerMinute: number | null;
}

export const USAGE = `Usage: npm run -s headless -- sync --connector ID --base-url URL --token TOKEN --object NAME --profile DIR [options]

Runs one job through the job engine, without a window, into DIR/data/cache.db. The same command again goes on with a run
that was interrupted, else it reads once more and writes what differs.

  --connector ID            salesforce, zendesk, ... (a folder of connectors/)
  --base-url URL            API address; http only for this machine or a private network
  --token TOKEN             access token or key; the environment variable PATCHBAY_TOKEN serves too
  --object NAME             source object, e.g. Account
  --profile DIR             folder of the data, made when it is not there
  --mode full|incremental   full (default) also marks rows that are gone; incremental reads what changed since the last run
  --mark-missing            mark rows that are gone even where they are more than half of the job's rows and more than 20;
                            without it they stay, and the run is done in part
  --fields a,b,c            source fields; default: every field of the object that is a single value
  --key NAME                field that identifies a record; default: the one the connector names, else Id
  --lookback SECONDS        how far an incremental run looks back behind its cursor; default 0
  --field NAME=VALUE        a field of the connection, e.g. apiVersion=61.0; may be repeated
  --allow-private-network   when the host's name leads to a private address
  --destination-url URL --destination-token TOKEN --destination-object NAME --destination-keys a,b
                            also delivers each row there
  --destination-connector ID the system to deliver to; not needed while only one takes deliveries
  --destination-requests-per-minute N
                            default: the limit of the system's maker; none for a server on this machine
  --json                    one line of JSON on stdout, nothing else

Exit codes: 0 everything was read and stored, 3 not all of it (records were rejected, parts of the source could not be
read, or rows are missing and wait for --mark-missing; all are counted and named), 1 failed, 2 wrong arguments, 130 interrupted.`;

const OPTIONS = {
  connector: { type: 'string' },
  'base-url': { type: 'string' },
  token: { type: 'string' },
  object: { type: 'string' },
  profile: { type: 'string' },
  json: { type: 'boolean' },
  mode: { type: 'string' },
  'mark-missing': { type: 'boolean' },
  fields: { type: 'string' },
  key: { type: 'string' },
  lookback: { type: 'string' },
  field: { type: 'string', multiple: true },
  'allow-private-network': { type: 'boolean' },
  'destination-connector': { type: 'string' },
  'destination-url': { type: 'string' },
  'destination-token': { type: 'string' },
  'destination-object': { type: 'string' },
  'destination-keys': { type: 'string' },
  'destination-requests-per-minute': { type: 'string' },
  help: { type: 'boolean' },
} as const;

type Values = ReturnType<typeof parse>['values'];

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : 'The arguments cannot be read.', { cause });
  }
}

/**
 * @returns null when help was asked for
 * @throws UsageError
 */
export function parseArguments(args: readonly string[], env: NodeJS.ProcessEnv): SyncArguments | null {
  const { values, positionals } = parse(args);
  if (values.help === true) return null;
  if (positionals.length !== 1 || positionals[0] !== 'sync') throw new UsageError('The command is "sync".');
  const { mode = 'full' } = values;
  if (mode !== 'full' && mode !== 'incremental') throw new UsageError('--mode is full or incremental.');
  return {
    connector: needed(values, 'connector'),
    baseUrl: address(needed(values, 'base-url'), '--base-url'),
    token: values.token ?? env.PATCHBAY_TOKEN ?? needed(values, 'token'),
    object: needed(values, 'object'),
    profile: needed(values, 'profile'),
    json: values.json === true,
    mode,
    marksMissing: values['mark-missing'] === true,
    fields: values.fields === undefined ? null : list(values.fields, '--fields'),
    key: values.key ?? null,
    lookbackSeconds: seconds(values.lookback ?? '0'),
    connectionFields: Object.fromEntries((values.field ?? []).map(pair)),
    allowPrivateNetwork: values['allow-private-network'] === true,
    destination: values['destination-url'] === undefined ? null : destination(values),
  };
}

function destination(values: Values): DestinationArguments {
  return {
    connector: values['destination-connector'] ?? null,
    url: address(needed(values, 'destination-url'), '--destination-url'),
    token: needed(values, 'destination-token'),
    object: needed(values, 'destination-object'),
    keys: list(needed(values, 'destination-keys'), '--destination-keys'),
    requestsPerMinute: perMinute(values['destination-requests-per-minute']),
  };
}

function needed(
  values: Values,
  name: Exclude<keyof Values, 'json' | 'help' | 'field' | 'allow-private-network' | 'mark-missing'>,
): string {
  const value = values[name];
  if (value === undefined || value === '') throw new UsageError(`--${name} is missing.`);
  return value;
}

function address(text: string, option: string): string {
  try {
    return new URL(text).href.replace(/(?<!\/)\/+$/, '');
  } catch (cause) {
    throw new UsageError(`${option} is not a web address.`, { cause });
  }
}

function list(text: string, option: string): string[] {
  const parts = text.split(',').map((part) => part.trim());
  if (parts.some((part) => part === '')) throw new UsageError(`${option} has an empty name.`);
  return parts;
}

function seconds(text: string): number {
  if (!/^\d{1,8}$/.test(text)) throw new UsageError('--lookback is a number of seconds.');
  return Number(text);
}

function perMinute(text: string | undefined): number | null {
  if (text === undefined) return null;
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new UsageError('--destination-requests-per-minute is a number up to 999999.');
  return Number(text);
}

function pair(text: string): [string, string] {
  const at = text.indexOf('=');
  if (at <= 0) throw new UsageError('--field is NAME=VALUE.');
  return [text.slice(0, at), text.slice(at + 1)];
}
