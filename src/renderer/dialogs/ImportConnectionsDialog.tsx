import { Button, Checkbox, PasswordInput, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { ImportEntry, ImportPreview, ImportResult } from '../../shared/transfer.ts';
import { calls, toAppError } from '../bridge.ts';
import { AppDialog } from '../components/AppDialog.tsx';
import { ErrorNote } from '../components/ErrorNote.tsx';
import { fieldError } from '../components/FieldError.tsx';
import { SafeText } from '../components/SafeText.tsx';
import { formatCount, formatExact, formatThings } from '../text/format.ts';
import { safeText } from '../text/safe-text.ts';
import type { DialogProps } from './dialog-props.ts';
import { ImportResults } from './ImportResults.tsx';
import { type Choices, canChoose, chosenOf, type EntryChoice, firstChoices, VERDICTS } from './import-form.ts';
import { TOGGLE } from './NewPassphrase.tsx';
import classes from './Transfer.module.css';

interface Errors {
  readonly passphrase?: string;
  readonly form?: string;
}

/** Choose a file, look at what it would do, then do it. */
export function ImportConnectionsDialog({ isTop, onClose }: DialogProps<'importConnections'>) {
  const [preview, setPreview] = useState<ImportPreview | null>(null);
  const [choices, setChoices] = useState<Choices>(new Map());
  const [passphrase, setPassphrase] = useState('');
  const [errors, setErrors] = useState<Errors>({});
  const [isBusy, setBusy] = useState(false);
  const [results, setResults] = useState<readonly ImportResult[] | null>(null);
  const chosen = chosenOf(choices);

  const run = async (work: () => Promise<void>): Promise<void> => {
    setErrors({});
    setBusy(true);
    try {
      await work();
    } catch (thrown) {
      const error = toAppError(thrown);
      setErrors(error.field === 'passphrase' ? { passphrase: error.message } : { form: error.message });
    } finally {
      setBusy(false);
    }
  };
  const open = async (): Promise<void> => {
    const answer = await calls.transfer.open({});
    if (!answer.preview) return;
    setPreview(answer.preview);
    setChoices(firstChoices(answer.preview.entries));
    setPassphrase('');
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!preview) return;
    void run(async () => {
      const answer = await calls.transfer.import({
        importId: preview.importId,
        choices: chosen,
        ...(passphrase === '' ? {} : { passphrase }),
      });
      setResults(answer.results);
    });
  };

  if (results) return <ImportResults results={results} isTop={isTop} onClose={onClose} />;
  return (
    <AppDialog
      title="Import connections"
      isTop={isTop}
      onClose={onClose}
      size={680}
      footer={
        <>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button variant={preview ? 'default' : 'filled'} loading={isBusy && !preview} onClick={() => void run(open)}>
            {preview ? 'Choose another file' : 'Choose a file'}
          </Button>
          {preview && (
            <Button type="submit" form="import-connections" loading={isBusy} disabled={chosen.length === 0}>
              {chosen.length === 0 ? 'Import' : `Import ${formatThings(chosen.length, 'connection')}`}
            </Button>
          )}
        </>
      }
    >
      <form id="import-connections" className={classes.form} onSubmit={submit} noValidate>
        {preview ? (
          <Preview
            preview={preview}
            choices={choices}
            onChange={(index, choice) => setChoices((before) => new Map(before).set(index, choice))}
          />
        ) : (
          <p>
            Choose a file that Patchbay exported. You see what it would do before anything is done: connections come as
            new ones, not authorized, with their jobs off.
          </p>
        )}
        {preview?.hasKeys && (
          <PasswordInput
            label="Passphrase of the file"
            description="Opens the keys in it. Leave it empty to import without them."
            value={passphrase}
            error={fieldError(errors.passphrase)}
            onChange={(event) => setPassphrase(event.currentTarget.value)}
            autoComplete="off"
            {...TOGGLE}
          />
        )}
        {errors.form && <ErrorNote message={errors.form} />}
      </form>
    </AppDialog>
  );
}

interface PreviewProps {
  readonly preview: ImportPreview;
  readonly choices: Choices;
  readonly onChange: (index: number, choice: EntryChoice) => void;
}

const MOST_SHOWN = 500;

function Preview({ preview, choices, onChange }: PreviewProps) {
  const { entries, fileName, tenantName, exportedAt } = preview;
  return (
    <>
      <p className={classes.dim}>
        <bdi>{safeText(fileName, 120)}</bdi>, exported from <SafeText text={tenantName} /> on {formatExact(exportedAt)}
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard */}
      <ul className={classes.entries} aria-label="Connections in the file" tabIndex={0}>
        {entries.slice(0, MOST_SHOWN).map((entry) => (
          <Entry
            key={entry.index}
            entry={entry}
            choice={choices.get(entry.index) ?? { isChosen: false, name: entry.suggestedName }}
            onChange={(choice) => onChange(entry.index, choice)}
          />
        ))}
      </ul>
      {entries.length > MOST_SHOWN && <p className={classes.dim}>{moreWords(entries.slice(MOST_SHOWN), choices)}</p>}
    </>
  );
}

/** What happens to the entries that the list has no room for; they cannot be chosen one by one. */
function moreWords(rest: readonly ImportEntry[], choices: Choices): string {
  const imported = rest.filter(({ index }) => choices.get(index)?.isChosen).length;
  const left = rest.length - imported;
  const renamed = rest.filter(({ index, verdict }) => verdict === 'nameTaken' && choices.get(index)?.isChosen).length;
  return [
    `Not listed: ${formatThings(rest.length, 'more connection')}.`,
    `Imported: ${formatCount(imported)}${renamed === 0 ? '' : `, ${formatCount(renamed)} under a new name, as theirs is taken`}.`,
    ...(left === 0 ? [] : [`Left out: ${formatCount(left)}, over the limit or not usable.`]),
  ].join(' ');
}

const MOST_JOBS = 12;

function namesOf(jobs: readonly string[]): string {
  const shown = jobs.slice(0, MOST_JOBS).join(', ');
  return jobs.length > MOST_JOBS ? `${shown} and ${jobs.length - MOST_JOBS} more` : shown;
}

interface EntryProps {
  readonly entry: ImportEntry;
  readonly choice: EntryChoice;
  readonly onChange: (choice: EntryChoice) => void;
}

function Entry({ entry, choice, onChange }: EntryProps) {
  const { words, kind } = VERDICTS[entry.verdict];
  const name = safeText(entry.name, 120);
  const { jobs, hosts } = entry;
  return (
    <li className={classes.entry}>
      <div className={classes.head}>
        <Checkbox
          label={<bdi>{name}</bdi>}
          checked={choice.isChosen}
          disabled={!canChoose(entry)}
          onChange={(event) => onChange({ ...choice, isChosen: event.currentTarget.checked })}
        />
        <span className={classes.verdict} data-kind={kind}>
          {words}
        </span>
      </div>
      <div className={classes.more}>
        <p>
          <bdi>{safeText(entry.connectorName, 120)}</bdi>
          {hosts.length > 0 && (
            <>
              {', goes to '}
              <bdi>{safeText(hosts.join(' and '), 600)}</bdi>
            </>
          )}
        </p>
        {jobs.length > 0 && (
          <p>
            {formatThings(jobs.length, 'job')}: <bdi>{safeText(namesOf(jobs), 1000)}</bdi>
          </p>
        )}
        {entry.reason !== '' && <p>{safeText(entry.reason, 600)}</p>}
        {entry.notes.map((note) => (
          <p key={note}>{safeText(note, 600)}</p>
        ))}
      </div>
      {entry.verdict === 'nameTaken' && choice.isChosen && (
        <TextInput
          className={classes.name ?? ''}
          size="xs"
          label={`Import ${name} as`}
          value={choice.name}
          onChange={(event) => onChange({ ...choice, name: event.currentTarget.value })}
          maxLength={80}
          autoComplete="off"
        />
      )}
    </li>
  );
}
