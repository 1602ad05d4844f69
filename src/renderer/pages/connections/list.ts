/** What the Connections page shows of all rows: searched, filtered, sorted, in two sections, with counts that add up. */
import type { ConnectorDescriptor } from '../../../shared/connector.ts';
import type { ConnectionRow } from '../../../shared/ipc/contract.ts';
import { foldForSearch } from '../../text/safe-text.ts';

export const QUICK_FILTERS = ['all', 'connected', 'needsYou', 'revoked'] as const;
export type QuickFilter = (typeof QUICK_FILTERS)[number];
export const QUICK_FILTER_NAMES: Readonly<Record<QuickFilter, string>> = {
  all: 'All',
  connected: 'Connected',
  needsYou: 'Needs you',
  revoked: 'Revoked',
};

/** Each row is in exactly one of the filters besides All, so the counts add up. */
export function filterOf(row: ConnectionRow): Exclude<QuickFilter, 'all'> {
  switch (row.connection.state.kind) {
    case 'active':
      return 'connected';
    case 'revoked':
      return 'revoked';
    default:
      return 'needsYou';
  }
}

export function countByFilter(rows: Iterable<ConnectionRow>): Readonly<Record<QuickFilter, number>> {
  const counts = { all: 0, connected: 0, needsYou: 0, revoked: 0 };
  for (const row of rows) {
    counts.all += 1;
    counts[filterOf(row)] += 1;
  }
  return counts;
}

const haystacks = new WeakMap<ConnectionRow, string>();

function haystackOf(row: ConnectionRow): string {
  const known = haystacks.get(row);
  if (known !== undefined) return known;
  const { connection } = row;
  const text = foldForSearch(
    [
      connection.name,
      row.connectorName,
      row.place,
      connection.authorization?.account,
      connection.authorization?.org,
    ].join('\n'),
  );
  haystacks.set(row, text);
  return text;
}

/** Every word of the search must occur in the name, connector, place, account or org. */
export function matchesSearch(row: ConnectionRow, words: readonly string[]): boolean {
  if (words.length === 0) return true;
  const haystack = haystackOf(row);
  return words.every((word) => haystack.includes(word));
}

export function searchWords(search: string): string[] {
  return foldForSearch(search).split(/\s+/).filter(Boolean);
}

/** What needs somebody first, then what failed lately, then what works, then what was taken out on purpose. */
export function urgencyOf(row: ConnectionRow): number {
  switch (row.connection.state.kind) {
    case 'disconnected':
      return 0;
    case 'draft':
      return 1;
    case 'revoked':
      return 4;
    default:
      return row.failedLast24Hours > 0 ? 2 : 3;
  }
}

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

function byUrgency(a: ConnectionRow, b: ConnectionRow): number {
  return (
    urgencyOf(a) - urgencyOf(b) ||
    collator.compare(a.connection.name, b.connection.name) ||
    (a.connection.id < b.connection.id ? -1 : 1)
  );
}

export interface Sections {
  readonly gainsight: readonly ConnectionRow[];
  readonly external: readonly ConnectionRow[];
}

/** Sorting 10,000 names is the dear part, so it happens once per change of the rows and not per keystroke. */
export function sortRows(rows: Iterable<ConnectionRow>): ConnectionRow[] {
  return [...rows].sort(byUrgency);
}

export function sectionsOf(
  sorted: readonly ConnectionRow[],
  connectorById: ReadonlyMap<string, ConnectorDescriptor>,
  search: string,
  filter: QuickFilter,
): Sections {
  const words = searchWords(search);
  const gainsight: ConnectionRow[] = [];
  const external: ConnectionRow[] = [];
  for (const row of sorted) {
    if (filter !== 'all' && filterOf(row) !== filter) continue;
    if (!matchesSearch(row, words)) continue;
    const isGainsight = connectorById.get(row.connection.connectorId)?.product !== undefined;
    (isGainsight ? gainsight : external).push(row);
  }
  return { gainsight, external };
}
