import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { Part } from './Part.tsx';
import { useScroller } from './scroller.ts';

interface VirtualRowsProps {
  readonly label: string;
  readonly count: number;
  /** Usual height of a row in pixels; a row that needs more is measured. */
  readonly heightOf: (index: number) => number;
  readonly keyOf: (index: number) => string;
  readonly renderRow: (index: number) => ReactNode;
  /** Brings this row into view when it changes. */
  readonly revealIndex?: number | undefined;
  readonly className?: string | undefined;
}

/** A list of which only what is on screen exists, scrolled by the page's own scrolling area. */
export function VirtualRows({ label, count, heightOf, keyOf, renderRow, revealIndex, className }: VirtualRowsProps) {
  const scroller = useScroller();
  const list = useRef<HTMLDivElement>(null);
  const [scrollMargin, setScrollMargin] = useState(0);
  const virtualizer = useVirtualizer({
    count,
    getScrollElement: () => scroller,
    estimateSize: heightOf,
    getItemKey: keyOf,
    overscan: 4,
    scrollMargin,
    // The sticky header covers this much of the scrolling area.
    scrollPaddingStart: 200,
    scrollPaddingEnd: 24,
  });

  // Whatever stands above the list may change its height in any render.
  useLayoutEffect(() => {
    if (!scroller || !list.current) return;
    const top = list.current.getBoundingClientRect().top - scroller.getBoundingClientRect().top + scroller.scrollTop;
    setScrollMargin((before) => (Math.abs(before - top) > 1 ? top : before));
  });

  useEffect(() => {
    if (revealIndex !== undefined && revealIndex >= 0) virtualizer.scrollToIndex(revealIndex, { align: 'auto' });
  }, [revealIndex, virtualizer]);

  return (
    <Part
      ref={list}
      role="list"
      aria-label={label}
      className={className}
      style={{ position: 'relative', height: virtualizer.getTotalSize(), containerType: 'inline-size' }}
    >
      {virtualizer.getVirtualItems().map((item) => (
        <Part
          key={item.key}
          ref={virtualizer.measureElement}
          data-index={item.index}
          role="presentation"
          style={{
            position: 'absolute',
            insetInline: 0,
            top: 0,
            transform: `translateY(${item.start - scrollMargin}px)`,
          }}
        >
          {renderRow(item.index)}
        </Part>
      ))}
    </Part>
  );
}
