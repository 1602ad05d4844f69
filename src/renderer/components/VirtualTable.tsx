import { useVirtualizer } from '@tanstack/react-virtual';
import {
  type CSSProperties,
  type KeyboardEvent,
  type MouseEvent,
  type ReactNode,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import type { MenuAnchor } from './ActionMenu.tsx';
import { Part } from './Part.tsx';
import { useScroller } from './scroller.ts';
import classes from './VirtualTable.module.css';

export interface Column {
  readonly id: string;
  readonly label: string;
  /** A grid track: "120px", "minmax(120px, 1.4fr)". */
  readonly width: string;
  readonly isNumber?: boolean;
  /** The header is there for screen readers only. */
  readonly isSilent?: boolean;
}

interface VirtualTableProps {
  readonly label: string;
  readonly columns: readonly Column[];
  readonly count: number;
  readonly rowHeight: number;
  readonly keyOf: (index: number) => string;
  /** One node per column; null while the row is still on its way. */
  readonly cellsOf: (index: number) => readonly ReactNode[] | null;
  /** Enter or a click on a row. */
  readonly onOpen?: ((index: number) => void) | undefined;
  /** Right click, menu key or Shift+F10 on a row. */
  readonly onMenu?: ((index: number, anchor: MenuAnchor, row: HTMLElement) => void) | undefined;
  /** What is on screen, for lists that are asked for in pages. */
  readonly onRange?: ((first: number, last: number) => void) | undefined;
}

/** As in the style sheet. */
const GAP = 10;

const STEPS: Readonly<Record<string, (at: number, count: number) => number>> = {
  ArrowDown: (at, count) => Math.min(at + 1, count - 1),
  ArrowUp: (at) => Math.max(at - 1, 0),
  PageDown: (at, count) => Math.min(at + 10, count - 1),
  PageUp: (at) => Math.max(at - 10, 0),
  Home: () => 0,
  End: (_at, count) => count - 1,
};

/** What the columns and the gaps between them need at least, in pixels: below that the table scrolls sideways by itself. */
function leastWidth(columns: readonly Column[]): number {
  const least = columns.map(({ width }) => Number(/\d+/.exec(width)?.[0] ?? 0));
  return least.reduce((sum, each) => sum + each + GAP, 0) + GAP;
}

/** A table of which only what is on screen exists, with a row the keyboard is on. */
export function VirtualTable(props: VirtualTableProps) {
  const { label, columns, count, rowHeight, keyOf, cellsOf, onOpen, onMenu, onRange } = props;
  const scroller = useScroller();
  const body = useRef<HTMLDivElement>(null);
  const [scrollMargin, setScrollMargin] = useState(0);
  const [current, setCurrent] = useState(0);
  const [wanted, setWanted] = useState<number | null>(null);
  const tracks = columns.map((column) => column.width).join(' ');
  const virtualizer = useVirtualizer({
    count,
    getScrollElement: () => scroller,
    estimateSize: () => rowHeight,
    getItemKey: keyOf,
    overscan: 8,
    scrollMargin,
    scrollPaddingStart: 200,
    scrollPaddingEnd: 24,
  });
  const items = virtualizer.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items[items.length - 1]?.index ?? -1;

  useLayoutEffect(() => {
    if (!scroller || !body.current) return;
    const top = body.current.getBoundingClientRect().top - scroller.getBoundingClientRect().top + scroller.scrollTop;
    setScrollMargin((before) => (Math.abs(before - top) > 1 ? top : before));
  });
  useEffect(() => onRange?.(first, last), [onRange, first, last]);
  useEffect(() => {
    if (wanted === null) return;
    virtualizer.scrollToIndex(wanted, { align: 'auto' });
    body.current?.querySelector<HTMLElement>(`[data-index="${wanted}"]`)?.focus({ preventScroll: true });
  }, [wanted, virtualizer]);

  const onKeyDown = (event: KeyboardEvent<HTMLElement>, index: number): void => {
    const row = event.currentTarget;
    if (onMenu && (event.key === 'ContextMenu' || (event.shiftKey && event.key === 'F10'))) {
      event.preventDefault();
      const box = row.getBoundingClientRect();
      onMenu(index, { kind: 'point', x: box.left + 24, y: box.bottom }, row);
      return;
    }
    const step = STEPS[event.key];
    if (step) {
      event.preventDefault();
      const next = step(index, count);
      setCurrent(next);
      setWanted(next);
    } else if (event.key === 'Enter' && event.target === row && onOpen) {
      event.preventDefault();
      onOpen(index);
    }
  };
  const onContextMenu = (event: MouseEvent<HTMLElement>, index: number): void => {
    if (!onMenu) return;
    event.preventDefault();
    const box = event.currentTarget.getBoundingClientRect();
    const isKey = event.clientX === 0 && event.clientY === 0;
    onMenu(
      index,
      isKey
        ? { kind: 'point', x: box.left + 24, y: box.bottom }
        : { kind: 'point', x: event.clientX, y: event.clientY },
      event.currentTarget,
    );
  };

  return (
    <div className={classes.place} style={{ '--pb-least-width': `${leastWidth(columns)}px` } as CSSProperties}>
      <Part role="table" aria-label={label} aria-rowcount={count + 1} className={classes.table}>
        <Part role="rowgroup" className={classes.head}>
          <Part role="row" aria-rowindex={1} className={classes.headRow} style={{ gridTemplateColumns: tracks }}>
            {columns.map((column) => (
              <Part key={column.id} role="columnheader" data-number={column.isNumber || undefined}>
                {column.isSilent ? <span className="pb-hidden">{column.label}</span> : column.label}
              </Part>
            ))}
          </Part>
        </Part>
        <Part
          role="rowgroup"
          ref={body}
          className={classes.body}
          style={{ position: 'relative', height: virtualizer.getTotalSize() }}
        >
          {items.map((item) => (
            <Part
              key={item.key}
              ref={virtualizer.measureElement}
              role="row"
              data-index={item.index}
              aria-rowindex={item.index + 2}
              tabIndex={item.index === Math.min(current, count - 1) ? 0 : -1}
              className={classes.row}
              data-opens={onOpen ? true : undefined}
              style={{
                gridTemplateColumns: tracks,
                minHeight: rowHeight,
                transform: `translateY(${item.start - scrollMargin}px)`,
              }}
              onFocus={() => setCurrent(item.index)}
              onKeyDown={(event) => onKeyDown(event, item.index)}
              onContextMenu={(event) => onContextMenu(event, item.index)}
              onClick={(event) => !(event.target as HTMLElement).closest('button, a') && onOpen?.(item.index)}
            >
              {cellsOf(item.index)?.map((cell, at) => (
                <Part
                  key={columns[at]?.id}
                  role="cell"
                  className={classes.cell}
                  data-number={columns[at]?.isNumber || undefined}
                >
                  {cell}
                </Part>
              )) ?? <Part role="cell" className={classes.cell} />}
            </Part>
          ))}
        </Part>
      </Part>
    </div>
  );
}
