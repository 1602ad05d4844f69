import { useId, useMemo } from 'react';
import type { ConnectionId } from '../../../../shared/ids.ts';
import { useConnections } from '../../../stores/connections.ts';
import { openDialog } from '../../../stores/dialogs.ts';
import { useSession } from '../../../stores/session.ts';
import { formatCount } from '../../../text/format.ts';
import classes from './ListToolbar.module.css';

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
      <TestButton
        selected={selected}
        onTest={() => openDialog({ kind: 'bulkConnections', action: 'test', ids: ids() })}
      />
      <button
        type="button"
        className={classes.button}
        onClick={() => openDialog({ kind: 'bulkConnections', action: 'revoke', ids: ids() })}
      >
        Revoke
      </button>
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

/** Offline it is worth a try only where one of the chosen may be on this machine or the company's own network. */
function TestButton({ selected, onTest }: { selected: ReadonlySet<string>; onTest: () => void }) {
  const reasonId = useId();
  const isOffline = useSession((state) => state.app?.network === 'offline');
  const cannot = useConnections(
    (state) => isOffline && ![...selected].some((id) => state.rows.get(id)?.worksOffline === true),
  );
  const reason = 'This machine is offline. Testing needs the network.';
  return (
    <>
      <button
        type="button"
        className={classes.button}
        aria-disabled={cannot || undefined}
        aria-describedby={cannot ? reasonId : undefined}
        title={cannot ? reason : undefined}
        onClick={() => !cannot && onTest()}
      >
        Test
      </button>
      {cannot && (
        <span id={reasonId} className="pb-hidden">
          {reason}
        </span>
      )}
    </>
  );
}
