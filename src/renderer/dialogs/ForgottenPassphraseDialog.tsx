import { Button, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { FORGET_WORD } from '../../shared/vault.ts';
import { calls, toAppError } from '../bridge.ts';
import { AppDialog } from '../components/AppDialog.tsx';
import { ErrorNote } from '../components/ErrorNote.tsx';
import { fieldError } from '../components/FieldError.tsx';
import { useAnswer } from '../components/use-answer.ts';
import { setVault } from '../stores/session.ts';
import { formatThings } from '../text/format.ts';
import type { DialogProps } from './dialog-props.ts';
import { LossList } from './LossList.tsx';
import { type NewPassphraseErrors, NewPassphraseFields, useNewPassphrase } from './NewPassphrase.tsx';
import classes from './VaultDialogs.module.css';

interface Errors extends NewPassphraseErrors {
  readonly typed?: string;
  readonly form?: string;
}

/** Nobody knows the passphrase any more: says what that costs, and starts the vault anew. */
export function ForgottenPassphraseDialog({ isTop, onClose }: DialogProps<'forgottenPassphrase'>) {
  const impact = useAnswer('impact', () => calls.vault.forgottenImpact({}));
  const chosen = useNewPassphrase();
  const [typed, setTyped] = useState('');
  const [errors, setErrors] = useState<Errors>({});
  const [isBusy, setBusy] = useState(false);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const problems = chosen.problems();
    if (problems) return setErrors(problems);
    if (typed.trim().toLowerCase() !== FORGET_WORD) return setErrors({ typed: `Type "${FORGET_WORD}".` });
    setBusy(true);
    try {
      setVault(await calls.vault.replaceForgottenPassphrase({ passphrase: chosen.passphrase, typed }));
      onClose();
    } catch (thrown) {
      const error = toAppError(thrown);
      setErrors({ [error.field === 'typed' || error.field === 'passphrase' ? error.field : 'form']: error.message });
      setBusy(false);
    }
  };
  const { connections = [], oauthApps = [] } = impact.value ?? {};
  return (
    <AppDialog
      title="Forgotten passphrase"
      isTop={isTop}
      onClose={onClose}
      size={560}
      footer={
        <>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" form="forgotten-passphrase" color="red.8" loading={isBusy} disabled={!impact.value}>
            Give up and start anew
          </Button>
        </>
      }
    >
      <form id="forgotten-passphrase" className={classes.form} onSubmit={(event) => void submit(event)} noValidate>
        <p>
          Nobody can open what the old passphrase sealed. A new one can be set; connections, jobs, activities and cached
          rows stay.
        </p>
        {impact.error && <ErrorNote message={impact.error.message} />}
        {impact.value && (
          <>
            <LossList
              title={`To be re-authorized: ${formatThings(connections.length, 'connection')}`}
              items={connections.map(({ name, tenantName }) => ({ name, detail: tenantName }))}
            />
            {oauthApps.length > 0 && (
              <LossList
                title="OAuth apps whose client secret has to be entered again"
                items={oauthApps.map(({ name, tenantName }) => ({ name, detail: tenantName }))}
              />
            )}
          </>
        )}
        <NewPassphraseFields label="New passphrase" form={chosen} errors={errors} />
        <TextInput
          label={`Type "${FORGET_WORD}" to confirm`}
          value={typed}
          error={fieldError(errors.typed)}
          onChange={(event) => setTyped(event.currentTarget.value)}
          autoComplete="off"
          spellCheck={false}
        />
        {errors.form && <ErrorNote message={errors.form} />}
      </form>
    </AppDialog>
  );
}
