import { useMemo } from 'react';
import type { ConnectionId } from '../../../shared/ids.ts';
import { useConnections } from '../../stores/connections.ts';
import { openDialog } from '../../stores/dialogs.ts';
import { formatCount } from '../../text/format.ts';
import classes from './ListToolbar.module.css';

const ACTIONS = [
  ['test', 'Test'],
  ['revoke', 'Revoke'],
] as const;

/** What can be done to the chosen rows. Stands where the toolbar stood, so that nothing moves. */
export function BulkBar({ shownIds }: { shownIds: ReadonlySet<string> }) {
  const selected = useConnections((state) => state.selected);
  const hidden = useMemo(() => [...selected].filter((id) => !shownIds.has(id)).length, [selected, shownIds]);
  const ids = (): ConnectionId[] => [...useConnections.getState().selected] as ConnectionId[];
  return (
    <section className={classes.bar} aria-label="Chosen connections">
      <span className={classes.chosen} role="status">
        {formatCount(selected.size)} selected
      </span>
      {hidden > 0 && <span className={classes.hidden}>{formatCount(hidden)} of them not shown now</span>}
      <span className={classes.gap} />
      {ACTIONS.map(([action, label]) => (
        <button
          key={action}
          type="button"
          className={classes.button}
          onClick={() => openDialog({ kind: 'bulkConnections', action, ids: ids() })}
        >
          {label}
        </button>
      ))}
      <button
        type="button"
        className={classes.button}
        onClick={() => openDialog({ kind: 'tagConnections', ids: ids() })}
      >
        Tags
      </button>
      <button
        type="button"
        className={classes.button}
        onClick={() => openDialog({ kind: 'exportConnections', ids: ids() })}
      >
        Export
      </button>
      <button
        type="button"
        className={classes.button}
        data-dangerous
        onClick={() => openDialog({ kind: 'bulkConnections', action: 'delete', ids: ids() })}
      >
        Delete
      </button>
      <button
        type="button"
        className={`${classes.button} ${classes.quiet}`}
        onClick={() => useConnections.setState({ selected: new Set() })}
      >
        Clear selection
      </button>
    </section>
  );
}
