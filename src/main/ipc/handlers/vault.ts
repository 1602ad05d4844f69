import type { VAULT_CALLS } from '../../../shared/ipc/contract/vault.ts';
import type { HandlerParts } from '../handler-parts.ts';
import type { Handlers } from '../router.ts';

export function vaultHandlers({ core, asSecret }: HandlerParts): Pick<Handlers, keyof typeof VAULT_CALLS> {
  const { vault } = core.secrets;
  return {
    'vault.status': () => vault.status(),
    'vault.setPassphrase': ({ passphrase, current }) =>
      vault.setPassphrase(asSecret(passphrase), current === undefined ? null : asSecret(current)),
    'vault.unlock': ({ passphrase }) => vault.unlock(passphrase === undefined ? null : asSecret(passphrase)),
    'vault.lock': () => vault.lock(),
  };
}
