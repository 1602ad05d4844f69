import { Button, TextInput } from '@mantine/core';
import { useEffect, useMemo, useRef, useState } from 'react';
import { offer } from '../../../../shared/connection/actions.ts';
import type { ListedRow } from '../../../../shared/ipc/contract/connection-list.ts';
import { calls } from '../../../bridge.ts';
import { AppDialog } from '../../../components/AppDialog.tsx';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { useAnswer } from '../../../components/use-answer.ts';
import type { DialogProps } from '../../../dialogs/dialog-props.ts';
import { useConnections } from '../../../stores/connections.ts';
import { formatCount, formatThings } from '../../../text/format.ts';
import classes from './BulkDialog.module.css';
import { BulkResults } from './BulkResults.tsx';
import { BULK_WORDS } from './bulk-words.ts';
import { useBulk } from './use-bulk.ts';

/** One thing done to many connections: what it means, how it goes, and what became of each. */
export function BulkDialog({ dialog, isTop, onClose }: DialogProps<'bulkConnections'>) {
  const { action, ids } = dialog;
  const words = BULK_WORDS[action];
  const { state, start, cancel } = useBulk(action, ids);
  const [typed, setTyped] = useState('');
  const impact = useAnswer(action === 'delete' ? `impact ${ids.join()}` : null, () =>
    calls.connections.bulkImpact({ ids }),
  );
  const wanted = impact.value?.typed ?? null;
  const isConfirmed =
    action !== 'delete' || (impact.value !== null && (wanted === null || typed.trim().toLowerCase() === wanted));
  const hasBegun = useRef(false);
  useEffect(() => {
    // Nothing is lost by a test: it begins at once.
    if (action !== 'test' || hasBegun.current) return;
    hasBegun.current = true;
    void start('');
  }, [action, start]);

  const buttons = {
    asking: (
      <>
        <Button variant="default" onClick={onClose} data-autofocus>
          Cancel
        </Button>
        <Button
          color={words.isDangerous ? 'red.8' : undefined}
          disabled={!isConfirmed}
          onClick={() => void start(typed)}
        >
          {words.verb} {formatThings(ids.length, 'connection')}
        </Button>
      </>
    ),
    running: (
      <Button variant="default" onClick={cancel}>
        Stop after those under way
      </Button>
    ),
    done: (
      <Button onClick={onClose} data-autofocus>
        Close
      </Button>
    ),
  };

  return (
    <AppDialog
      title={`${words.verb} ${formatThings(ids.length, 'connection')}`}
      isTop={isTop}
      size={620}
      onClose={() => {
        cancel();
        onClose();
      }}
      footer={buttons[state.phase]}
    >
      {state.phase === 'asking' ? (
        <div className={classes.words}>
          <Explanation action={action} ids={ids} />
          {action === 'delete' && impact.value && <Loss impact={impact.value} />}
          {wanted !== null && (
            <TextInput
              label={`Type "${wanted}" to confirm`}
              value={typed}
              onChange={(event) => setTyped(event.currentTarget.value)}
              autoComplete="off"
              spellCheck={false}
            />
          )}
          {(state.error ?? impact.error) && <ErrorNote message={(state.error ?? impact.error)?.message ?? ''} />}
        </div>
      ) : (
        <BulkResults results={state.results} total={ids.length} isRunning={state.phase === 'running'} words={words} />
      )}
    </AppDialog>
  );
}

function Explanation({ action, ids }: Pick<DialogProps<'bulkConnections'>['dialog'], 'action' | 'ids'>) {
  const rows = useConnections((state) => state.rows);
  const chosen = useMemo(() => ids.flatMap((id) => rows.get(id) ?? []), [ids, rows]);
  const refused = action === 'revoke' ? refusals(chosen) : [];
  const running = chosen.reduce((sum, row) => sum + row.runningJobs, 0);
  return (
    <>
      <p>{BULK_WORDS[action].explanation}</p>
      {running > 0 && <p>{formatThings(running, 'run')} under way will stop.</p>}
      {refused.map(([reason, count]) => (
        <p key={reason}>
          {formatCount(count)} of them cannot be revoked and {count === 1 ? 'stays' : 'stay'} as{' '}
          {count === 1 ? 'it is' : 'they are'}: {reason}
        </p>
      ))}
    </>
  );
}

function refusals(rows: readonly ListedRow[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const row of rows) {
    const offered = offer(row.connection.state.kind, 'revoke');
    if (!offered.offered) counts.set(offered.reason, (counts.get(offered.reason) ?? 0) + 1);
  }
  return [...counts];
}

function Loss({ impact }: { impact: { jobs: number; cachedRows: number; dependentJobs: number } }) {
  return (
    <ul>
      <li>{formatThings(impact.jobs, 'job')} with their mappings and schedules</li>
      <li>{formatThings(impact.cachedRows, 'cached row')}</li>
      {impact.dependentJobs > 0 && (
        <li>
          {formatThings(impact.dependentJobs, 'job')} of other connections that deliver to them lose their destination
        </li>
      )}
    </ul>
  );
}
