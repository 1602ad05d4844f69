import { useVirtualizer } from '@tanstack/react-virtual';
import { useDeferredValue, useMemo, useRef } from 'react';
import type { DataTable } from '../../../shared/ipc/contract.ts';
import { calls } from '../../bridge.ts';
import { EmptyState } from '../../components/EmptyState.tsx';
import { IconArrowDown, IconArrowUp } from '../../components/icons.ts';
import { NotReady } from '../../components/NotReady.tsx';
import { Part } from '../../components/Part.tsx';
import { useLate } from '../../components/use-late.ts';
import { usePages } from '../../paging/use-pages.ts';
import { useActivity } from '../../stores/activity.ts';
import { formatCount, formatThings } from '../../text/format.ts';
import { safeText } from '../../text/safe-text.ts';
import { type Cell, columnWidth, formatCell, isNumeric } from './cells.ts';
import classes from './DataGrid.module.css';
import { useGridColumns, useVisibleRows } from './use-grid.ts';

export type Sort = { column: string; descending: boolean } | null;
const ROW_HEIGHT = 32;

/** Cached rows of one job: only what is on screen exists, in both directions. */
export function DataGrid({
  table,
  search,
  sort,
  onSort,
}: {
  table: DataTable;
  search: string;
  sort: Sort;
  onSort: (sort: Sort) => void;
}) {
  const scroller = useRef<HTMLDivElement>(null);
  const words = useDeferredValue(search.trim());
  const revision = useActivity((state) => state.revision);
  const pages = usePages<readonly Cell[]>({
    key: JSON.stringify([table.jobId, words, sort]),
    revision,
    pageSize: 200,
    load: async (offset, limit) => {
      const { rows, total } = await calls.data.rows({ jobId: table.jobId, offset, limit, search: words, sort });
      return { items: rows, total };
    },
  });
  const columns = useMemo(
    () => table.columns.map((column) => ({ ...column, width: columnWidth(column.name, column.type) })),
    [table.columns],
  );
  const shownColumns = useGridColumns(scroller, columns);
  const rows = useVirtualizer({
    count: pages.total,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
    scrollPaddingStart: ROW_HEIGHT + 2,
  });
  const items = rows.getVirtualItems();
  useVisibleRows(items, pages.onRange);
  const width = columns.reduce((sum, column) => sum + column.width, 0);
  const total =
    pages.total === table.rows
      ? formatThings(pages.total, 'row')
      : `${formatCount(pages.total)} of ${formatThings(table.rows, 'row')}`;

  const isLate = useLate(!pages.isReady);

  if (pages.error) return <NotReady error={pages.error} sentence="Reading the rows…" onRetry={pages.retry} />;
  return (
    <>
      <Part
        ref={scroller}
        className={classes.scroll}
        role="table"
        aria-label={`Rows of ${safeText(table.jobName)}`}
        aria-rowcount={pages.total + 1}
        aria-colcount={columns.length}
        tabIndex={0}
      >
        <Part role="rowgroup" className={classes.head} style={{ width }}>
          <Part role="row" aria-rowindex={1} className={classes.headRow}>
            {shownColumns.map(({ column, index, left }) => (
              <HeaderCell
                key={column.name}
                name={column.name}
                index={index}
                left={left}
                width={column.width}
                isNumber={isNumeric(column.type)}
                sort={sort}
                onSort={onSort}
              />
            ))}
          </Part>
        </Part>
        <Part role="rowgroup" style={{ position: 'relative', width, height: rows.getTotalSize() }}>
          {items.map((item) => (
            <Part
              key={item.key}
              role="row"
              aria-rowindex={item.index + 2}
              className={classes.row}
              style={{ transform: `translateY(${item.start}px)` }}
            >
              {shownColumns.map(({ column, index, left }) => (
                <BodyCell
                  key={column.name}
                  value={pages.at(item.index)?.[index] ?? null}
                  type={column.type}
                  index={index}
                  left={left}
                  width={column.width}
                />
              ))}
            </Part>
          ))}
        </Part>
      </Part>
      {pages.isReady && pages.total === 0 && <EmptyState sentence="No row matches the search." />}
      <p className={classes.total} role="status">
        {pages.isReady ? total : isLate ? 'Reading the rows…' : ''}
      </p>
    </>
  );
}

interface HeaderCellProps {
  readonly name: string;
  readonly index: number;
  readonly left: number;
  readonly width: number;
  readonly isNumber: boolean;
  readonly sort: Sort;
  readonly onSort: (sort: Sort) => void;
}

function HeaderCell({ name, index, left, width, isNumber, sort, onSort }: HeaderCellProps) {
  const isSorted = sort?.column === name;
  const next: Sort = !isSorted
    ? { column: name, descending: false }
    : sort.descending
      ? null
      : { column: name, descending: true };
  return (
    <Part
      role="columnheader"
      aria-colindex={index + 1}
      aria-sort={isSorted ? (sort.descending ? 'descending' : 'ascending') : 'none'}
      className={classes.headCell}
      style={{ left, width }}
    >
      <button type="button" data-number={isNumber || undefined} onClick={() => onSort(next)} title={name}>
        <span className="pb-clip">{name}</span>
        {isSorted &&
          (sort.descending ? (
            <IconArrowDown size={14} aria-hidden="true" />
          ) : (
            <IconArrowUp size={14} aria-hidden="true" />
          ))}
      </button>
    </Part>
  );
}

function BodyCell({
  value,
  type,
  index,
  left,
  width,
}: {
  value: Cell;
  type: DataTable['columns'][number]['type'];
  index: number;
  left: number;
  width: number;
}) {
  const shown = formatCell(value, type);
  return (
    <Part
      role="cell"
      aria-colindex={index + 1}
      className={`${classes.cell} pb-clip`}
      data-number={isNumeric(type) || undefined}
      style={{ left, width }}
      title={shown.length > 20 ? shown : undefined}
    >
      <bdi>{shown}</bdi>
    </Part>
  );
}
