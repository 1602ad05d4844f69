/** What the Connections page shows of all rows: searched, filtered, sorted, grouped, in two sections, with counts that add up. */

import { byUrgency, compareNames, type Ordered } from '../../../../shared/connection/order.ts';
import type { ConnectionStateKind } from '../../../../shared/connection/state.ts';
import { STATE_NAMES } from '../../../../shared/connection/state-names.ts';
import type { ConnectorDescriptor } from '../../../../shared/connector.ts';
import type { ListedRow } from '../../../../shared/ipc/contract/connection-list.ts';
import { matchesSearch, searchWords } from '../../../stores/connection-search.ts';
import type { GroupBy, Narrowing, QuickFilter, SortBy } from '../../../stores/connection-view.ts';

export const QUICK_FILTER_NAMES: Readonly<Record<QuickFilter, string>> = {
  all: 'All',
  connected: 'Connected',
  needsYou: 'Needs you',
  revoked: 'Revoked',
};

export const SORT_NAMES: Readonly<Record<SortBy, string>> = {
  urgency: 'What needs you',
  name: 'Name',
  state: 'State',
  lastRun: 'Last run',
  dataAsOf: 'Data as of',
  connector: 'Connector',
};

export const GROUP_NAMES: Readonly<Record<GroupBy, string>> = {
  none: 'None',
  connector: 'Connector',
  state: 'State',
  tag: 'Tag',
};

const FILTER_OF: Readonly<Record<ConnectionStateKind, Exclude<QuickFilter, 'all'>>> = {
  active: 'connected',
  draft: 'needsYou',
  disconnected: 'needsYou',
  revoked: 'revoked',
};

function passes(row: ListedRow, { filter, connector, tag }: Narrowing): boolean {
  return (
    (filter === 'all' || FILTER_OF[row.connection.state.kind] === filter) &&
    (connector === null || row.connection.connectorId === connector) &&
    (tag === null || row.tags.includes(tag))
  );
}

/** How many rows each filter would show, the others staying as they are. Each row is in exactly one, so they add up to All. */
export function countByFilter(
  counts: Readonly<Record<ConnectionStateKind, number>>,
): Readonly<Record<QuickFilter, number>> {
  const sum = { all: 0, connected: 0, needsYou: 0, revoked: 0 };
  for (const [kind, count] of Object.entries(counts)) {
    sum.all += count;
    sum[FILTER_OF[kind as ConnectionStateKind]] += count;
  }
  return sum;
}

export interface Choice {
  readonly value: string;
  readonly label: string;
  readonly count: number;
}

const byLabel = (a: Choice, b: Choice): number => compareNames(a.label, b.label);

/** Connectors there are connections of, each with how many it would show; they add up to what is shown without one chosen. */
export function countByConnector(rows: Iterable<ListedRow>, search: string, narrowing: Narrowing): Choice[] {
  const words = searchWords(search);
  const others = { ...narrowing, connector: null };
  const choices = new Map<string, { value: string; label: string; count: number }>();
  for (const row of rows) {
    const { connectorId } = row.connection;
    const known = choices.get(connectorId) ?? { value: connectorId, label: row.connectorName, count: 0 };
    if (passes(row, others) && matchesSearch(row, words)) known.count += 1;
    choices.set(connectorId, known);
  }
  return [...choices.values()].sort(byLabel);
}

/** Tags in use. A connection with two tags counts for both. */
export function countByTag(rows: Iterable<ListedRow>, search: string, narrowing: Narrowing): Choice[] {
  const words = searchWords(search);
  const others = { ...narrowing, tag: null };
  const choices = new Map<string, number>();
  for (const row of rows) {
    const counts = passes(row, others) && matchesSearch(row, words) ? 1 : 0;
    for (const tag of row.tags) choices.set(tag, (choices.get(tag) ?? 0) + counts);
  }
  return [...choices].map(([tag, count]) => ({ value: tag, label: tag, count })).sort(byLabel);
}

const orders = new WeakMap<ListedRow, Ordered>();

function orderOf(row: ListedRow): Ordered {
  const known = orders.get(row);
  if (known !== undefined) return known;
  const { id, name, state } = row.connection;
  const order = { id, name, state: state.kind, failedLast24Hours: row.failedLast24Hours };
  orders.set(row, order);
  return order;
}

type Compare = (a: ListedRow, b: ListedRow) => number;
const urgency: Compare = (a, b) => byUrgency(orderOf(a), orderOf(b));
const name: Compare = (a, b) =>
  compareNames(a.connection.name, b.connection.name) || (a.connection.id < b.connection.id ? -1 : 1);
/** Newest first; what never happened last. */
const newest = (a: string | null | undefined, b: string | null | undefined): number =>
  (a ?? '') === (b ?? '') ? 0 : (a ?? '') > (b ?? '') ? -1 : 1;
const STATE_ORDER: readonly ConnectionStateKind[] = ['disconnected', 'draft', 'active', 'revoked'];

const COMPARE: Readonly<Record<SortBy, Compare>> = {
  urgency,
  name,
  state: (a, b) =>
    STATE_ORDER.indexOf(a.connection.state.kind) - STATE_ORDER.indexOf(b.connection.state.kind) || name(a, b),
  lastRun: (a, b) => newest(a.lastRun?.at, b.lastRun?.at) || name(a, b),
  dataAsOf: (a, b) => newest(a.dataAsOf, b.dataAsOf) || name(a, b),
  connector: (a, b) => compareNames(a.connectorName, b.connectorName) || name(a, b),
};

/**
 * Sorting 10,000 names is the dear part, so it happens once per change of the rows and not per keystroke, and begins with the
 * order before: a few changed rows among many sorted ones cost little.
 */
export function sortRows(
  rows: ReadonlyMap<string, ListedRow>,
  sort: SortBy,
  before: readonly ListedRow[] = [],
): ListedRow[] {
  const sorted: ListedRow[] = [];
  const seen = new Set<string>();
  for (const { connection } of before) {
    const row = rows.get(connection.id);
    if (row === undefined) continue;
    sorted.push(row);
    seen.add(connection.id);
  }
  for (const [id, row] of rows) if (!seen.has(id)) sorted.push(row);
  return sorted.sort(COMPARE[sort]);
}

/** A line of the list. A connection stands in the group of each of its tags, so a line's key is not its connection's id. */
export type Item =
  | { readonly kind: 'row'; readonly key: string; readonly row: ListedRow }
  | { readonly kind: 'group'; readonly key: string; readonly label: string; readonly count: number };

export interface Sections {
  readonly gainsight: readonly Item[];
  readonly external: readonly Item[];
  /** Connections in them, each counted once, whatever the groups. */
  readonly externalCount: number;
  /** How many there would be of each state if all states were shown; counted in the pass that searches anyway. */
  readonly byState: Readonly<Record<ConnectionStateKind, number>>;
}

const NO_TAG = 'No tag';

function groupsOf(row: ListedRow, group: GroupBy): readonly string[] {
  switch (group) {
    case 'connector':
      return [row.connectorName];
    case 'state':
      return [STATE_NAMES[row.connection.state.kind]];
    case 'tag':
      return row.tags.length === 0 ? [NO_TAG] : row.tags;
    case 'none':
      return [];
  }
}

function compareGroups(group: GroupBy): (a: string, b: string) => number {
  if (group === 'state') {
    const names = STATE_ORDER.map((kind) => STATE_NAMES[kind]);
    return (a, b) => names.indexOf(a) - names.indexOf(b);
  }
  return (a, b) => Number(a === NO_TAG) - Number(b === NO_TAG) || compareNames(a, b);
}

const plainItems = new WeakMap<ListedRow, Item>();

/** The same object for the same row: 10,000 new ones at every keystroke would be felt. */
function plainItem(row: ListedRow): Item {
  const known = plainItems.get(row);
  if (known !== undefined) return known;
  const item: Item = { kind: 'row', key: row.connection.id, row };
  plainItems.set(row, item);
  return item;
}

function itemsOf(rows: readonly ListedRow[], group: GroupBy): Item[] {
  if (group === 'none') return rows.map(plainItem);
  const groups = new Map<string, ListedRow[]>();
  for (const row of rows) {
    for (const label of groupsOf(row, group)) {
      const known = groups.get(label);
      if (known === undefined) groups.set(label, [row]);
      else known.push(row);
    }
  }
  const compare = compareGroups(group);
  return [...groups]
    .sort(([a], [b]) => compare(a, b))
    .flatMap(([label, members]): Item[] => [
      { kind: 'group', key: `group ${label}`, label, count: members.length },
      ...members.map((row): Item => ({ kind: 'row', key: `${row.connection.id} ${label}`, row })),
    ]);
}

export function sectionsOf(
  sorted: readonly ListedRow[],
  connectorById: ReadonlyMap<string, Pick<ConnectorDescriptor, 'product'>>,
  search: string,
  narrowing: Narrowing,
  group: GroupBy,
): Sections {
  const words = searchWords(search);
  const gainsight: ListedRow[] = [];
  const external: ListedRow[] = [];
  const byState = { draft: 0, active: 0, disconnected: 0, revoked: 0 };
  const { filter } = narrowing;
  const others: Narrowing = { ...narrowing, filter: 'all' };
  for (const row of sorted) {
    if (!passes(row, others) || !matchesSearch(row, words)) continue;
    const { kind } = row.connection.state;
    byState[kind] += 1;
    if (filter !== 'all' && FILTER_OF[kind] !== filter) continue;
    const isGainsight = connectorById.get(row.connection.connectorId)?.product !== undefined;
    (isGainsight ? gainsight : external).push(row);
  }
  return {
    gainsight: itemsOf(gainsight, group),
    external: itemsOf(external, group),
    externalCount: external.length,
    byState,
  };
}
