import { useMemo } from 'react';
import type { ConnectorDescriptor } from '../../../../shared/connector.ts';
import type { ListedRow } from '../../../../shared/ipc/contract/connection-list.ts';
import type { GroupBy, Narrowing, SortBy } from '../../../stores/connection-view.ts';
import { useConnections } from '../../../stores/connections.ts';
import { useSession } from '../../../stores/session.ts';
import { type Sections, sectionsOf, sortRows } from './list.ts';

/** The last answer of a function, for as long as it is asked the same: page and selection bar share one sorted list. */
function remembered<A extends readonly unknown[], T>(work: (args: A, before: T | undefined) => T): (...args: A) => T {
  let last: { args: A; value: T } | undefined;
  return (...args) => {
    if (last === undefined || args.some((arg, place) => !Object.is(arg, last?.args[place])))
      last = { args, value: work(args, last?.value) };
    return last.value;
  };
}

const sorted = remembered<[rows: ReadonlyMap<string, ListedRow>, sort: SortBy], ListedRow[]>(([rows, sort], before) =>
  sortRows(rows, sort, before),
);
const divided = remembered<
  [
    list: readonly ListedRow[],
    connectorById: ReadonlyMap<string, ConnectorDescriptor>,
    search: string,
    filter: Narrowing['filter'],
    connector: Narrowing['connector'],
    tag: Narrowing['tag'],
    group: GroupBy,
  ],
  Sections
>(([list, connectorById, search, filter, connector, tag, group]) =>
  sectionsOf(list, connectorById, search, { filter, connector, tag }, group),
);

/** The lines of both sections as everything chosen on the page makes them. */
export function useSections() {
  const rows = useConnections((state) => state.rows);
  const filter = useConnections((state) => state.filter);
  const connector = useConnections((state) => state.connector);
  const tag = useConnections((state) => state.tag);
  const sort = useConnections((state) => state.sort);
  const group = useConnections((state) => state.group);
  const isPartial = useConnections((state) => state.isPartial);
  const total = useConnections((state) => state.counts?.total ?? state.rows.size);
  // Not deferred: one pass over 10,000 rows costs less than drawing what is on the screen twice.
  const search = useConnections((state) => state.search);
  const connectorById = useSession((state) => state.connectorById);
  const sections = useMemo(
    () => divided(sorted(rows, sort), connectorById, search, filter, connector, tag, group),
    [rows, sort, connectorById, search, filter, connector, tag, group],
  );
  const isNarrowed = search.trim() !== '' || filter !== 'all' || connector !== null || tag !== null;
  return { sections, search, rows, connectorById, isNarrowed, isPartial, total };
}
