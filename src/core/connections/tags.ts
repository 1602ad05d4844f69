import type { Update } from '../../shared/activity/activity.ts';
import { changeTags, TAGS_MAX } from '../../shared/connection/tags.ts';
import type { ConnectionId } from '../../shared/ids.ts';
import type { BulkResult, ListedRow } from '../../shared/ipc/contract/connection-list.ts';

export interface TagPorts {
  /** Id, name and tags of those connections that are there. */
  readonly tagged: (
    ids: readonly ConnectionId[],
  ) => readonly { id: ConnectionId; name: string; tags: readonly string[] }[];
  /** Stores the tags of a connection and the Update in one transaction. */
  readonly save: (id: ConnectionId, tags: readonly string[], update: Update) => void;
  readonly newUpdate: (id: ConnectionId, name: string, changes: Update['changes']) => Update;
  readonly rows: (ids: readonly ConnectionId[]) => ListedRow[];
  readonly onChanged: (rows: ListedRow[]) => void;
}

/** Connections worked on before the window gets its turn. */
const BATCH = 100;

/** Adds tags to connections and takes them away. */
export class ConnectionTags {
  readonly #ports: TagPorts;

  constructor(ports: TagPorts) {
    this.#ports = ports;
  }

  async change(
    ids: readonly ConnectionId[],
    add: readonly string[],
    remove: readonly string[],
  ): Promise<{ changed: number; refused: BulkResult[] }> {
    const refused: BulkResult[] = [];
    let changed = 0;
    for (let at = 0; at < ids.length; at += BATCH) {
      const done: ConnectionId[] = [];
      for (const one of this.#ports.tagged(ids.slice(at, at + BATCH))) {
        const after = changeTags(one.tags, add, remove);
        if (after.join('\n') === one.tags.join('\n')) continue;
        if (after.length > TAGS_MAX) refused.push(tooMany(one));
        else {
          this.#save(one, after);
          done.push(one.id);
        }
      }
      changed += done.length;
      if (done.length > 0) this.#ports.onChanged(this.#ports.rows(done));
      await new Promise((resolve) => setImmediate(resolve));
    }
    return { changed, refused };
  }

  #save(one: { id: ConnectionId; name: string; tags: readonly string[] }, after: readonly string[]): void {
    const change = { field: 'Tags', before: one.tags.join(', '), after: after.join(', ') };
    this.#ports.save(one.id, after, this.#ports.newUpdate(one.id, one.name, [change]));
  }
}

function tooMany({ id, name }: { id: ConnectionId; name: string }): BulkResult {
  return { id, name, status: 'failed', message: `It would have more than ${TAGS_MAX} tags.` };
}
