import { randomBytes } from 'node:crypto';
import type { Execution } from '../../shared/activity/activity.ts';
import { AppError } from '../../shared/app-error.ts';
import type { Connection } from '../../shared/connection/connection.ts';
import { mayWorkOffline } from '../../shared/connection/offline.ts';
import { byUrgency, type Ordered } from '../../shared/connection/order.ts';
import type { ConnectorDescriptor } from '../../shared/connector.ts';
import type { ConnectionId, ConnectorId, TenantId } from '../../shared/ids.ts';
import type { ListCounts, ListedRow } from '../../shared/ipc/contract/connection-list.ts';
import type { ConnectionRow } from '../../shared/ipc/contract.ts';
import type { ListedConnection } from '../../store/repositories/connection-list.ts';
import type { Store } from '../../store/store.ts';

const DAY_MS = 86_400_000;
/** Rows of the first answer: more than the highest screen shows. */
const FIRST = 60;
/** How long what was prepared is good for, milliseconds: a start on a slow machine. */
const PREPARED_MS = 10_000;

export interface RowPorts {
  readonly store: Pick<Store, 'connectionList' | 'health' | 'jobs' | 'writes'>;
  readonly descriptors: readonly ConnectorDescriptor[];
  readonly running: () => readonly Execution[];
  readonly nowMs: () => number;
}

interface Prepared {
  readonly tenantId: TenantId;
  readonly writes: number;
  readonly atMs: number;
  readonly value: FirstRows;
}

interface Listing {
  readonly id: string;
  readonly tenantId: TenantId;
  readonly rest: readonly ConnectionId[];
}

export interface FirstRows {
  readonly listing: string;
  readonly rows: ListedRow[];
  readonly counts: ListCounts;
}

const NOTHING: FirstRows = {
  listing: '',
  rows: [],
  counts: { total: 0, jobs: 0, failedLast24Hours: 0, byState: { draft: 0, active: 0, disconnected: 0, revoked: 0 } },
};

type Facts = Omit<ListedRow, 'connection'>;

/** Makes the rows of the Connections page: a connection with what jobs and runs say about it. */
export class ConnectionRows {
  readonly #ports: RowPorts;
  readonly #byId: ReadonlyMap<ConnectorId, ConnectorDescriptor>;
  #listing: Listing | null = null;
  #prepared: Prepared | null = null;
  /** Failures of the last 24 hours as the page knows them, by connection. */
  #shown: { readonly tenantId: TenantId; readonly failures: ReadonlyMap<ConnectionId, number> } | null = null;

  constructor(ports: RowPorts) {
    this.#ports = ports;
    this.#byId = new Map(ports.descriptors.map((one) => [one.id, one]));
  }

  get descriptors(): readonly ConnectorDescriptor[] {
    return this.#ports.descriptors;
  }

  descriptor(id: ConnectorId): ConnectorDescriptor {
    const descriptor = this.#byId.get(id);
    if (descriptor === undefined)
      throw new AppError('not_found', 'This version of Patchbay does not know this connector.', {
        field: 'connectorId',
      });
    return descriptor;
  }

  /** The whole row of one connection. */
  row(connection: Connection): ConnectionRow {
    const { id, tenantId } = connection;
    const listed: ListedConnection = {
      connection,
      tenantId,
      fields: connection.fields,
      overrides: connection.overrides,
    };
    const failures = this.#ports.store.health.failures(tenantId, this.#since());
    const [facts] = this.#facts(tenantId, [listed], failures);
    if (facts === undefined) throw new AppError('not_found', `This connection no longer exists: ${id}`);
    return { connection, ...facts };
  }

  /** Rows of those of the tenant's connections that are there. */
  rows(tenantId: TenantId, ids: readonly ConnectionId[]): ListedRow[] {
    return this.#rows(tenantId, ids, this.#ports.store.health.failures(tenantId, this.#since()));
  }

  /** What the page shows at once: the first rows of either section by urgency, and how many there are of what. */
  first(tenantId: TenantId | null): FirstRows {
    if (tenantId === null) return NOTHING;
    return this.#fresh(tenantId)?.value ?? this.#first(tenantId);
  }

  /** While the window is still loading its page: what that will ask for first. Good for as long as nothing is written, and seconds. */
  prepare(tenantId: TenantId | null): void {
    if (tenantId === null) return;
    const { store, nowMs } = this.#ports;
    this.#prepared = { tenantId, writes: store.writes(), atMs: nowMs(), value: this.#first(tenantId) };
  }

  #fresh(tenantId: TenantId): Prepared | null {
    const prepared = this.#prepared;
    if (prepared === null) return null;
    const { store, nowMs } = this.#ports;
    const isFresh =
      prepared.tenantId === tenantId && prepared.writes === store.writes() && nowMs() - prepared.atMs < PREPARED_MS;
    if (!isFresh || prepared.value.listing !== this.#listing?.id) this.#prepared = null;
    return this.#prepared;
  }

  #first(tenantId: TenantId): FirstRows {
    const { store } = this.#ports;
    const failures = store.health.failures(tenantId, this.#since());
    const byState = { draft: 0, active: 0, disconnected: 0, revoked: 0 };
    let failedLast24Hours = 0;
    const products: Ordered[] = [];
    const others: Ordered[] = [];
    const keys = store.connectionList.keys(tenantId);
    for (const { id, connectorId, name, state } of keys) {
      const failed = failures.get(id) ?? 0;
      byState[state] += 1;
      failedLast24Hours += failed;
      const one = { id, name, state, failedLast24Hours: failed };
      (this.#byId.get(connectorId)?.product === undefined ? others : products).push(one);
    }
    // The page draws Gainsight's products above all others, so they come first, and nothing moves when the rest arrives.
    const top = [...firstOf(products, FIRST), ...firstOf(others, FIRST)].slice(0, FIRST);
    const sent = new Set(top.map(({ id }) => id));
    this.#listing = {
      id: randomBytes(8).toString('hex'),
      tenantId,
      rest: keys.flatMap(({ id }) => (sent.has(id) ? [] : [id])),
    };
    this.#shown = { tenantId, failures };
    return {
      listing: this.#listing.id,
      rows: this.#rows(
        tenantId,
        top.map(({ id }) => id as ConnectionId),
        failures,
      ),
      counts: { total: keys.length, jobs: store.jobs.count(tenantId), failedLast24Hours, byState },
    };
  }

  /** Further rows of a listing, for as long as it is the newest and its tenant is the one on screen. */
  rest(
    selected: TenantId | null,
    listing: string,
    offset: number,
    limit: number,
  ): { rows: ListedRow[]; isLast: boolean; isStale: boolean } {
    const current = this.#listing;
    if (current === null || current.id !== listing || current.tenantId !== selected)
      return { rows: [], isLast: true, isStale: true };
    const ids = current.rest.slice(offset, offset + limit);
    const isLast = offset + limit >= current.rest.length;
    const failures = this.#shown?.failures ?? new Map<ConnectionId, number>();
    return { rows: this.#rows(current.tenantId, ids, failures), isLast, isStale: false };
  }

  /** As time goes by, failures leave the last 24 hours. @returns the connections whose number has changed since it was last shown */
  changedFailures(tenantId: TenantId): ConnectionId[] {
    const failures = this.#ports.store.health.failures(tenantId, this.#since());
    const before = this.#shown?.tenantId === tenantId ? this.#shown.failures : null;
    this.#shown = { tenantId, failures };
    if (before === null) return [];
    const ids = new Set([...before.keys(), ...failures.keys()]);
    return [...ids].filter((id) => before.get(id) !== failures.get(id));
  }

  #since(): number {
    return this.#ports.nowMs() - DAY_MS;
  }

  #rows(tenantId: TenantId, ids: readonly ConnectionId[], failures: ReadonlyMap<ConnectionId, number>): ListedRow[] {
    const listed = this.#ports.store.connectionList.rows(ids).filter((one) => one.tenantId === tenantId);
    const facts = this.#facts(tenantId, listed, failures);
    return listed.flatMap(({ connection }, place) => {
      const one = facts[place];
      return one === undefined ? [] : [{ connection, ...one }];
    });
  }

  #facts(
    tenantId: TenantId,
    listed: readonly ListedConnection[],
    failures: ReadonlyMap<ConnectionId, number>,
  ): Facts[] {
    const { store } = this.#ports;
    const ids = listed.map(({ connection }) => connection.id);
    const failing = ids.filter((id) => failures.has(id));
    const causes = store.health.causes(tenantId, failing, this.#since());
    const runs = store.health.lastRuns(tenantId, ids);
    const jobs = store.connectionList.jobCounts(ids);
    const tags = store.connectionList.tags(ids);
    const running = this.#ports.running();
    return listed.map(({ connection, fields, overrides }) => {
      const { id, connectorId } = connection;
      const descriptor = this.#byId.get(connectorId);
      const run = runs.get(id);
      return {
        connectorName: descriptor?.name ?? connectorId,
        environment: environmentOf(descriptor, fields),
        place: connection.authorization?.org ?? (formPlace(descriptor, fields) || (overrides.apiBaseUrl ?? '')),
        tags: tags.get(id) ?? [],
        ...(mayWorkOffline(overrides) ? { worksOffline: true as const } : {}),
        jobs: jobs.get(id) ?? 0,
        runningJobs: running.filter((execution) => execution.connectionId === id).length,
        lastRun: run === undefined ? null : { activityId: run.activityId, status: run.status, at: run.startedAt },
        dataAsOf: run?.dataAsOf ?? null,
        failedLast24Hours: failures.get(id) ?? 0,
        failedCause: causes.get(id) ?? null,
      };
    });
  }
}

/** Production or sandbox, in the words of the connector's own form. */
function environmentOf(descriptor: ConnectorDescriptor | undefined, fields: Readonly<Record<string, unknown>>): string {
  const value = fields.orgType ?? fields.environment;
  if (value === undefined) return '';
  const field = descriptor?.fields.find(({ name }) => name === 'orgType' || name === 'environment');
  return field?.options?.find((option) => option.value === value)?.label ?? String(value);
}

/** Before a log-in has told the org: the subdomain, domain or bucket that the form asks for, which is its first required text. */
function formPlace(descriptor: ConnectorDescriptor | undefined, fields: Readonly<Record<string, unknown>>): string {
  const isPlace = ({ kind, required }: ConnectorDescriptor['fields'][number]): boolean =>
    required && (kind === 'text' || kind === 'hostname' || kind === 'url');
  const field = descriptor?.fields.find((one) => isPlace(one) && typeof fields[one.name] === 'string');
  return field === undefined ? '' : String(fields[field.name]);
}

/** The first few of many without sorting the many. */
function firstOf(all: readonly Ordered[], count: number): Ordered[] {
  const first: Ordered[] = [];
  for (const one of all) {
    const last = first[count - 1];
    if (last !== undefined && byUrgency(one, last) > 0) continue;
    let place = Math.min(first.length, count - 1);
    for (
      let before = first[place - 1];
      place > 0 && before !== undefined && byUrgency(one, before) < 0;
      before = first[place - 1]
    )
      place -= 1;
    first.splice(place, 0, one);
    first.length = Math.min(first.length, count);
  }
  return first;
}
