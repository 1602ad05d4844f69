/** The job a command line stands for: its fields from the source's description, or from the first page where there is none. */
import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import type { Connector, SourceRecord } from '../engine/connectors.ts';
import type { ConnectionFacts } from '../engine/messages.ts';
import type { ColumnType, SourceField } from '../shared/connector.ts';
import { type ConnectionId, connectionIdSchema, type JobId, jobIdSchema, tenantIdSchema } from '../shared/ids.ts';
import { ExactNumber } from '../shared/job/exact-number.ts';
import { type FieldMapping, type Job, jobSchema } from '../shared/job/job.ts';
import type { SyncArguments } from './arguments.ts';

const idFrom = (...parts: readonly string[]): string =>
  `h${createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 24)}`;

export function jobIdOf({ connector, baseUrl, object }: SyncArguments): JobId {
  return jobIdSchema.parse(idFrom('job', connector, baseUrl, object));
}

/** Naming an http address, or a private one, allows that network: for this connection, as the Advanced section would. */
export function sourceFacts(args: SyncArguments, connector: Connector): ConnectionFacts {
  return facts(args.connector, connector, args.baseUrl, args.connectionFields, args.allowPrivateNetwork);
}

export function destinationFacts(args: SyncArguments, connector: Connector): ConnectionFacts | null {
  const { destination } = args;
  if (destination === null) return null;
  const made = facts(connector.manifest.id, connector, destination.url, {}, args.allowPrivateNetwork);
  const { hostname } = new URL(destination.url);
  // The maker's limits bind the maker's servers; a test server says 429 by itself.
  const own = destination.requestsPerMinute ?? (isThisMachine(hostname) ? 1_000_000 : undefined);
  return { ...made, overrides: { ...made.overrides, ...(own === undefined ? {} : { requestsPerMinute: own }) } };
}

function facts(
  connectorId: string,
  connector: Connector,
  url: string,
  given: Readonly<Record<string, string>>,
  allowPrivate: boolean,
): ConnectionFacts {
  const defaults = connector.manifest.fields.flatMap(({ name, default: value }) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return {
    connectionId: connectionIdSchema.parse(idFrom('connection', connectorId, url)),
    connectorId,
    authMethodId: connector.manifest.auth[0]?.id ?? '',
    fields: { ...Object.fromEntries(defaults), ...given },
    overrides: { apiBaseUrl: url, allowPrivateNetwork: allowPrivate || isPrivateAddress(new URL(url)) },
    learned: {},
  };
}

function isThisMachine(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

function isPrivateAddress({ protocol, hostname }: URL): boolean {
  const literal = hostname.replace(/^\[|\]$/g, '');
  return (
    protocol === 'http:' ||
    hostname === 'localhost' ||
    (isIP(literal) !== 0 && /^(127\.|10\.|192\.168\.|::1$)/.test(literal))
  );
}

/** Fields of a page's records that hold single values; the first value that is there decides the type, or one no number holds. */
export function fieldsOfRecords(records: readonly SourceRecord[]): SourceField[] {
  const types = new Map<string, ColumnType | null>();
  for (const record of records) {
    for (const [name, value] of Object.entries(record)) {
      if (value instanceof ExactNumber) types.set(name, 'text');
      else if (typeof value === 'object' && value !== null) types.delete(name);
      else if ((types.get(name) ?? null) === null) types.set(name, typeOf(value));
    }
  }
  return [...types].map(([name, type]) => ({
    name,
    label: name,
    type: type ?? 'text',
    isKey: name === 'Id',
    isCursor: name === 'SystemModstamp' || name === 'LastModifiedDate',
    required: false,
  }));
}

/** Whole numbers may be followed by others: real holds both. */
function typeOf(value: unknown): ColumnType | null {
  if (typeof value === 'number') return 'real';
  if (typeof value === 'boolean') return 'boolean';
  return value === null || value === undefined ? null : 'text';
}

/** @throws Error when there is no field that could be the key */
export function buildJob(
  args: SyncArguments,
  ids: { readonly source: ConnectionId; readonly destination: ConnectionId | null },
  offered: readonly SourceField[],
): Job {
  const byName = new Map(offered.map((field) => [field.name, field]));
  const key = args.key ?? offered.find(({ isKey }) => isKey)?.name ?? 'Id';
  const names = args.fields ?? offered.map(({ name }) => name);
  const wanted = names.includes(key) ? names : [key, ...names];
  if (args.fields === null && !byName.has(key))
    throw new Error(`${args.object} has no field "${key}" to tell its records by; name one with --key.`);
  const mapping = wanted.map((name) => toMapping(name, byName.get(name), name === key));
  const cursorField = cursorOf(offered);
  const at = '1970-01-01T00:00:00.000Z';
  return jobSchema.parse({
    id: jobIdOf(args),
    tenantId: tenantIdSchema.parse('headless'),
    name: `${args.object} (${args.connector})`.slice(0, 120),
    connectionId: ids.source,
    sourceObject: args.object,
    mapping,
    keyColumn: columnName(key),
    mode: args.mode === 'incremental' && cursorField === null ? 'full' : args.mode,
    cursorField,
    lookbackSeconds: args.lookbackSeconds,
    filter: [],
    destination:
      args.destination === null || ids.destination === null
        ? { kind: 'cache' }
        : {
            kind: 'connection',
            connectionId: ids.destination,
            object: args.destination.object,
            keys: args.destination.keys,
          },
    isEnabled: true,
    origin: 'custom',
    templateId: null,
    createdAt: at,
    updatedAt: at,
    version: 1,
  });
}

/** A time of creation is a cursor too, but only for records that never change. */
function cursorOf(offered: readonly SourceField[]): string | null {
  const cursors = offered.filter(({ isCursor }) => isCursor).map(({ name }) => name);
  const ofChanges = (pattern: RegExp): string | undefined => cursors.find((name) => pattern.test(name));
  return ofChanges(/modstamp/i) ?? ofChanges(/modif|updat|chang/i) ?? cursors[0] ?? null;
}

function toMapping(name: string, field: SourceField | undefined, isKey: boolean): FieldMapping {
  const { type = 'text', decimals } = field ?? {};
  const mapped = { target: columnName(name), type, from: { kind: 'direct' as const, path: name }, required: isKey };
  return decimals === undefined ? mapped : { ...mapped, decimals };
}

function columnName(name: string): string {
  const safe = name.replaceAll(/[^A-Za-z0-9_]/g, '_').slice(0, 80);
  return /^[A-Za-z]/.test(safe) ? safe : `f_${safe}`.slice(0, 80);
}
