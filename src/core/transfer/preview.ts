/** What an import would do, entry by entry, before anything is done. */
import type { Connection } from '../../shared/connection/connection.ts';
import { NAME_MAX } from '../../shared/connection/connection.ts';
import { AppError } from '../../shared/errors.ts';
import type { Tenant } from '../../shared/tenant.ts';
import type { ImportEntry, ImportVerdict } from '../../shared/transfer.ts';
import { type CheckedForm, checkForm } from '../connections/form.ts';
import { checkLimits } from '../connections/limits.ts';
import type { TransferFile, TransferredConnection } from './file.ts';
import type { TransferPorts } from './ports.ts';

/** Names are compared without case, as the store does. */
export const folded = (name: string): string => name.trim().toLowerCase();

/** "Name", "Name (imported)", "Name (imported 2)" ...: the first that is free. */
export function freeName(name: string, taken: ReadonlySet<string>, most = NAME_MAX): string {
  if (!taken.has(folded(name))) return name;
  for (let number = 1; ; number += 1) {
    const ending = number === 1 ? ' (imported)' : ` (imported ${number})`;
    const candidate = `${[...name]
      .slice(0, most - ending.length)
      .join('')
      .trimEnd()}${ending}`;
    if (!taken.has(folded(candidate))) return candidate;
  }
}

type Slot = Parameters<typeof checkLimits>[2][number];

/** Limits as they would be after what was taken in before. */
export class Slots {
  readonly #tenant: Tenant;
  readonly #ports: TransferPorts;
  readonly #held: Slot[];

  constructor(ports: TransferPorts, tenant: Tenant, existing: readonly Connection[]) {
    this.#ports = ports;
    this.#tenant = tenant;
    this.#held = existing.map((connection) => this.#slot(connection));
  }

  /** @throws AppError limit_reached | not_found for an unknown connector */
  take(connection: Pick<Connection, 'name' | 'connectorId'>): void {
    const descriptor = this.#ports.descriptor(connection.connectorId);
    if (descriptor === null) throw unknownConnector();
    checkLimits(this.#tenant, descriptor, this.#held);
    this.#held.push(this.#slot(connection));
  }

  #slot(connection: Pick<Connection, 'name' | 'connectorId'>): Slot {
    return { connection, descriptor: this.#ports.descriptor(connection.connectorId) ?? undefined };
  }
}

export function unknownConnector(): AppError {
  return new AppError('not_found', 'This version of Patchbay does not know this connector.');
}

/** Checks values and hosts as the form would; keys may be missing. @throws AppError invalid_input | not_found */
export function checkTransferred(ports: TransferPorts, entry: TransferredConnection): CheckedForm {
  const descriptor = ports.descriptor(entry.connectorId);
  if (descriptor === null) throw unknownConnector();
  const everyKey = [...descriptor.fields, ...descriptor.authMethods.flatMap(({ fields }) => fields)].map(
    ({ name }) => name,
  );
  return checkForm(
    { ...entry, secrets: {} },
    {
      descriptor,
      storedSecrets: new Set(everyKey),
      refuseHost: (host) => ports.refuseHost(entry.connectorId, host),
    },
  );
}

export function previewEntries(ports: TransferPorts, file: TransferFile): ImportEntry[] {
  const tenant = ports.tenant();
  const existing = ports.connections(tenant.id);
  const taken = new Set(existing.map(({ name }) => folded(name)));
  const slots = new Slots(ports, tenant, existing);
  return file.connections.map((entry, index) => {
    const verdict = judge(ports, entry, slots, taken.has(folded(entry.name)));
    const suggestedName = freeName(entry.name, taken);
    if (verdict.verdict === 'new' || verdict.verdict === 'nameTaken') taken.add(folded(suggestedName));
    return {
      index,
      name: entry.name,
      connectorName: ports.descriptor(entry.connectorId)?.name ?? entry.connectorName,
      hosts: hostsOf(ports, entry, verdict.verdict),
      jobs: entry.jobs.map(({ name }) => name),
      ...verdict,
      suggestedName,
      notes: notesOn(entry, file, existing),
    };
  });
}

function judge(
  ports: TransferPorts,
  entry: TransferredConnection,
  slots: Slots,
  isTaken: boolean,
): { verdict: ImportVerdict; reason: string } {
  try {
    checkTransferred(ports, entry);
    slots.take(entry);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const verdict =
      error.code === 'limit_reached' ? 'overLimit' : error.code === 'not_found' ? 'unknownConnector' : 'invalid';
    return { verdict, reason: error.message };
  }
  if (isTaken)
    return { verdict: 'nameTaken', reason: 'A connection of this name is there already. It stays as it is.' };
  return { verdict: 'new', reason: '' };
}

/** A file may send a connection anywhere its connector allows, by what is typed as much as by an override: all of it is shown. */
function hostsOf(ports: TransferPorts, entry: TransferredConnection, verdict: ImportVerdict): string[] {
  const { apiBaseUrl = '', loginBaseUrl = '' } = entry.overrides;
  const hosts =
    verdict === 'invalid' || verdict === 'unknownConnector'
      ? [apiBaseUrl, loginBaseUrl].filter((one) => one !== '')
      : ports.hostsOf(entry.connectorId, checkTransferred(ports, entry));
  return [...new Set(hosts)];
}

function notesOn(entry: TransferredConnection, file: TransferFile, existing: readonly Connection[]): string[] {
  const known = new Set([...existing, ...file.connections].map(({ name }) => folded(name)));
  const missing = new Set(
    entry.jobs.flatMap(({ destination }) =>
      destination.kind === 'connection' && !known.has(folded(destination.connection)) ? [destination.connection] : [],
    ),
  );
  return [
    ...(entry.overrides.allowPrivateNetwork ? ['It may reach private network addresses.'] : []),
    ...[...missing].map((name) => `Jobs that deliver to "${name}" deliver to the local cache: it is not here.`),
  ];
}
