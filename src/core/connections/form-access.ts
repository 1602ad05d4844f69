import type { Access, AccessProvider, Secret } from '../../../connectors/kit/doors/authorization.ts';
import { ConnectorError } from '../../../connectors/kit/doors/authorization.ts';

/** For calls that carry no credential; one that asks for it is told why there is none. */
export function noAccess(why: string): AccessProvider {
  const refuse = async (): Promise<never> => {
    throw new ConnectorError('credential_missing', why);
  };
  return { current: refuse, renew: refuse };
}

/** Access made of keys that are not stored yet; there is nothing to renew when the system refuses them. */
export function accessFromKeys(
  secrets: Readonly<Record<string, Secret>>,
  learned: Readonly<Record<string, string>>,
): AccessProvider {
  const access: Access = { credentials: secrets, expiresAtMs: null, learned };
  return {
    current: async () => access,
    renew: async () => {
      throw new ConnectorError('reauthorize_password', 'The system did not accept the key.');
    },
  };
}
