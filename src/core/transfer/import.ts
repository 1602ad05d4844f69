/** Takes connections in from a file: as new drafts with their jobs switched off. What is there already is never touched. */
import { Secret } from '../../../connectors/catalog.ts';
import type { Connection } from '../../shared/connection/connection.ts';
import { connectionNameSchema } from '../../shared/connection/connection.ts';
import { tidyTags } from '../../shared/connection/tags.ts';
import { AppError } from '../../shared/errors.ts';
import { classOfCode, passesByItself, speaksOf } from '../../shared/failure/rules.ts';
import type { ConnectionId } from '../../shared/ids.ts';
import type { JobSettings } from '../../shared/job/job.ts';
import type { ImportResult } from '../../shared/transfer.ts';
import { connectionValues, diff } from '../connections/changes.ts';
import type { TransferFile, TransferredConnection, TransferredJob } from './file.ts';
import type { TransferPorts } from './ports.ts';
import { checkTransferred, folded, freeName, Slots } from './preview.ts';
import type { KeysByIndex } from './sealed-keys.ts';

const JOB_NAME_MAX = 120;
interface Choice {
  readonly index: number;
  readonly name: string;
}

interface Taken {
  readonly result: ImportResult;
  readonly connection: Connection | null;
  readonly entry: TransferredConnection | null;
}

export async function importConnections(
  ports: TransferPorts,
  file: TransferFile,
  choices: readonly Choice[],
  keys: KeysByIndex,
): Promise<ImportResult[]> {
  if (Object.keys(keys).length > 0) ports.keys.assertUsable();
  const tenant = ports.tenant();
  const existing = ports.connections(tenant.id);
  const slots = new Slots(ports, tenant, existing);
  const taken = choices.map((choice) => takeIn(ports, file, choice, slots));
  // Destinations by the name in the file: what came along wins over what was there.
  const byName = new Map(existing.map((connection) => [folded(connection.name), connection.id]));
  for (const { connection, entry } of taken)
    if (connection !== null && entry !== null) byName.set(folded(entry.name), connection.id);
  const results: ImportResult[] = [];
  for (const one of taken) results.push(await furnish(ports, one, byName, keys[one.result.index] ?? {}));
  ports.onImported();
  return results;
}

/** Inserts one draft, or says why not. */
function takeIn(ports: TransferPorts, file: TransferFile, choice: Choice, slots: Slots): Taken {
  const entry = file.connections[choice.index];
  const refused = (note: string): Taken => ({
    result: { index: choice.index, name: choice.name, status: 'refused', connectionId: null, jobs: 0, notes: [note] },
    connection: null,
    entry: null,
  });
  if (entry === undefined) return refused('The file has no such connection.');
  try {
    const connection = draftOf(ports, entry, choice.name);
    slots.take(connection);
    const tags = tidyTags(entry.tags ?? []);
    ports.insert(
      connection,
      tags,
      ports.newUpdate({
        tenantId: connection.tenantId,
        connectionId: connection.id,
        subject: connection.name,
        action: 'Connection imported',
        changes: [
          { field: 'Imported from tenant', before: '', after: file.tenant.name },
          ...diff({}, connectionValues(connection)),
          ...diff({}, { Tags: tags.join(', ') }),
        ],
      }),
    );
    const result = { index: choice.index, name: connection.name, status: 'created' as const, jobs: 0, notes: [] };
    return { result: { ...result, connectionId: connection.id }, connection, entry };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return refused(error.message);
  }
}

function draftOf(ports: TransferPorts, entry: TransferredConnection, typedName: string): Connection {
  const name = connectionNameSchema.safeParse(typedName);
  if (!name.success) throw new AppError('invalid_input', name.error.issues[0]?.message ?? 'This name cannot be used.');
  const form = checkTransferred(ports, entry);
  const { requestsPerMinute } = entry.overrides;
  const at = ports.now();
  return {
    id: ports.newId() as ConnectionId,
    tenantId: ports.tenant().id,
    connectorId: entry.connectorId,
    name: name.data,
    authMethodId: form.method.id,
    fields: form.fields,
    overrides: { ...form.overrides, ...(requestsPerMinute === undefined ? {} : { requestsPerMinute }) },
    state: { kind: 'draft' },
    authorization: null,
    learned: {},
    createdAt: at,
    updatedAt: at,
    version: 1,
  };
}

/** Its jobs, switched off, and its keys, when they came along. */
async function furnish(
  ports: TransferPorts,
  { result, connection, entry }: Taken,
  byName: ReadonlyMap<string, ConnectionId>,
  keys: Record<string, string>,
): Promise<ImportResult> {
  if (connection === null || entry === null) return result;
  const notes: string[] = [];
  let jobs = 0;
  for (const job of entry.jobs) {
    const note = addJob(ports, connection, entry.name, job, byName);
    if (note === null) jobs += 1;
    else notes.push(note);
  }
  const isAuthorized = Object.keys(keys).length > 0 && (await tryKeysOf(ports, connection, keys, notes));
  return { ...result, status: isAuthorized ? 'authorized' : 'created', jobs, notes };
}

function addJob(
  ports: TransferPorts,
  connection: Connection,
  nameInFile: string,
  { origin, templateId, destination, ...settings }: TransferredJob,
  byName: ReadonlyMap<string, ConnectionId>,
): string | null {
  const taken = new Set(ports.jobs(connection.tenantId).map(({ name }) => folded(name)));
  const name = freeName(renamed(settings.name, nameInFile, connection.name), taken, JOB_NAME_MAX);
  try {
    ports.createJob(
      {
        ...settings,
        name,
        connectionId: connection.id,
        destination: destinationOf(destination, byName),
        isEnabled: false,
      },
      { origin, templateId },
    );
    return null;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return `The job "${settings.name}" was left out: ${error.message}`;
  }
}

/** Names such as "Company Sync_Salesforce" go with the connection's name. */
function renamed(job: string, before: string, after: string): string {
  return before !== after && job.endsWith(`_${before}`) ? `${job.slice(0, -before.length)}${after}` : job;
}

function destinationOf(
  destination: TransferredJob['destination'],
  byName: ReadonlyMap<string, ConnectionId>,
): JobSettings['destination'] {
  if (destination.kind === 'cache') return destination;
  const { connection, ...named } = destination;
  const connectionId = byName.get(folded(connection));
  return connectionId === undefined ? { kind: 'cache' } : { ...named, connectionId };
}

async function tryKeysOf(
  ports: TransferPorts,
  connection: Connection,
  keys: Record<string, string>,
  notes: string[],
): Promise<boolean> {
  try {
    await ports.tryKeys(connection.id, keys);
    return true;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    // A failure that says nothing about the keys does not discard them: Authorize tries them again.
    const failureClass = classOfCode(error.code);
    if (!passesByItself(failureClass) && !speaksOf(failureClass, 'route')) {
      notes.push(`Its keys were not accepted and not stored: ${error.message}`);
      return false;
    }
    await ports.keys.put(
      connection.id,
      Object.fromEntries(Object.entries(keys).map(([name, value]) => [name, new Secret(value)])),
    );
    notes.push(`Its keys are stored but could not be tried yet: ${error.message}`);
    return false;
  }
}
