/** What became of a revocation at the provider, in the words of activities and of results. */
import type { Connection } from '../../shared/connection/connection.ts';
import type { RemoteRevocation } from '../../shared/connection/state.ts';
import type { AuthMethodDescriptor } from '../../shared/connector.ts';
import type { ConnectorLookup } from './collaborators.ts';

type Method = Pick<AuthMethodDescriptor, 'notRevoked'> | undefined;

/** How the answer of the provider is written into an Update activity. */
const WORDS: Readonly<Record<RemoteRevocation, string>> = {
  pending: 'not reached yet; it is asked again',
  done: 'done',
  failed: 'refused; it can be tried again',
  none: 'nothing to revoke there',
};

const SENTENCES: Readonly<Record<RemoteRevocation, string>> = {
  pending: 'The provider is told when it can be reached.',
  done: 'The provider has confirmed it.',
  failed: 'The provider did not confirm it: the authorization may still be valid there.',
  none: 'There was nothing to revoke at the provider.',
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
