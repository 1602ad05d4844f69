/** What main asks the thread that reads the record cache, and what it answers. */
import type { RowsPage, RowsQuery } from './queries.ts';

export type ReaderQuestion =
  | { readonly kind: 'rows'; readonly query: RowsQuery }
  /** Writes the rows a search finds as CSV, in the order of the grid; `path` comes from the dialog a person has answered. */
  | ({ readonly kind: 'exportRows'; readonly path: string } & Pick<RowsQuery, 'jobId' | 'search' | 'sort'>)
  | { readonly kind: 'exportRejected'; readonly runId: string; readonly path: string };

export type ReaderAnswer =
  | { readonly kind: 'rows'; readonly page: RowsPage }
  | { readonly kind: 'exported'; readonly rows: number }
  | { readonly kind: 'failed'; readonly code: FailedCode; readonly message: string };

type FailedCode = 'disk_full' | 'database_damaged' | 'not_allowed' | 'internal';

export interface Asked {
  readonly id: number;
  readonly question: ReaderQuestion;
}

export interface Answered {
  readonly id: number;
  readonly answer: ReaderAnswer;
}
