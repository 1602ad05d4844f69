import { Button } from '@mantine/core';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { safeText } from '../../../text/safe-text.ts';
import classes from './ConnectionDialog.module.css';
import { type Difference, labelOf, wordsOf } from './rebase.ts';
import type { Conflict, ConnectionForm } from './use-connection-form.ts';

interface ConflictNoteProps {
  readonly form: ConnectionForm;
  readonly conflict: Conflict;
  /** Begins again from what is stored. */
  readonly onReload: () => void;
}

/** Somebody has changed the connection while the form was open: what was typed stays, and both are shown where they differ. */
export function ConflictNote({ form, conflict, onReload }: ConflictNoteProps) {
  const { differences, adopted, isAuthorizedAnew } = conflict;
  const { connector } = form;
  return (
    <ErrorNote
      message={
        isAuthorizedAnew
          ? 'This connection was authorized meanwhile, and nothing of yours was saved. See below what saving would mean now, then save again.'
          : 'This connection was changed meanwhile, and nothing of yours was saved. What you typed is still here: look at it, then save again.'
      }
    >
      {differences.length > 0 && (
        <ul className={classes.conflicts} aria-label="Changed by both">
          {differences.map((difference) => (
            <Choice key={difference.key} form={form} difference={difference} />
          ))}
        </ul>
      )}
      {adopted.length > 0 && (
        <p className={classes.adopted}>
          Taken over as it is stored now: {adopted.map((key) => safeText(labelOf(connector, key), 60)).join(', ')}.
        </p>
      )}
      <Button size="compact-sm" variant="default" mt={6} display="block" onClick={onReload}>
        Give mine up and load all that is stored
      </Button>
    </ErrorNote>
  );
}

function Choice({ form, difference }: { form: ConnectionForm; difference: Difference }) {
  const { connector } = form;
  const label = labelOf(connector, difference.key);
  return (
    <li>
      <span>
        <strong>{safeText(label, 60)}</strong>: stored now{' '}
        <bdi>{safeText(wordsOf(connector, difference.key, difference.stored), 120)}</bdi>, yours{' '}
        <bdi>{safeText(wordsOf(connector, difference.key, difference.typed), 120)}</bdi>
      </span>
      <Button
        size="compact-xs"
        variant="default"
        aria-label={`Take the stored ${label}`}
        onClick={() => form.settle(difference, 'stored')}
      >
        Take the stored one
      </Button>
      <Button
        size="compact-xs"
        variant="default"
        aria-label={`Keep my ${label}`}
        onClick={() => form.settle(difference, 'typed')}
      >
        Keep mine
      </Button>
    </li>
  );
}
