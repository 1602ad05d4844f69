/** What may be chosen of how the list of connections is shown. */

export const QUICK_FILTERS = ['all', 'connected', 'needsYou', 'revoked'] as const;
export type QuickFilter = (typeof QUICK_FILTERS)[number];

export const SORTS = ['urgency', 'name', 'state', 'lastRun', 'dataAsOf', 'connector'] as const;
export type SortBy = (typeof SORTS)[number];

export const GROUPINGS = ['none', 'connector', 'state', 'tag'] as const;
export type GroupBy = (typeof GROUPINGS)[number];

/** What is chosen besides the search. Null: whatever connector or tag. */
export interface Narrowing {
  readonly filter: QuickFilter;
  readonly connector: string | null;
  readonly tag: string | null;
}
export const NO_NARROWING: Narrowing = { filter: 'all', connector: null, tag: null };
