/** The selected tenant's connections as main sent them, and what of them is on screen. */
import { create } from 'zustand';
import type { AppError } from '../../shared/app-error.ts';
import type { ListCounts, ListedRow } from '../../shared/ipc/contract/connection-list.ts';
import type { ConnectionRow, EventPayload } from '../../shared/ipc/contract.ts';
import { calls, toAppError } from '../bridge.ts';
import { prepareSearch } from './connection-search.ts';
import { type GroupBy, type Narrowing, NO_NARROWING, type SortBy } from './connection-view.ts';
import { useSession } from './session.ts';

interface ConnectionsState extends Narrowing {
  readonly status: 'loading' | 'ready' | 'failed';
  readonly error: AppError | null;
  readonly rows: ReadonlyMap<string, ListedRow>;
  /** Only the first rows are here yet; `counts` knows of all. */
  readonly isPartial: boolean;
  readonly counts: ListCounts | null;
  readonly asOf: string | null;
  readonly search: string;
  readonly sort: SortBy;
  readonly group: GroupBy;
  /** Ids of the chosen rows, whether the filters show them now or not. */
  readonly selected: ReadonlySet<string>;
  /** Key of the line the keyboard is on. */
  readonly currentKey: string | null;
  /** The row to scroll to and mark once it is there: just made, or chosen in the palette. */
  readonly revealId: string | null;
}

const NOTHING: ConnectionsState = {
  status: 'loading',
  error: null,
  rows: new Map(),
  isPartial: false,
  counts: null,
  asOf: null,
  search: '',
  sort: 'urgency',
  group: 'none',
  selected: new Set(),
  currentKey: null,
  revealId: null,
  ...NO_NARROWING,
};

export const useConnections = create<ConnectionsState>()(() => NOTHING);

/** Rows asked for at once: small enough that main and the page stay fluid meanwhile. */
const PAGE = 500;

let generation = 0;
/** Connections that went while the rest of the list was on its way. */
let removedMeanwhile = new Set<string>();

export async function loadConnections(): Promise<void> {
  generation += 1;
  const mine = generation;
  try {
    const { listing, rows, counts, asOf } = await calls.connections.list({});
    if (mine !== generation) return;
    removedMeanwhile = new Set();
    const isPartial = rows.length < counts.total;
    useConnections.setState(({ rows: before, selected }) => ({
      // A list that is read again stays as it is until all of it is there.
      rows: isPartial && before.size > rows.length ? before : mapOf(rows),
      isPartial,
      counts,
      asOf,
      selected,
      status: 'ready',
      error: null,
    }));
    if (isPartial) await loadRest(mine, listing, rows);
    prepareWhenIdle(mine, useConnections.getState().rows.values());
  } catch (error) {
    if (mine === generation) useConnections.setState({ status: 'failed', error: toAppError(error) });
  }
}

export function retryConnections(): void {
  useConnections.setState({ status: 'loading', error: null });
  void loadConnections();
}

/** The rest comes in pages and is shown at once: sorting and drawing happen one time, not twenty. */
async function loadRest(mine: number, listing: string, first: readonly ListedRow[]): Promise<void> {
  const all = [...first];
  await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 0)));
  for (let offset = 0; ; offset += PAGE) {
    const { rows, isLast, isStale } = await calls.connections.listRest({ listing, offset, limit: PAGE });
    if (mine !== generation || isStale) return;
    all.push(...rows);
    if (isLast) break;
  }
  useConnections.setState(({ rows: shown, selected }) => {
    const listed = mapOf(all);
    const newer = [...shown.values()].filter(({ connection: { id, version } }) => {
      const row = listed.get(id);
      return row === undefined || row.connection.version <= version;
    });
    // What came as an event is newer than the listing; what is not in the listing and no event brought is gone.
    const kept = newer.filter(({ connection: { id } }) => listed.has(id) || eventRows.has(id));
    const rows = applyChanges(listed, {
      rows: kept,
      removed: [...removedMeanwhile] as ListedRow['connection']['id'][],
    });
    eventRows.clear();
    return { rows, isPartial: false, selected: thoseThere(selected, rows) };
  });
}

/** Connections that an event brought while the rest of the list was on its way. */
const eventRows = new Set<string>();

function mapOf(rows: readonly ListedRow[]): Map<string, ListedRow> {
  return new Map(rows.map((row) => [row.connection.id, row]));
}

function thoseThere(selected: ReadonlySet<string>, rows: ReadonlyMap<string, ListedRow>): ReadonlySet<string> {
  if (selected.size === 0) return selected;
  const there = [...selected].filter((id) => rows.has(id));
  return there.length === selected.size ? selected : new Set(there);
}

function prepareWhenIdle(mine: number, rows: Iterator<ListedRow>): void {
  if (mine !== generation) return;
  requestIdleCallback((deadline) => {
    if (!prepareSearch(rows, () => deadline.timeRemaining() > 2)) prepareWhenIdle(mine, rows);
  });
}

/** For another tenant: nothing of the one before may stay on screen. */
export function clearConnections(): void {
  generation += 1;
  eventRows.clear();
  useConnections.setState({ ...NOTHING });
}

export function applyChanges(
  before: ReadonlyMap<string, ListedRow>,
  change: Pick<EventPayload<'connections.changed'>, 'rows' | 'removed'>,
): ReadonlyMap<string, ListedRow> {
  const after = new Map(before);
  for (const row of change.rows) {
    // An answer that overtook a newer event must not bring the older version back.
    const known = after.get(row.connection.id);
    if (!known || known.connection.version <= row.connection.version) after.set(row.connection.id, row);
  }
  for (const id of change.removed) after.delete(id);
  return after;
}

export function onConnectionsChanged(change: EventPayload<'connections.changed'>): void {
  if (change.all) {
    void loadConnections();
    return;
  }
  applyNow(change, new Date().toISOString());
}

function applyNow(change: Pick<EventPayload<'connections.changed'>, 'rows' | 'removed'>, asOf?: string): void {
  useConnections.setState((state) => {
    if (state.isPartial) {
      for (const { connection } of change.rows) eventRows.add(connection.id);
      for (const id of change.removed) removedMeanwhile.add(id);
    }
    const rows = applyChanges(state.rows, change);
    const selected = change.removed.length === 0 ? state.selected : thoseThere(state.selected, rows);
    return { rows, selected, ...(asOf === undefined ? {} : { asOf }) };
  });
}

/** What a call answered. It may have taken a while: another tenant may be shown by now. */
export function putConnection(row: ConnectionRow): void {
  if (row.connection.tenantId !== useSession.getState().tenant?.id) return;
  applyNow({ rows: [row], removed: [] });
}

export function dropConnection(id: ListedRow['connection']['id']): void {
  applyNow({ rows: [], removed: [id] });
}

/** Shows a connection in the list, whatever is searched or filtered now. */
export function revealConnection(id: string): void {
  useConnections.setState({ search: '', ...NO_NARROWING, revealId: id });
}

/** The list narrowed by one filter and nothing else. */
export function showOnly(filter: Narrowing['filter']): void {
  useConnections.setState({ search: '', ...NO_NARROWING, filter });
}

/** How many connections, jobs and recent failures there are, also while only the first rows are here. */
export function totalsOf({ rows, counts, isPartial }: Pick<ConnectionsState, 'rows' | 'counts' | 'isPartial'>): {
  connections: number;
  jobs: number;
  failures: number;
} {
  if (isPartial && counts) return { connections: counts.total, jobs: counts.jobs, failures: counts.failedLast24Hours };
  let jobs = 0;
  let failures = 0;
  for (const row of rows.values()) {
    jobs += row.jobs;
    failures += row.failedLast24Hours;
  }
  return { connections: rows.size, jobs, failures };
}
