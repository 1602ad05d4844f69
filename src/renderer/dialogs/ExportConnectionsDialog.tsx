import { Button, Checkbox } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { ConnectionId } from '../../shared/ids.ts';
import type { ExportOutcome } from '../../shared/transfer.ts';
import { calls, toAppError } from '../bridge.ts';
import { AppDialog } from '../components/AppDialog.tsx';
import { ErrorNote } from '../components/ErrorNote.tsx';
import { useConnections } from '../stores/connections.ts';
import { formatThings } from '../text/format.ts';
import { safeText } from '../text/safe-text.ts';
import type { DialogProps } from './dialog-props.ts';
import { type NewPassphraseErrors, NewPassphraseFields, useNewPassphrase } from './NewPassphrase.tsx';
import classes from './Transfer.module.css';

interface Errors extends NewPassphraseErrors {
  readonly form?: string;
}

/** Chosen connections, or all of the tenant, as one file. */
export function ExportConnectionsDialog({ dialog, isTop, onClose }: DialogProps<'exportConnections'>) {
  const rows = useConnections((state) => state.rows);
  const ids = dialog.ids ?? [...rows.keys()].map((id) => id as ConnectionId);
  const [withKeys, setWithKeys] = useState(false);
  const chosen = useNewPassphrase();
  const [errors, setErrors] = useState<Errors>({});
  const [isBusy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<ExportOutcome | null>(null);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const problems = withKeys ? chosen.problems() : null;
    if (problems) return setErrors(problems);
    setErrors({});
    setBusy(true);
    try {
      const answer = await calls.transfer.export({
        ids: [...ids],
        ...(withKeys ? { passphrase: chosen.passphrase } : {}),
      });
      if (answer.status === 'saved') setOutcome(answer);
    } catch (error) {
      setErrors({ form: toAppError(error).message });
    } finally {
      setBusy(false);
    }
  };
  if (outcome) return <Saved outcome={outcome} isTop={isTop} onClose={onClose} />;
  return (
    <AppDialog
      title="Export connections"
      isTop={isTop}
      onClose={onClose}
      size={560}
      footer={
        <>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" form="export-connections" loading={isBusy} disabled={ids.length === 0}>
            Export
          </Button>
        </>
      }
    >
      <form id="export-connections" className={classes.form} onSubmit={(event) => void submit(event)} noValidate>
        <p>
          {dialog.ids
            ? `Exports ${formatThings(ids.length, 'connection')}`
            : `Exports all ${ids.length} connections of this tenant`}{' '}
          with jobs, filters and mappings as one JSON file that people can read.
        </p>
        <Checkbox
          label="With keys, sealed by a passphrase"
          description="API keys, access keys and passwords typed into forms. Log-ins (OAuth) never come along: a token used on two machines ends for both."
          checked={withKeys}
          onChange={(event) => setWithKeys(event.currentTarget.checked)}
        />
        {withKeys && <NewPassphraseFields label="Passphrase of the file" form={chosen} errors={errors} />}
        {!withKeys && <p className={classes.dim}>The file holds no secret. OAuth apps are not part of it either.</p>}
        {errors.form && <ErrorNote message={errors.form} />}
      </form>
    </AppDialog>
  );
}

function Saved({ outcome, isTop, onClose }: { outcome: ExportOutcome; isTop: boolean; onClose: () => void }) {
  const { connections, jobs, withKeys, fileName } = outcome;
  return (
    <AppDialog
      title="Export connections"
      isTop={isTop}
      onClose={onClose}
      size={560}
      footer={
        <Button onClick={onClose} data-autofocus>
          Done
        </Button>
      }
    >
      <p role="status">
        Saved {formatThings(connections, 'connection')} with {formatThings(jobs, 'job')} as{' '}
        <bdi>{safeText(fileName, 120)}</bdi>
        {withKeys > 0 && `; the keys of ${formatThings(withKeys, 'connection')} are in it, sealed`}.
      </p>
    </AppDialog>
  );
}
