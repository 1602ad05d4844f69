/** What a search finds among the connections. */
import type { ListedRow } from '../../shared/ipc/contract/connection-list.ts';
import { foldForSearch } from '../../shared/search-fold.ts';

const haystacks = new WeakMap<ListedRow, string>();

function haystackOf(row: ListedRow): string {
  const known = haystacks.get(row);
  if (known !== undefined) return known;
  const { connection } = row;
  const parts = [connection.name, row.connectorName, row.place, connection.authorization?.account];
  const text = foldForSearch([...parts, connection.authorization?.org, ...row.tags].join('\n'));
  haystacks.set(row, text);
  return text;
}

/** Makes ready what a search looks at, so that the first keystroke need not. @returns true when all rows are ready */
export function prepareSearch(rows: Iterator<ListedRow>, isTimeLeft: () => boolean): boolean {
  for (let next = rows.next(); !next.done; next = rows.next()) {
    haystackOf(next.value);
    if (!isTimeLeft()) return false;
  }
  return true;
}

/** Every word of the search must occur in the name, connector, place, account, org or tags. */
export function matchesSearch(row: ListedRow, words: readonly string[]): boolean {
  if (words.length === 0) return true;
  const haystack = haystackOf(row);
  return words.every((word) => haystack.includes(word));
}

export function searchWords(search: string): string[] {
  return foldForSearch(search).split(/\s+/).filter(Boolean);
}
