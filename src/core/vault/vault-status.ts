import type { VaultStatus } from '../../shared/vault.ts';
import type { KeyringState } from './keyring-keys.ts';

/** What the status is made of; found without opening a secret. */
export interface VaultFacts {
  /** A passphrase has been set. */
  readonly hasPassphrase: boolean;
  readonly isPassphraseOpen: boolean;
  /** Null until the keyring has answered. */
  readonly keyring: KeyringState | null;
  /** The keyring has been asked and takes longer than it should. */
  readonly isKeyringSlow: boolean;
  readonly isLockedByUser: boolean;
  readonly secrets: number;
  readonly unreadable: number;
  /** Secrets that a keyring sealed. */
  readonly sealedByKeyring: number;
  /** The backend they were sealed with. */
  readonly sealedBackend: string;
}

type Judgement = Pick<VaultStatus, 'protection' | 'state' | 'backend' | 'explanation'>;

const SET_PASSPHRASE = 'Set a vault passphrase to store credentials.';

function byPassphrase(facts: VaultFacts): Judgement {
  const isOpen = facts.isPassphraseOpen;
  return {
    protection: 'passphrase',
    state: isOpen ? 'unlocked' : 'locked',
    backend: facts.keyring?.finding.backend ?? '',
    explanation: isOpen
      ? 'Protected by your vault passphrase.'
      : 'Locked. Enter your vault passphrase to use the credentials.',
  };
}

function withoutRealKeyring(facts: VaultFacts, { finding }: KeyringState): Judgement {
  if (facts.sealedByKeyring === 0)
    return {
      protection: 'none',
      state: 'unset',
      backend: finding.backend,
      explanation: `${finding.explanation} ${SET_PASSPHRASE}`,
    };
  const what = `The credentials were stored with the keyring "${facts.sealedBackend}", which is locked or absent now.`;
  const advice = 'Unlock it and try again, or restart Patchbay. Nothing stored is lost.';
  return { protection: 'keyring', state: 'locked', backend: finding.backend, explanation: `${what} ${advice}` };
}

function byKeyring(facts: VaultFacts): Judgement {
  const { keyring } = facts;
  if (keyring === null) {
    const explanation = facts.isKeyringSlow
      ? 'Unlock your keyring to use stored credentials. It may be asking for its password in a window of its own.'
      : 'The keyring has not been asked yet.';
    return {
      protection: facts.sealedByKeyring > 0 ? 'keyring' : 'none',
      state: 'waiting',
      backend: facts.sealedBackend,
      explanation,
    };
  }
  const { finding, open } = keyring;
  if (!finding.isReal) return withoutRealKeyring(facts, keyring);
  if (facts.isLockedByUser)
    return {
      protection: 'keyring',
      state: 'locked',
      backend: finding.backend,
      explanation: 'Locked. Unlock it to use the credentials.',
    };
  const isAnother = facts.sealedByKeyring > 0 && facts.unreadable > 0 && open.length === 0;
  const explanation = isAnother
    ? `${finding.explanation} It is another keyring than the one the credentials were stored with; they can be read when that one is back.`
    : finding.explanation;
  return { protection: 'keyring', state: 'unlocked', backend: finding.backend, explanation };
}

/** The one function that says what protects the vault and whether it is open. */
export function judge(facts: VaultFacts): VaultStatus {
  const { secrets, unreadable } = facts;
  return { ...(facts.hasPassphrase ? byPassphrase(facts) : byKeyring(facts)), secrets, unreadable };
}
