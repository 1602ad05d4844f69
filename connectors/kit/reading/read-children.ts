import { type ConnectorContext, ConnectorError, type JsonValue, type Page, type SourceRecord } from '../contract.ts';
import { pick } from '../http/pages/parts.ts';
import type { PagedList } from './read-pages.ts';
import { readPages } from './read-pages.ts';

/** The children of every parent: responses of each survey, conversations of each ticket. */
export interface Children {
  /** Pages of parents from a checkpoint of theirs on. */
  parents(checkpoint: JsonValue): AsyncIterable<Page>;
  /** Path of the parent's key. */
  readonly parentKey: string;
  /** The list of one parent's children; null = it has none to read (not changed since, of another kind). */
  children(parent: SourceRecord): Omit<PagedList, 'checkpoint'> | null;
  /** What a child becomes, e.g. with its parent's key; default the child itself. */
  record?(child: SourceRecord, parent: SourceRecord): SourceRecord;
  readonly checkpoint: JsonValue;
}

interface Place {
  /** Leads to the page of parents at hand; null = the first one. */
  readonly parents: JsonValue;
  /** Parents of that page whose children were all read. */
  readonly done: readonly string[];
  /** The parent at hand and the checkpoint among its children; null = none. */
  readonly at: { readonly parent: string; readonly children: JsonValue } | null;
  readonly isDone: boolean;
}

const START: Place = { parents: null, done: [], at: null, isDone: false };

/**
 * Reads the children of each parent. A read that goes on behind a checkpoint asks for the page of parents again and passes over the
 * parents it has finished, by their keys: parents may have come or gone meanwhile.
 */
export async function* readChildren(context: Pick<ConnectorContext, 'http'>, source: Children): AsyncGenerator<Page> {
  let place = placeOf(source.checkpoint);
  if (place.isDone) return;
  for await (const page of source.parents(place.parents)) {
    for (const parent of page.records) {
      const key = parentKey(parent, source.parentKey);
      if (place.done.includes(key)) continue;
      const list = source.children(parent);
      const begun = place.at?.parent === key ? place.at.children : null;
      if (list !== null)
        for await (const part of readPages(context, { ...list, checkpoint: begun })) {
          place = { ...place, at: { parent: key, children: part.checkpoint } };
          if (part.records.length === 0 && (part.deleted?.length ?? 0) === 0) continue;
          const records =
            source.record === undefined ? part.records : part.records.map((one) => source.record?.(one, parent) ?? one);
          yield { ...part, records, checkpoint: place as unknown as JsonValue, total: undefined };
        }
      place = { ...place, done: [...place.done, key], at: null };
    }
    place = { ...START, parents: page.checkpoint };
  }
  place = { ...START, isDone: true };
  yield { records: [], bytes: 0, checkpoint: place as unknown as JsonValue };
}

function placeOf(checkpoint: JsonValue): Place {
  if (checkpoint === null) return START;
  if (!Array.isArray(pick(checkpoint, 'done')))
    throw new ConnectorError(
      'internal',
      'The stored checkpoint has no usable parents. Start the job again from the beginning.',
    );
  return checkpoint as unknown as Place;
}

function parentKey(parent: SourceRecord, path: string): string {
  const key = pick(parent, path);
  if (typeof key === 'string' || typeof key === 'number') return String(key);
  throw new ConnectorError('invalid_response', `The system sent a record without "${path}".`);
}
