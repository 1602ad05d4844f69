/**
 * Zendesk's ways of paging. Follow-up requests are built from cursors and times, never from the addresses in an answer:
 * those name the vendor's host even where a proxy stands before it.
 */

import type { HttpRequest, Paginator, SourceRecord } from '../kit/index.ts';
import { cursorPages, idText } from '../kit/index.ts';

/**
 * Ticket values of custom fields come as [{id, value}]. Keyed by id instead, the path "custom_fields.360001" reaches one.
 * Changes the record in place: it was parsed a moment ago, nobody else has it, and a copy would cost more than the rest.
 */
function keyCustomFields(record: SourceRecord): void {
  const list: unknown = record?.custom_fields;
  if (!Array.isArray(list)) return;
  const byId: Record<string, unknown> = {};
  for (const entry of list as unknown[]) {
    if (typeof entry !== 'object' || entry === null || !('id' in entry)) continue;
    const id = idText(entry.id);
    if (id !== null) byId[id] = 'value' in entry ? entry.value : null;
  }
  (record as Record<string, unknown>).custom_fields = byId;
}

/** The cursor replaces start_time; Zendesk's own follow-up addresses carry the cursor alone. */
function byCursorAlone(request: HttpRequest | null): HttpRequest | null {
  if (request?.query?.cursor === undefined) return request;
  return { ...request, query: { ...request.query, start_time: undefined } };
}

/**
 * Cursor export: `after_cursor` until `end_of_stream`, which is in every answer:
 * https://developer.zendesk.com/api-reference/ticketing/ticket-management/incremental_exports/
 */
export function cursorExport(key: string): Paginator {
  const inner = cursorPages({ records: key, cursor: 'after_cursor', parameter: 'cursor', isEnd: 'end_of_stream' });
  return {
    page(answer, response, request) {
      const page = inner.page(answer, response, request);
      for (const record of page.records) keyCustomFields(record);
      return { ...page, next: byCursorAlone(page.next) };
    },
    resume: (checkpoint, first) => byCursorAlone(inner.resume(checkpoint, first)),
  };
}

/** Time-based export: the next start_time is `end_time`. Rows of that second come again; they are upserted by id. */
export const timeExport = (key: string): Paginator =>
  cursorPages({ records: key, cursor: 'end_time', parameter: 'start_time', isEnd: 'end_of_stream' });

export const cursorList = (key: string): Paginator =>
  cursorPages({ records: key, cursor: 'meta.after_cursor', parameter: 'page[after]', hasMore: 'meta.has_more' });
