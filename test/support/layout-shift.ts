import type { Page } from '@playwright/test';

interface Shift extends PerformanceEntry {
  readonly hadRecentInput: boolean;
  readonly value: number;
  readonly sources: readonly { readonly node: Node | null }[];
}
interface Watched {
  shiftsSeen?: string[];
}

/**
 * Watches what moves by itself on a page, as Chromium counts it: not what somebody's input has just asked for. From the load of the
 * page on, or from now.
 * @returns gives a line for each shift so far, with what moved
 */
export async function watchLayoutShifts(page: Page, from: 'load' | 'now'): Promise<() => Promise<string[]>> {
  await page.evaluate(
    (since) => {
      const seen: string[] = [];
      (window as unknown as Watched).shiftsSeen = seen;
      const nameOf = ({ node }: { node: Node | null }): string =>
        node instanceof Element ? node.outerHTML.slice(0, 160) : (node?.textContent?.slice(0, 60) ?? 'something gone');
      const observer = new PerformanceObserver((list) => {
        for (const shift of list.getEntries() as Shift[]) {
          if (shift.hadRecentInput || shift.startTime < since) continue;
          const what = shift.sources.map(nameOf).join(' | ');
          seen.push(`${shift.value.toFixed(5)} at ${Math.round(shift.startTime)} ms: ${what}`);
        }
      });
      observer.observe({ type: 'layout-shift', buffered: true });
    },
    from === 'load' ? 0 : await page.evaluate(() => performance.now()),
  );
  return () =>
    page.evaluate(
      () =>
        new Promise<string[]>((resolve) =>
          // What is under way is drawn, and told, first.
          requestAnimationFrame(() => setTimeout(() => resolve((window as unknown as Watched).shiftsSeen ?? []), 50)),
        ),
    );
}
