import type { ConnectorContext, HttpRequest, HttpResponse, JsonValue, Page, SourceRecord } from '../contract.ts';
import { END } from '../http/pages/parts.ts';
import type { Paginator } from '../manifest.ts';

/** What a paged list is read by. */
export interface PagedList {
  readonly first: HttpRequest;
  readonly pages: Paginator;
  /** Null = from the beginning. */
  readonly checkpoint: JsonValue;
  /** Statuses by which the vendor says that there are no rows. */
  readonly noRows?: readonly number[] | undefined;
  /** Whether a record is one that the source says is deleted; those go into {@link Page.deleted}. */
  readonly isDeleted?: ((record: SourceRecord) => boolean) | undefined;
  /** Turns an answer into what the paginator expects; default its JSON. */
  readonly parse?: ((response: HttpResponse) => unknown) | undefined;
}

/**
 * Reads a paged list page by page: the next request is sent when the next page is asked for.
 * @throws ConnectorError as {@link ConnectorContext.http} and the paginator throw
 */
export async function* readPages(
  { http }: Pick<ConnectorContext, 'http'>,
  { first, pages, checkpoint, noRows = [], isDeleted, parse = (response) => response.json() }: PagedList,
): AsyncGenerator<Page> {
  let request = checkpoint === null ? first : pages.resume(checkpoint, first);
  while (request !== null) {
    const response = await http.send(
      noRows.length === 0 ? request : { ...request, acceptStatus: [...(request.acceptStatus ?? []), ...noRows] },
    );
    const bytes = response.body.byteLength;
    if (noRows.includes(response.status)) {
      yield { records: [], checkpoint: END, bytes };
      return;
    }
    const page = pages.page(parse(response), response, request);
    yield {
      ...(isDeleted === undefined ? { records: page.records } : sorted(page.records, isDeleted)),
      checkpoint: page.checkpoint,
      bytes,
      ...(page.total === undefined ? {} : { total: page.total }),
    };
    request = page.next;
  }
}

function sorted(
  records: readonly SourceRecord[],
  isDeleted: (record: SourceRecord) => boolean,
): Pick<Page, 'records' | 'deleted'> {
  const deleted = records.filter(isDeleted);
  return deleted.length === 0 ? { records } : { records: records.filter((record) => !isDeleted(record)), deleted };
}
