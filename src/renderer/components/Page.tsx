import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from 'react';
import classes from './Page.module.css';
import { ScrollerContext } from './scroller.ts';

interface PageProps {
  readonly title: string;
  readonly action?: ReactNode;
  readonly filters?: ReactNode;
  readonly aside?: ReactNode;
  /** The content has its own scrolling area and fills what is left. */
  readonly fills?: boolean;
  readonly children: ReactNode;
}

let isFirstPage = true;

/** Breadcrumb, heading and filters stay; the rest scrolls. A change of page moves the focus to its heading. */
export function Page({ title, action, filters, aside, fills = false, children }: PageProps) {
  const [scroller, setScroller] = useState<HTMLElement | null>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const header = useRef<HTMLElement>(null);
  useHeaderHeight(scroller, header.current);
  useEffect(() => {
    if (!isFirstPage) heading.current?.focus({ preventScroll: true });
    isFirstPage = false;
  }, []);
  return (
    <div className={fills ? classes.filled : classes.scroll} ref={setScroller}>
      <header ref={header} className={classes.header}>
        <div className={classes.inner}>
          <div className={classes.top}>
            <nav aria-label="Breadcrumb">
              <ol className={classes.crumbs}>
                <li>Administration</li>
                <li>Connectors 2.0</li>
                <li aria-current="page">{title}</li>
              </ol>
            </nav>
            {aside}
          </div>
          <div className={classes.bar}>
            <h1 ref={heading} tabIndex={-1} className={classes.title}>
              {title}
            </h1>
            {action}
          </div>
          {filters && <div className={classes.filters}>{filters}</div>}
        </div>
      </header>
      <ScrollerContext value={scroller}>
        <div className={`${classes.inner} ${classes.content}`}>{children}</div>
      </ScrollerContext>
    </div>
  );
}

/** Tells sticky table heads how much of the top the page's own header takes. */
function useHeaderHeight(scroller: HTMLElement | null, header: HTMLElement | null): void {
  useLayoutEffect(() => {
    if (!scroller || !header) return;
    const observer = new ResizeObserver(() =>
      scroller.style.setProperty('--pb-header-height', `${header.offsetHeight}px`),
    );
    observer.observe(header);
    return () => observer.disconnect();
  }, [scroller, header]);
}
