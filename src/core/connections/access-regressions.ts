/** What a connection's jobs use of its system, and what of it a new grant cannot read. */
import type { Connector, ConnectorContext } from '../../../connectors/catalog.ts';
import type { Connection } from '../../shared/connection/connection.ts';
import type { ConnectionId } from '../../shared/ids.ts';
import type { GrantLoss } from '../../shared/ipc/contract/credentials.ts';
import type { Job } from '../../shared/job/job.ts';
import type { ConnectionJobs, ConnectorLookup } from './collaborators.ts';
import { isDenial } from './failures.ts';

/** One object, with all that the jobs want of it. */
interface ObjectUse {
  readonly object: string;
  readonly role: 'source' | 'destination';
  readonly jobs: readonly string[];
  readonly fields: readonly string[];
}

/** Objects that jobs read through a connection, then those that jobs of others load through it. */
function usesOf(connectionId: ConnectionId, jobs: readonly Job[]): ObjectUse[] {
  const uses = new Map<string, { object: string; role: ObjectUse['role']; jobs: Set<string>; fields: Set<string> }>();
  const add = (role: ObjectUse['role'], object: string, job: Job, fields: readonly string[]): void => {
    const key = `${role} ${object}`;
    const use = uses.get(key) ?? { object, role, jobs: new Set(), fields: new Set() };
    uses.set(key, use);
    use.jobs.add(job.name);
    for (const field of fields) use.fields.add(field);
  };
  for (const job of jobs) {
    if (job.connectionId === connectionId) add('source', job.sourceObject, job, sourceFields(job));
    if (job.destination.kind === 'connection' && job.destination.connectionId === connectionId)
      add(
        'destination',
        job.destination.object,
        job,
        job.mapping.map(({ target }) => target),
      );
  }
  return [...uses.values()]
    .map((use) => ({ ...use, jobs: [...use.jobs], fields: [...use.fields] }))
    .sort((one, other) => other.role.localeCompare(one.role) || one.object.localeCompare(other.object));
}

function sourceFields(job: Job): string[] {
  const mapped = job.mapping.flatMap(({ from }) =>
    from.kind === 'direct' ? [from.path] : from.kind === 'derived' ? from.paths : [],
  );
  return [
    ...new Set([
      ...mapped,
      ...(job.cursorField === null ? [] : [job.cursorField]),
      ...job.filter.map(({ field }) => field),
    ]),
  ];
}

/**
 * What the access of `context` cannot read of what the jobs of the connection use: asks for the fields of every object in use,
 * and reads a first page of it with the fields that are left.
 * @throws ConnectorError when nobody could have been answered just now (network, limits): then nothing is known
 */
export async function findRegressions(
  connectors: Pick<ConnectorLookup, 'connector'>,
  jobs: Pick<ConnectionJobs, 'using'>,
  { id, connectorId }: Pick<Connection, 'id' | 'connectorId'>,
  context: ConnectorContext,
  onObject: (object: string) => void = () => undefined,
): Promise<GrantLoss[]> {
  const connector = connectors.connector(connectorId);
  const regressions: GrantLoss[] = [];
  for (const use of usesOf(id, jobs.using(id))) {
    onObject(use.object);
    const found = await readAgain(connector, context, use);
    if (found.refusal !== null || found.lostFields.length > 0) regressions.push(found);
  }
  return regressions;
}

async function readAgain(connector: Connector, context: ConnectorContext, use: ObjectUse): Promise<GrantLoss> {
  const { object, role } = use;
  const base = { object, jobs: [...use.jobs], usedFields: use.fields.length };
  try {
    const side = role === 'source' ? connector : connector.destination;
    if (side === undefined) return { ...base, refusal: null, lostFields: [] };
    const known = new Set((await side.fields(context, object)).map(({ name }) => name));
    const lostFields = use.fields.filter((path) => !isCovered(path, known));
    const kept = use.fields.filter((path) => !lostFields.includes(path));
    if (role === 'source' && kept.length > 0) await readOnePage(connector, context, object, kept);
    return { ...base, refusal: null, lostFields };
  } catch (error) {
    if (!isDenial(error)) throw error;
    // Systems often answer for what a user may not see as for what is not there.
    const refusal =
      error.failureClass === 'not_found' ? 'The system does not show this object to the user.' : error.message;
    return { ...base, refusal, lostFields: [...use.fields] };
  }
}

/** A path into a nested or related record is covered by its beginning; where that is not listed, the read tells. */
function isCovered(path: string, known: ReadonlySet<string>): boolean {
  const first = path.split('.')[0] ?? path;
  return known.has(path) || first !== path || known.has(first);
}

async function readOnePage(
  connector: Connector,
  context: ConnectorContext,
  object: string,
  fields: readonly string[],
): Promise<void> {
  const pages = connector.read(context, { object, fields, filter: [], since: null, checkpoint: null });
  for await (const _page of pages) return;
}
