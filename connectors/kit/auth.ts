/** Puts an access on a request: always in a header, never in the URL (threats.md, tokens in URL). */
import { type Access, ConnectorError, type UrlContext } from './contract.ts';
import type { ApplyAccess } from './manifest.ts';

/**
 * A system that refuses an access within this time of its issue refuses the authorization, not its age: no system that is
 * known issues tokens of a shorter life. Milliseconds; see {@link Access.isNew}.
 */
export const NEW_ACCESS_MS = 3_000;

/**
 * @returns headers with lower-case names
 * @throws ConnectorError credential_missing when the access lacks what the recipe needs, internal for `aws`
 */
export function accessHeaders(apply: ApplyAccess, access: Access, urls: UrlContext): Record<string, string> {
  const credential = (name: string): string => {
    const secret = access.credentials[name];
    if (secret === undefined) throw new ConnectorError('credential_missing', `The credential "${name}" is missing.`);
    return headerValue(secret.reveal());
  };
  switch (apply.kind) {
    case 'bearer':
      return { authorization: `${apply.scheme ?? 'Bearer'} ${credential(apply.credential)}` };
    case 'header':
      return { [apply.name.toLowerCase()]: credential(apply.credential) };
    case 'headers':
      return Object.fromEntries(apply.headers.map((one) => [one.name.toLowerCase(), credential(one.credential)]));
    case 'basic': {
      const pair = `${apply.user(credential, urls)}:${apply.password(credential)}`;
      return { authorization: `Basic ${Buffer.from(pair, 'utf8').toString('base64')}` };
    }
    case 'aws':
      throw new ConnectorError('internal', 'Requests of this connector are signed by the AWS client.');
  }
}

/** A pasted key with a line end would otherwise break the request with the key in the exception's text. */
function headerValue(value: string): string {
  const trimmed = value.trim();
  if (!/^[\x20-\x7e]+$/.test(trimmed))
    throw new ConnectorError(
      'reauthorize_password',
      'The key or token holds characters that no key has. Enter it again.',
    );
  return trimmed;
}
