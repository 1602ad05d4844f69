import { AppError } from '../../shared/errors.ts';

export function locked(): AppError {
  return new AppError('vault_locked', 'The credential store is locked. Unlock it, then try again.');
}

export function waiting(): AppError {
  return new AppError('vault_locked', 'Unlock your keyring to use stored credentials, then try again.');
}

export function unavailable(explanation: string): AppError {
  return new AppError(
    'vault_unavailable',
    `Nothing protects credentials on this machine yet. ${explanation} Set a vault passphrase in Settings.`,
  );
}

/** One secret, never the others; its ciphertext stays as it is. */
export function unreadable(name: string, cause?: unknown): AppError {
  return new AppError(
    'secret_unreadable',
    `The stored ${name} cannot be read on this machine. Restore or unlock the keyring this profile was made with, or enter it again.`,
    { details: { name }, cause },
  );
}
