import { Button } from '@mantine/core';
import { type KeyboardEvent, useCallback, useDeferredValue, useMemo, useState } from 'react';
import type { ConnectionRow as Row } from '../../../shared/ipc/contract.ts';
import type { Product } from '../../../shared/products.ts';
import { EmptyState } from '../../components/EmptyState.tsx';
import { ErrorNote } from '../../components/ErrorNote.tsx';
import { FilterTabs } from '../../components/FilterTabs.tsx';
import { IconPlus } from '../../components/icons.ts';
import { Page } from '../../components/Page.tsx';
import { SearchBox } from '../../components/SearchBox.tsx';
import { StateDot } from '../../components/StateDot.tsx';
import { useLate } from '../../components/use-late.ts';
import { VirtualRows } from '../../components/VirtualRows.tsx';
import { loadConnections, useConnections } from '../../stores/connections.ts';
import { openDialog } from '../../stores/dialogs.ts';
import { useSession } from '../../stores/session.ts';
import { formatAsOf, formatCount, formatExact, formatThings } from '../../text/format.ts';
import { ConnectionMenu } from './ConnectionMenu.tsx';
import { ConnectionRow, type OpenMenu } from './ConnectionRow.tsx';
import classes from './ConnectionsPage.module.css';
import { countByFilter, QUICK_FILTER_NAMES, QUICK_FILTERS, sectionsOf, sortRows } from './list.ts';
import { ProductCards } from './ProductCards.tsx';
import { useRowFocus } from './use-row-focus.ts';

const ROW_HEIGHT = 57;
const create = (): void => openDialog({ kind: 'createConnection' });

export function ConnectionsPage() {
  const status = useConnections((state) => state.status);
  const asOf = useConnections((state) => state.asOf);
  return (
    <Page
      title="Connections"
      action={
        <Button leftSection={<IconPlus size={16} aria-hidden="true" />} onClick={create}>
          Create Connection
        </Button>
      }
      filters={<Filters />}
      aside={asOf && <AsOf at={asOf} />}
    >
      {status === 'ready' ? <Lists /> : <NotReady />}
    </Page>
  );
}

function AsOf({ at }: { at: string }) {
  return (
    <span className="pb-num" title={formatExact(at)}>
      as of {formatAsOf(at, Date.now())}
    </span>
  );
}

function Filters() {
  const rows = useConnections((state) => state.rows);
  const search = useConnections((state) => state.search);
  const filter = useConnections((state) => state.filter);
  const counts = useMemo(() => countByFilter(rows.values()), [rows]);
  return (
    <>
      <SearchBox
        label="Search connections"
        value={search}
        onChange={(value) => useConnections.setState({ search: value })}
        onLeave={() => document.querySelector<HTMLElement>('[data-connection-id]')?.focus()}
      />
      <FilterTabs
        label="Filter by state"
        value={filter}
        onChange={(value) => useConnections.setState({ filter: value })}
        options={QUICK_FILTERS.map((value) => ({
          value,
          label: QUICK_FILTER_NAMES[value],
          count: formatCount(counts[value]),
          mark: value === 'needsYou' && counts.needsYou > 0 ? <StateDot kind="disconnected" /> : undefined,
        }))}
      />
    </>
  );
}

function NotReady() {
  const error = useConnections((state) => state.error);
  const isLate = useLate(error === null);
  if (error) {
    return (
      <ErrorNote message={error.message}>
        <Button variant="default" size="xs" mt="xs" display="block" onClick={() => void loadConnections()}>
          Try again
        </Button>
      </ErrorNote>
    );
  }
  return isLate ? <EmptyState sentence="Reading the connections…" /> : null;
}

function Lists() {
  const rows = useConnections((state) => state.rows);
  const filter = useConnections((state) => state.filter);
  // Typing stays fluid with 10,000 rows: the list may be one step behind the search box.
  const search = useDeferredValue(useConnections((state) => state.search));
  const connectors = useSession((state) => state.connectors);
  const connectorById = useSession((state) => state.connectorById);
  const owned = useSession((state) => state.tenant?.products) ?? [];
  const sorted = useMemo(() => sortRows(rows.values()), [rows]);
  const sections = useMemo(
    () => sectionsOf(sorted, connectorById, search, filter),
    [sorted, connectorById, search, filter],
  );
  const connected = useMemo(() => productsIn(rows, connectorById), [rows, connectorById]);
  const flat = useMemo(() => [...sections.gainsight, ...sections.external], [sections]);
  const [menu, setMenu] = useState<OpenMenu | null>(null);
  const focus = useRowFocus(flat);
  const isNarrowed = search.trim() !== '' || filter !== 'all';

  const list = (label: string, section: readonly Row[]) => (
    <SectionList label={label} rows={section} focus={focus} onMenu={setMenu} />
  );

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the rows inside are what has the focus
    <div onKeyDown={(event: KeyboardEvent) => focus.onKeyDown(event)}>
      <section aria-labelledby="gainsight-connections" className={classes.section}>
        <SectionHead id="gainsight-connections" title="Gainsight Connections" />
        <div className={classes.box}>
          {sections.gainsight.length > 0 && list('Connections of Gainsight products', sections.gainsight)}
          {!isNarrowed && <ProductCards owned={owned} connectors={connectors} connected={connected} />}
          {isNarrowed && sections.gainsight.length === 0 && <p className={classes.none}>None here.</p>}
        </div>
      </section>
      <section aria-labelledby="external-connections" className={classes.section}>
        <SectionHead
          id="external-connections"
          title="External Connections"
          aside={asideFor(sections.external.length)}
        />
        {sections.external.length > 0 ? (
          <div className={classes.box}>{list('Connections of external systems', sections.external)}</div>
        ) : (
          <NoExternal isNarrowed={isNarrowed} />
        )}
      </section>
      {menu && (
        <ConnectionMenu
          row={rows.get(menu.row.connection.id) ?? menu.row}
          anchor={menu.anchor}
          returnFocusTo={menu.returnFocusTo}
          onClose={() => setMenu(null)}
        />
      )}
    </div>
  );
}

interface SectionListProps {
  readonly label: string;
  readonly rows: readonly Row[];
  readonly focus: ReturnType<typeof useRowFocus>;
  readonly onMenu: (menu: OpenMenu) => void;
}

function SectionList({ label, rows, focus, onMenu }: SectionListProps) {
  const connectorById = useSession((state) => state.connectorById);
  const { currentId, wantedId, revealId, onFocus } = focus;
  const keyOf = useCallback((index: number): string => rows[index]?.connection.id ?? String(index), [rows]);
  const renderRow = (index: number) => {
    const row = rows[index];
    if (!row) return null;
    const { id, connectorId } = row.connection;
    return (
      <ConnectionRow
        row={row}
        connector={connectorById.get(connectorId)}
        position={index + 1}
        total={rows.length}
        isCurrent={id === currentId}
        takesFocus={id === wantedId}
        onFocus={onFocus}
        onMenu={onMenu}
      />
    );
  };
  const revealIndex = revealId === null ? undefined : rows.findIndex((row) => row.connection.id === revealId);
  return (
    <VirtualRows
      label={label}
      count={rows.length}
      rowHeight={ROW_HEIGHT}
      keyOf={keyOf}
      renderRow={renderRow}
      revealIndex={revealIndex}
    />
  );
}

function productsIn(
  rows: ReadonlyMap<string, Row>,
  connectorById: ReadonlyMap<string, { product?: Product | undefined }>,
): ReadonlySet<Product> {
  const products = new Set<Product>();
  for (const row of rows.values()) {
    const product = connectorById.get(row.connection.connectorId)?.product;
    if (product) products.add(product);
  }
  return products;
}

function asideFor(count: number): string {
  return count > 1 ? `${formatThings(count, 'connection')}, sorted by what needs you` : '';
}

function SectionHead({ id, title, aside }: { id: string; title: string; aside?: string }) {
  return (
    <div className={classes.head}>
      <h2 id={id}>{title}</h2>
      {aside && <span>{aside}</span>}
    </div>
  );
}

function NoExternal({ isNarrowed }: { isNarrowed: boolean }) {
  if (isNarrowed) {
    return (
      <EmptyState sentence="No connection matches the search and filter.">
        <Button variant="default" onClick={() => useConnections.setState({ search: '', filter: 'all' })}>
          Show all
        </Button>
      </EmptyState>
    );
  }
  return (
    <EmptyState sentence="This tenant has no connection to an external system yet.">
      <Button variant="light" onClick={create}>
        Connect the first system
      </Button>
    </EmptyState>
  );
}
