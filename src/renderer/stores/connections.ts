/** The selected tenant's connections as main sent them, and what of them is on screen. */
import { create } from 'zustand';
import type { AppError } from '../../shared/app-error.ts';
import type { ConnectionRow, EventPayload } from '../../shared/ipc/contract.ts';
import { calls, toAppError } from '../bridge.ts';
import type { QuickFilter } from '../pages/connections/list.ts';

interface ConnectionsState {
  readonly status: 'loading' | 'ready' | 'failed';
  readonly error: AppError | null;
  readonly rows: ReadonlyMap<string, ConnectionRow>;
  readonly asOf: string | null;
  readonly search: string;
  readonly filter: QuickFilter;
  /** The row the keyboard is on. */
  readonly currentId: string | null;
  /** The row to scroll to and mark once it is there: just made, or chosen in the palette. */
  readonly revealId: string | null;
}

export const useConnections = create<ConnectionsState>()(() => ({
  status: 'loading',
  error: null,
  rows: new Map(),
  asOf: null,
  search: '',
  filter: 'all',
  currentId: null,
  revealId: null,
}));

let generation = 0;

export async function loadConnections(): Promise<void> {
  generation += 1;
  const mine = generation;
  try {
    const { rows, asOf } = await calls.connections.list({});
    if (mine !== generation) return;
    useConnections.setState({
      rows: new Map(rows.map((row) => [row.connection.id, row])),
      asOf,
      status: 'ready',
      error: null,
    });
  } catch (error) {
    if (mine === generation) useConnections.setState({ status: 'failed', error: toAppError(error) });
  }
}

/** For another tenant: nothing of the one before may stay on screen. */
export function clearConnections(): void {
  generation += 1;
  useConnections.setState({
    rows: new Map(),
    status: 'loading',
    error: null,
    search: '',
    filter: 'all',
    currentId: null,
    revealId: null,
  });
}

export function applyChanges(
  before: ReadonlyMap<string, ConnectionRow>,
  change: Pick<EventPayload<'connections.changed'>, 'rows' | 'removed'>,
): ReadonlyMap<string, ConnectionRow> {
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
  useConnections.setState(({ rows }) => ({ rows: applyChanges(rows, change), asOf: new Date().toISOString() }));
}

export function putConnection(row: ConnectionRow): void {
  useConnections.setState(({ rows }) => ({ rows: applyChanges(rows, { rows: [row], removed: [] }) }));
}

export function dropConnection(id: ConnectionRow['connection']['id']): void {
  useConnections.setState(({ rows }) => ({ rows: applyChanges(rows, { rows: [], removed: [id] }) }));
}

/** Shows a connection in the list, whatever is searched or filtered now. */
export function revealConnection(id: string): void {
  useConnections.setState({ search: '', filter: 'all', revealId: id, currentId: id });
}
