import { describe, expect, it } from 'vitest';
import { itemAt, MOST_PAGES, missingPages, NO_PAGES, type Pages, withPage } from './pages.ts';

const filled: Pages<string> = withPage(
  withPage<string>({ ...NO_PAGES, total: 250 }, 0, ['a', 'b'], 250),
  1,
  ['c'],
  250,
);

describe('pages', () => {
  it('finds an item in its page and knows nothing of others', () => {
    expect(itemAt(filled, 100, 1)).toBe('b');
    expect(itemAt(filled, 100, 100)).toBe('c');
    expect(itemAt(filled, 100, 200)).toBeUndefined();
  });

  it('asks only for pages on screen that are not there, and never behind the end', () => {
    expect(missingPages(filled, 100, 50, 150)).toEqual([]);
    expect(missingPages(filled, 100, 150, 260)).toEqual([2]);
    expect(missingPages(filled, 100, 240, 900)).toEqual([2]);
    expect(missingPages(NO_PAGES, 100, 0, 50)).toEqual([]);
  });

  it('forgets the pages farthest from the newest', () => {
    let pages: Pages<number> = { ...NO_PAGES, total: 100_000 };
    for (let page = 0; page <= MOST_PAGES; page += 1) pages = withPage(pages, page, [page], 100_000);
    expect(pages.byPage.size).toBe(MOST_PAGES);
    expect(pages.byPage.has(0)).toBe(false);
    expect(pages.byPage.has(MOST_PAGES)).toBe(true);
  });
});
