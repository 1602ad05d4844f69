import { Button, PasswordInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { calls, toAppError } from '../bridge.ts';
import { AppDialog } from '../components/AppDialog.tsx';
import { ErrorNote } from '../components/ErrorNote.tsx';
import { fieldError } from '../components/FieldError.tsx';
import { openDialog } from '../stores/dialogs.ts';
import { setVault, useSession } from '../stores/session.ts';
import type { DialogProps } from './dialog-props.ts';
import { type NewPassphraseErrors, NewPassphraseFields, TOGGLE, useNewPassphrase } from './NewPassphrase.tsx';
import classes from './VaultDialogs.module.css';

interface Errors extends NewPassphraseErrors {
  readonly current?: string;
  readonly form?: string;
}

/** Sets or changes the passphrase that protects credentials where no keyring does. */
export function ProtectVaultDialog({ isTop, onClose }: DialogProps<'protectVault'>) {
  const isChange = useSession((state) => state.app?.vault.protection === 'passphrase');
  const leavesKeyring = useSession((state) => state.app?.vault.protection === 'keyring');
  const chosen = useNewPassphrase();
  const [current, setCurrent] = useState('');
  const [errors, setErrors] = useState<Errors>({});
  const [isBusy, setBusy] = useState(false);

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const problems = chosen.problems();
    if (problems) return setErrors(problems);
    setBusy(true);
    try {
      const { passphrase } = chosen;
      setVault(await calls.vault.setPassphrase({ passphrase, ...(isChange ? { current } : {}) }));
      onClose();
    } catch (thrown) {
      const error = toAppError(thrown);
      setErrors(
        error.code === 'wrong_passphrase'
          ? { current: error.message }
          : error.field === 'passphrase'
            ? { passphrase: error.message }
            : { form: error.message },
      );
      setBusy(false);
    }
  };

  return (
    <AppDialog
      title="Protect your credentials"
      isTop={isTop}
      onClose={onClose}
      footer={
        <>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" form="protect-vault" loading={isBusy}>
            {isChange ? 'Change passphrase' : 'Set passphrase'}
          </Button>
        </>
      }
    >
      <form id="protect-vault" className={classes.form} onSubmit={(event) => void submit(event)} noValidate>
        <p>The passphrase encrypts every key and token of this profile. You type it once after each start.</p>
        {leavesKeyring && (
          <p>
            It takes the place of the system’s keyring, which opens by itself when you log in to this machine. There is
            no way back to the keyring for this profile.
          </p>
        )}
        {isChange && (
          <PasswordInput
            label="Current passphrase"
            value={current}
            error={fieldError(errors.current)}
            onChange={(event) => setCurrent(event.currentTarget.value)}
            autoComplete="off"
            {...TOGGLE}
          />
        )}
        <NewPassphraseFields label={isChange ? 'New passphrase' : 'Passphrase'} form={chosen} errors={errors} />
        <p className={classes.loss}>
          Nobody can recover a lost passphrase. Connections, jobs and cached rows would stay; every connection would
          have to be re-authorized.
        </p>
        {errors.form && <ErrorNote message={errors.form} />}
      </form>
    </AppDialog>
  );
}

export function UnlockVaultDialog({ isTop, onClose }: DialogProps<'unlockVault'>) {
  const isKeyring = useSession((state) => state.app?.vault.protection === 'keyring');
  const explanation = useSession((state) => state.app?.vault.explanation);
  const [passphrase, setPassphrase] = useState('');
  const [error, setError] = useState<string | undefined>(undefined);
  const [isBusy, setBusy] = useState(false);

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      setVault(await calls.vault.unlock(isKeyring ? {} : { passphrase }));
      onClose();
    } catch (thrown) {
      setError(toAppError(thrown).message);
      setBusy(false);
    }
  };

  return (
    <AppDialog
      title="Unlock vault"
      isTop={isTop}
      onClose={onClose}
      footer={
        <>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" form="unlock-vault" loading={isBusy}>
            Unlock
          </Button>
        </>
      }
    >
      <form id="unlock-vault" className={classes.form} onSubmit={(event) => void submit(event)} noValidate>
        {isKeyring ? (
          <>
            <p>{explanation}</p>
            {error && <ErrorNote message={error} />}
          </>
        ) : (
          <>
            <PasswordInput
              label="Passphrase"
              description="The one you set for this profile."
              value={passphrase}
              error={fieldError(error)}
              onChange={(event) => setPassphrase(event.currentTarget.value)}
              autoComplete="current-password"
              data-autofocus
              {...TOGGLE}
            />
            <div>
              <Button
                variant="subtle"
                size="compact-sm"
                onClick={() => {
                  onClose();
                  openDialog({ kind: 'forgottenPassphrase' });
                }}
              >
                I have forgotten it
              </Button>
            </div>
          </>
        )}
      </form>
    </AppDialog>
  );
}
