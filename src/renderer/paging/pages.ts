/** A long list asked for in pages: which are known, which are missing for what is on screen. Pure; use-pages.ts drives it. */
export interface Pages<T> {
  readonly total: number;
  readonly byPage: ReadonlyMap<number, readonly T[]>;
}

export const NO_PAGES = { total: 0, byPage: new Map() } as const;

/** Pages kept in memory; beyond that the ones farthest from the screen go. */
export const MOST_PAGES = 40;

export function itemAt<T>(pages: Pages<T>, pageSize: number, index: number): T | undefined {
  return pages.byPage.get(Math.floor(index / pageSize))?.[index % pageSize];
}

/** Numbers of the pages that show rows first to last and are not there yet. */
export function missingPages<T>(pages: Pages<T>, pageSize: number, first: number, last: number): number[] {
  const missing: number[] = [];
  const end = Math.min(last, pages.total - 1);
  for (let page = Math.floor(Math.max(0, first) / pageSize); page * pageSize <= end; page += 1) {
    if (!pages.byPage.has(page)) missing.push(page);
  }
  return missing;
}

export function withPage<T>(pages: Pages<T>, page: number, items: readonly T[], total: number): Pages<T> {
  const byPage = new Map(pages.byPage).set(page, items);
  if (byPage.size > MOST_PAGES) {
    const farthest = [...byPage.keys()].sort((a, b) => Math.abs(b - page) - Math.abs(a - page));
    for (const each of farthest.slice(0, byPage.size - MOST_PAGES)) byPage.delete(each);
  }
  return { total, byPage };
}
