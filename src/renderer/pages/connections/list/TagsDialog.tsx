import { Button, TextInput } from '@mantine/core';
import { type KeyboardEvent, useMemo, useState } from 'react';
import type { AppError } from '../../../../shared/app-error.ts';
import { TAGS_MAX, tagKey, tagProblem, tidyTags } from '../../../../shared/connection/tags.ts';
import type { BulkResult } from '../../../../shared/ipc/contract/connection-list.ts';
import { calls, toAppError } from '../../../bridge.ts';
import { AppDialog } from '../../../components/AppDialog.tsx';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { fieldError } from '../../../components/FieldError.tsx';
import type { DialogProps } from '../../../dialogs/dialog-props.ts';
import { useConnections } from '../../../stores/connections.ts';
import { formatThings } from '../../../text/format.ts';
import { safeText } from '../../../text/safe-text.ts';
import classes from './TagsDialog.module.css';

type Wish = 'add' | 'remove';

/** Tags of one connection or of many: what some of them have is shown as such until it is given to all or taken from all. */
export function TagsDialog({ dialog, isTop, onClose }: DialogProps<'tagConnections'>) {
  const rows = useConnections((state) => state.rows);
  const chosen = useMemo(() => dialog.ids.flatMap((id) => rows.get(id) ?? []), [dialog.ids, rows]);
  const counts = useMemo(() => countTags(chosen.map((row) => row.tags)), [chosen]);
  const known = useMemo(() => tidyTags([...rows.values()].flatMap((row) => row.tags)), [rows]);
  const [wishes, setWishes] = useState<ReadonlyMap<string, Wish>>(new Map());
  const [text, setText] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const [error, setError] = useState<AppError | null>(null);
  const [refused, setRefused] = useState<readonly BulkResult[]>([]);
  const [isBusy, setBusy] = useState(false);
  const shown = tidyTags([...counts.keys(), ...wishes.keys()]);

  const wish = (tag: string, what: Wish | null): void => {
    const next = new Map(wishes);
    next.delete(tag);
    if (what !== null) next.set(tag, what);
    setWishes(next);
  };
  const add = (): boolean => {
    const typed = text.trim();
    const found = tagProblem(typed);
    setProblem(found);
    if (found !== null) return false;
    // A tag that is in use elsewhere is written as it is there.
    const same = [...shown, ...known].find((tag) => tagKey(tag) === tagKey(typed));
    wish(same ?? typed, 'add');
    setText('');
    return true;
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' && event.key !== ',') return;
    event.preventDefault();
    add();
  };
  const of = (what: Wish, all = wishes): string[] => [...all].flatMap(([tag, each]) => (each === what ? [tag] : []));
  const save = async (): Promise<void> => {
    const typed = text.trim();
    const found = typed === '' ? null : tagProblem(typed);
    setProblem(found);
    if (found !== null) return;
    setBusy(true);
    setError(null);
    try {
      const adding = typed === '' ? of('add') : [...of('add'), typed];
      const answer = await calls.connections.changeTags({ ids: dialog.ids, add: adding, remove: of('remove') });
      if (answer.refused.length === 0) onClose();
      setRefused(answer.refused);
    } catch (thrown) {
      setError(toAppError(thrown));
    } finally {
      setBusy(false);
    }
  };
  const stateOf = (tag: string): 'all' | 'some' | 'none' => {
    const wished = wishes.get(tag);
    if (wished !== undefined) return wished === 'add' ? 'all' : 'none';
    return counts.get(tag) === chosen.length ? 'all' : 'some';
  };
  const [one] = chosen;
  const title =
    chosen.length === 1 && one
      ? `Tags of ${safeText(one.connection.name, 60)}`
      : `Tags of ${formatThings(chosen.length, 'connection')}`;

  return (
    <AppDialog
      title={title}
      isTop={isTop}
      onClose={onClose}
      footer={
        <>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button loading={isBusy} disabled={wishes.size === 0 && text.trim() === ''} onClick={() => void save()}>
            Save
          </Button>
        </>
      }
    >
      <div className={classes.add}>
        <TextInput
          label="Add a tag"
          description={`Up to ${TAGS_MAX} tags a connection. Enter adds it to the list below.`}
          value={text}
          onChange={(event) => {
            setText(event.currentTarget.value);
            setProblem(null);
          }}
          onKeyDown={onKeyDown}
          error={fieldError(problem ?? undefined)}
          list="known-tags"
          autoComplete="off"
          spellCheck={false}
          data-autofocus
        />
        <datalist id="known-tags">
          {known.slice(0, 200).map((tag) => (
            <option key={tag} value={tag} />
          ))}
        </datalist>
      </div>
      {shown.length === 0 ? (
        <p className={classes.none}>No tags yet.</p>
      ) : (
        <ul className={classes.tags} aria-label="Tags">
          {shown.map((tag) => (
            <TagLine
              key={tag}
              tag={tag}
              state={stateOf(tag)}
              isOne={chosen.length === 1}
              onChange={(what) => wish(tag, what === 'remove' && !counts.has(tag) ? null : what)}
            />
          ))}
        </ul>
      )}
      {refused.map((result) => (
        <ErrorNote key={result.id} message={`${safeText(result.name, 80)}: ${result.message}`} />
      ))}
      {error && <ErrorNote message={error.message} />}
    </AppDialog>
  );
}

interface TagLineProps {
  readonly tag: string;
  readonly state: 'all' | 'some' | 'none';
  readonly isOne: boolean;
  readonly onChange: (wish: Wish) => void;
}

function TagLine({ tag, state, isOne, onChange }: TagLineProps) {
  return (
    <li>
      <label className={classes.tag}>
        <input
          type="checkbox"
          checked={state === 'all'}
          ref={(box) => {
            if (box) box.indeterminate = state === 'some';
          }}
          onChange={() => onChange(state === 'all' ? 'remove' : 'add')}
        />
        <bdi>{safeText(tag)}</bdi>
        {!isOne && state === 'some' && <span className={classes.some}>on some of them</span>}
      </label>
    </li>
  );
}

function countTags(all: readonly (readonly string[])[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const tags of all) for (const tag of tags) counts.set(tag, (counts.get(tag) ?? 0) + 1);
  return counts;
}
