import { useVirtualizer, type VirtualItem } from '@tanstack/react-virtual';
import { type RefObject, useEffect } from 'react';
import type { ColumnType } from '../../../shared/connector.ts';

interface GridColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly width: number;
}

/** The columns on screen, with where they stand. */
export function useGridColumns(scroller: RefObject<HTMLElement | null>, columns: readonly GridColumn[]) {
  const virtualizer = useVirtualizer({
    horizontal: true,
    count: columns.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => columns[index]?.width ?? 0,
    overscan: 3,
  });
  return virtualizer.getVirtualItems().flatMap((item) => {
    const column = columns[item.index];
    return column ? [{ column, index: item.index, left: item.start }] : [];
  });
}

/** Tells which rows are on screen, when that changes. */
export function useVisibleRows(items: readonly VirtualItem[], onRange: (first: number, last: number) => void): void {
  const first = items[0]?.index ?? 0;
  const last = items[items.length - 1]?.index ?? -1;
  useEffect(() => onRange(first, last), [onRange, first, last]);
}
