/** Connections with their jobs as a file's content. Without a passphrase nothing secret is even read. */
import type { Update } from '../../shared/activity/activity.ts';
import type { Connection } from '../../shared/connection/connection.ts';
import { AppError } from '../../shared/errors.ts';
import type { ConnectionId } from '../../shared/ids.ts';
import type { Job } from '../../shared/job/job.ts';
import { GRANT_NAMES } from '../oauth/grants.ts';
import {
  TRANSFER_FORMAT,
  TRANSFER_VERSION,
  type TransferFile,
  type TransferredConnection,
  type TransferredJob,
} from './file.ts';
import type { TransferPorts } from './ports.ts';
import { type KeysByIndex, sealKeys } from './sealed-keys.ts';

export interface Exported {
  readonly file: TransferFile;
  readonly jobs: number;
  /** Connections whose keys are in it. */
  readonly withKeys: number;
  /** Tells the activities that it was written. */
  readonly update: Update;
}

/** Names that one activity lists; the rest is a number. */
const MOST_NAMES = 20;

export async function exportConnections(
  ports: TransferPorts,
  ids: readonly ConnectionId[],
  passphrase: string | null,
): Promise<Exported> {
  const tenant = ports.tenant();
  const all = ports.connections(tenant.id);
  const wanted = new Set<string>(ids);
  const chosen = all.filter(({ id }) => wanted.has(id));
  if (chosen.length === 0) throw new AppError('not_found', 'None of these connections is there any more.');
  const names = new Map(all.map(({ id, name }) => [id as string, name]));
  const rest = {
    format: TRANSFER_FORMAT,
    version: TRANSFER_VERSION,
    exportedAt: ports.now(),
    exportedWith: `Patchbay ${ports.version}`,
    tenant: { name: tenant.name, domain: tenant.domain },
    connections: chosen.map((connection) => toTransferred(ports, connection, names)),
  } as const;
  const keys = passphrase === null ? {} : await readKeys(ports, chosen);
  const sealed =
    passphrase === null ? null : await sealKeys(keys, { ...rest, connections: [...rest.connections] }, passphrase);
  return {
    file: { ...rest, connections: [...rest.connections], keys: sealed },
    jobs: rest.connections.reduce((sum, { jobs }) => sum + jobs.length, 0),
    withKeys: Object.keys(keys).length,
    update: describeExport(ports, chosen, passphrase === null ? null : Object.keys(keys).length),
  };
}

/** @param withKeys connections whose keys are in the file; null when none were wanted */
function describeExport(ports: TransferPorts, chosen: readonly Connection[], withKeys: number | null): Update {
  const [only] = chosen.length === 1 ? chosen : [];
  const names = chosen.slice(0, MOST_NAMES).map(({ name }) => name);
  const others = chosen.length - names.length;
  return ports.newUpdate({
    tenantId: ports.tenant().id,
    ...(only === undefined ? {} : { connectionId: only.id }),
    subject: only?.name ?? `${chosen.length} connections`,
    action: only === undefined ? 'Connections exported' : 'Connection exported',
    changes: [
      { field: 'Connections', before: '', after: `${names.join(', ')}${others > 0 ? ` and ${others} more` : ''}` },
      {
        field: 'Keys',
        before: '',
        after: withKeys === null ? 'not exported' : `of ${withKeys} of them, sealed by a passphrase`,
      },
    ],
  });
}

function toTransferred(
  ports: TransferPorts,
  { id, name, connectorId, authMethodId, fields, overrides }: Connection,
  names: ReadonlyMap<string, string>,
): TransferredConnection {
  const tags = ports.tagsOf(id);
  return {
    name,
    connectorId,
    connectorName: ports.descriptor(connectorId)?.name ?? connectorId,
    authMethodId,
    fields,
    overrides,
    ...(tags.length === 0 ? {} : { tags: [...tags] }),
    jobs: ports.jobsOf(id).map((job) => toTransferredJob(job, names)),
  };
}

function toTransferredJob(job: Job, names: ReadonlyMap<string, string>): TransferredJob {
  const {
    id: _id,
    tenantId: _tenant,
    connectionId: _connection,
    createdAt: _made,
    updatedAt: _changed,
    version: _version,
    ...rest
  } = job;
  const { destination } = job;
  if (destination.kind === 'cache') return { ...rest, destination };
  const { connectionId, ...named } = destination;
  return { ...rest, destination: { ...named, connection: names.get(connectionId) ?? connectionId } };
}

/**
 * What was typed into forms. Never the tokens of a log-in: a refresh token that is used on two machines ends the grant for
 * both, so those connections are authorized where they are imported.
 */
async function readKeys(ports: TransferPorts, chosen: readonly Connection[]): Promise<KeysByIndex> {
  ports.keys.assertUsable();
  const keys: KeysByIndex = {};
  for (const [index, connection] of chosen.entries()) {
    const method = ports
      .descriptor(connection.connectorId)
      ?.authMethods.find(({ id }) => id === connection.authMethodId);
    if (method === undefined || method.interactive) continue;
    const own: Record<string, string> = {};
    for (const { name, isReadable } of ports.keys.names(connection.id))
      if (isReadable && !GRANT_NAMES.some((grant) => grant === name))
        own[name] = (await ports.keys.get(connection.id, name)).reveal();
    if (Object.keys(own).length > 0) keys[index] = own;
  }
  return keys;
}
