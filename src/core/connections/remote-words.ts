/** What became of a revocation at the provider, in the words of activities and of results. */
import type { Connection } from '../../shared/connection/connection.ts';
import type { RemoteRevocation } from '../../shared/connection/state.ts';
import type { AuthMethodDescriptor } from '../../shared/connector.ts';
import type { ConnectorLookup } from './collaborators.ts';

type Method = Pick<AuthMethodDescriptor, 'notRevoked'> | undefined;

/** How the answer of the provider is written into an Update activity. */
const WORDS: Readonly<Record<RemoteRevocation, string>> = {
  pending: 'pending, will retry',
  done: 'done',
  failed: 'rejected, can be retried',
  none: 'nothing to revoke',
};

const SENTENCES: Readonly<Record<RemoteRevocation, string>> = {
  pending: 'Revocation at the provider is pending.',
  done: 'The provider confirmed the revocation.',
  failed: 'The provider did not confirm the revocation. The authorization may still be valid there.',
  none: 'Nothing to revoke at the provider.',
};

/** @param method of the connection; one that no provider can be told of says what to do there */
export function remoteWords(remote: RemoteRevocation, method?: Method): string {
  return remote === 'none' ? (method?.notRevoked ?? WORDS.none) : WORDS[remote];
}

/** The same as a whole sentence. */
export function remoteSentence(remote: RemoteRevocation, method?: Method): string {
  return remote === 'none' ? (method?.notRevoked ?? SENTENCES.none) : SENTENCES[remote];
}

export function methodOf(connectors: Pick<ConnectorLookup, 'descriptor'>, connection: Connection): Method {
  return connectors.descriptor(connection.connectorId).authMethods.find(({ id }) => id === connection.authMethodId);
}
