import { PasswordInput } from '@mantine/core';
import { useState } from 'react';
import { PASSPHRASE_MIN } from '../../shared/vault.ts';
import { fieldError } from '../components/FieldError.tsx';
import { strengthOf } from './strength.ts';
import classes from './VaultDialogs.module.css';

export const TOGGLE = { visibilityToggleButtonProps: { 'aria-label': 'Show what is typed' } };

export interface NewPassphraseErrors {
  readonly passphrase?: string | undefined;
  readonly again?: string | undefined;
}

/** A passphrase that is typed twice. */
export function useNewPassphrase() {
  const [passphrase, setPassphrase] = useState('');
  const [again, setAgain] = useState('');
  /** What is wrong with it; null when nothing is. */
  const problems = (): NewPassphraseErrors | null => {
    if (strengthOf(passphrase).level === 'short') return { passphrase: `Use at least ${PASSPHRASE_MIN} characters.` };
    return passphrase === again ? null : { again: 'This is not the same as above.' };
  };
  return { passphrase, again, setPassphrase, setAgain, problems };
}

interface NewPassphraseFieldsProps {
  readonly label: string;
  readonly form: ReturnType<typeof useNewPassphrase>;
  readonly errors: NewPassphraseErrors;
}

/** The passphrase, how strong it is, and once more. */
export function NewPassphraseFields({ label, form, errors }: NewPassphraseFieldsProps) {
  const strength = strengthOf(form.passphrase);
  return (
    <>
      <PasswordInput
        label={label}
        value={form.passphrase}
        error={fieldError(errors.passphrase)}
        onChange={(event) => form.setPassphrase(event.currentTarget.value)}
        autoComplete="new-password"
        data-autofocus
        {...TOGGLE}
      />
      <div className={classes.strength} data-level={strength.level}>
        <div className={classes.bar} aria-hidden="true">
          <div style={{ width: `${strength.percent}%` }} />
        </div>
        <span aria-live="polite">
          {form.passphrase === '' ? `At least ${PASSPHRASE_MIN} characters` : strength.words}
        </span>
      </div>
      <PasswordInput
        label="Type it again"
        value={form.again}
        error={fieldError(errors.again)}
        onChange={(event) => form.setAgain(event.currentTarget.value)}
        autoComplete="new-password"
        {...TOGGLE}
      />
    </>
  );
}
