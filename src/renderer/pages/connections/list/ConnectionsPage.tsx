import { Button } from '@mantine/core';
import { type KeyboardEvent, useCallback, useEffect, useMemo, useState } from 'react';
import type { ListedRow } from '../../../../shared/ipc/contract/connection-list.ts';
import type { Product } from '../../../../shared/products.ts';
import { AsOf } from '../../../components/AsOf.tsx';
import { EmptyState } from '../../../components/EmptyState.tsx';
import { FilterTabs } from '../../../components/FilterTabs.tsx';
import { IconPlus } from '../../../components/icons.ts';
import { NotReady } from '../../../components/NotReady.tsx';
import { Page } from '../../../components/Page.tsx';
import { Part } from '../../../components/Part.tsx';
import { SafeText } from '../../../components/SafeText.tsx';
import { SearchBox } from '../../../components/SearchBox.tsx';
import { StateDot } from '../../../components/StateDot.tsx';
import { VirtualRows } from '../../../components/VirtualRows.tsx';
import { NO_NARROWING, QUICK_FILTERS } from '../../../stores/connection-view.ts';
import { retryConnections, useConnections } from '../../../stores/connections.ts';
import { openDialog } from '../../../stores/dialogs.ts';
import { useSession } from '../../../stores/session.ts';
import { formatCount, formatThings } from '../../../text/format.ts';
import { FirstConnection } from '../next-step/FirstConnection.tsx';
import { NextStep } from '../next-step/NextStep.tsx';
import { BulkBar } from './BulkBar.tsx';
import { ConnectionMenu } from './ConnectionMenu.tsx';
import { ConnectionRow, type OpenMenu } from './ConnectionRow.tsx';
import classes from './ConnectionsPage.module.css';
import { ListToolbar } from './ListToolbar.tsx';
import { countByFilter, type Item, QUICK_FILTER_NAMES } from './list.ts';
import { ProductCards } from './ProductCards.tsx';
import { useRowFocus } from './use-row-focus.ts';
import { useSections } from './use-sections.ts';

const ROW_HEIGHT = 57;
const GROUP_HEIGHT = 33;
const create = (): void => openDialog({ kind: 'createConnection' });

export function ConnectionsPage() {
  const status = useConnections((state) => state.status);
  const error = useConnections((state) => state.error);
  const asOf = useConnections((state) => state.asOf);
  return (
    <Page
      title="Connections"
      action={
        <div className={classes.actions}>
          <Button variant="subtle" onClick={() => openDialog({ kind: 'trash' })}>
            Trash
          </Button>
          <Button leftSection={<IconPlus size={16} aria-hidden="true" />} onClick={create}>
            Create Connection
          </Button>
        </div>
      }
      filters={<Filters />}
      aside={<AsOf at={asOf} />}
    >
      <NextStep />
      {status === 'ready' ? (
        <Lists />
      ) : (
        <NotReady error={error} sentence="Reading the connections…" onRetry={retryConnections} />
      )}
    </Page>
  );
}

function Filters() {
  const totals = useConnections((state) => (state.isPartial ? state.counts : null));
  const filter = useConnections((state) => state.filter);
  const isFilteredOnly = useConnections(
    (state) => state.connector === null && state.tag === null && state.search.trim() === '',
  );
  const hasSelection = useConnections((state) => state.selected.size > 0);
  const { sections, search } = useSections();
  const counts = countByFilter(totals !== null && isFilteredOnly ? totals.byState : sections.byState);
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
      {hasSelection ? <SelectionBar /> : <ListToolbar />}
    </>
  );
}

function SelectionBar() {
  const { sections } = useSections();
  const shownIds = useMemo(
    () =>
      new Set(
        [...sections.gainsight, ...sections.external].flatMap((item) =>
          item.kind === 'row' ? [item.row.connection.id as string] : [],
        ),
      ),
    [sections],
  );
  return <BulkBar shownIds={shownIds} />;
}

function Lists() {
  const { sections, search, rows, connectorById, isNarrowed, isPartial, total } = useSections();
  useMarks(isPartial);
  const connectors = useSession((state) => state.connectors);
  const owned = useSession((state) => state.tenant?.products) ?? [];
  const connected = useMemo(() => productsIn(rows, connectorById), [rows, connectorById]);
  const flat = useMemo(() => [...sections.gainsight, ...sections.external], [sections]);
  const [menu, setMenu] = useState<OpenMenu | null>(null);
  const focus = useRowFocus(flat);

  const list = (label: string, items: readonly Item[]) => (
    <SectionList label={label} items={items} focus={focus} onMenu={setMenu} />
  );

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the rows inside are what has the focus
    <div
      data-list-state={isPartial ? 'partial' : 'whole'}
      data-shown-for={search}
      onKeyDown={(event: KeyboardEvent) => focus.onKeyDown(event)}
    >
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
          aside={asideFor(sections.externalCount, isPartial, total)}
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

/** Where the benchmarks and the browser's own tools see when the list was painted, and when all of it was there. */
function useMarks(isPartial: boolean): void {
  useEffect(() => {
    const mark = (name: string): void => {
      if (performance.getEntriesByName(name).length === 0) performance.mark(name);
    };
    requestAnimationFrame(() =>
      setTimeout(() => {
        mark('list-shown');
        if (!isPartial) mark('list-whole');
      }, 0),
    );
  }, [isPartial]);
}

interface SectionListProps {
  readonly label: string;
  readonly items: readonly Item[];
  readonly focus: ReturnType<typeof useRowFocus>;
  readonly onMenu: (menu: OpenMenu) => void;
}

function SectionList({ label, items, focus, onMenu }: SectionListProps) {
  const connectorById = useSession((state) => state.connectorById);
  const selected = useConnections((state) => state.selected);
  const { currentKey, wantedKey, showKey, onFocus, onChoose } = focus;
  const keyOf = useCallback((index: number): string => items[index]?.key ?? String(index), [items]);
  const heightOf = useCallback(
    (index: number): number => (items[index]?.kind === 'group' ? GROUP_HEIGHT : ROW_HEIGHT),
    [items],
  );
  const renderRow = (index: number) => {
    const item = items[index];
    if (!item) return null;
    if (item.kind === 'group') return <GroupHead label={item.label} count={item.count} />;
    const { id, connectorId } = item.row.connection;
    return (
      <ConnectionRow
        row={item.row}
        itemKey={item.key}
        connector={connectorById.get(connectorId)}
        position={index + 1}
        total={items.length}
        isCurrent={item.key === currentKey}
        isSelected={selected.has(id)}
        takesFocus={item.key === wantedKey}
        onFocus={onFocus}
        onChoose={onChoose}
        onMenu={onMenu}
      />
    );
  };
  const revealIndex = showKey === null ? undefined : items.findIndex((item) => item.key === showKey);
  return (
    <VirtualRows
      label={label}
      count={items.length}
      heightOf={heightOf}
      keyOf={keyOf}
      renderRow={renderRow}
      revealIndex={revealIndex}
    />
  );
}

function GroupHead({ label, count }: { label: string; count: number }) {
  return (
    <Part role="listitem" className={classes.group}>
      <h3>
        <SafeText text={label} max={80} />
      </h3>
      <span className="pb-num">{formatThings(count, 'connection')}</span>
    </Part>
  );
}

function productsIn(
  rows: ReadonlyMap<string, ListedRow>,
  connectorById: ReadonlyMap<string, { product?: Product | undefined }>,
): ReadonlySet<Product> {
  const products = new Set<Product>();
  for (const row of rows.values()) {
    const product = connectorById.get(row.connection.connectorId)?.product;
    if (product) products.add(product);
  }
  return products;
}

function asideFor(count: number, isPartial: boolean, total: number): string {
  if (isPartial) return `Reading ${formatThings(total, 'connection')}…`;
  return count > 1 ? formatThings(count, 'connection') : '';
}

function SectionHead({ id, title, aside }: { id: string; title: string; aside?: string }) {
  return (
    <div className={classes.head}>
      <h2 id={id}>{title}</h2>
      {/* Other words are another line: one that changed in place would count as moved. */}
      {aside && <span key={aside}>{aside}</span>}
    </div>
  );
}

function NoExternal({ isNarrowed }: { isNarrowed: boolean }) {
  if (isNarrowed) {
    return (
      <EmptyState sentence="No connection matches the search and filters.">
        <Button variant="default" onClick={() => useConnections.setState({ search: '', ...NO_NARROWING })}>
          Show all
        </Button>
      </EmptyState>
    );
  }
  return (
    <EmptyState sentence="This tenant has no connection to an external system yet.">
      <FirstConnection />
    </EmptyState>
  );
}
