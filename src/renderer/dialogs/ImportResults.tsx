import { Button } from '@mantine/core';
import type { ImportResult } from '../../shared/transfer.ts';
import { AppDialog } from '../components/AppDialog.tsx';
import { go } from '../routes.ts';
import { formatThings } from '../text/format.ts';
import { safeText } from '../text/safe-text.ts';
import classes from './Transfer.module.css';

interface ImportResultsProps {
  readonly results: readonly ImportResult[];
  readonly isTop: boolean;
  readonly onClose: () => void;
}

const WORDS = {
  created: { words: 'Imported, not authorized', kind: 'warn' },
  authorized: { words: 'Imported and connected', kind: 'good' },
  refused: { words: 'Not imported', kind: 'bad' },
} as const;

/** What became of each. */
export function ImportResults({ results, isTop, onClose }: ImportResultsProps) {
  const imported = results.filter(({ status }) => status !== 'refused').length;
  return (
    <AppDialog
      title="Import connections"
      isTop={isTop}
      onClose={onClose}
      size={680}
      footer={
        <>
          <Button variant="default" onClick={onClose}>
            Close
          </Button>
          <Button
            data-autofocus
            onClick={() => {
              onClose();
              go({ page: 'connections' });
            }}
          >
            Show connections
          </Button>
        </>
      }
    >
      <div className={classes.form}>
        <p role="status">
          {imported === 0
            ? 'Nothing was imported.'
            : `Imported ${formatThings(imported, 'connection')}. Their jobs are off.`}
        </p>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard */}
        <ul className={classes.entries} aria-label="Results" tabIndex={0}>
          {results.map((result) => (
            <li key={result.index} className={classes.entry}>
              <div className={classes.head}>
                <bdi>{safeText(result.name, 120)}</bdi>
                <span className={classes.verdict} data-kind={WORDS[result.status].kind}>
                  {WORDS[result.status].words}
                </span>
              </div>
              {(result.jobs > 0 || result.notes.length > 0) && (
                <div className={classes.more}>
                  {result.jobs > 0 && <p>{formatThings(result.jobs, 'job')}</p>}
                  {result.notes.map((note) => (
                    <p key={note}>{safeText(note, 600)}</p>
                  ))}
                </div>
              )}
            </li>
          ))}
        </ul>
      </div>
    </AppDialog>
  );
}
