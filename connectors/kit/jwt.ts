/** Signed assertions (RFC 7519, RFC 7523), with the signatures of node:crypto. */
import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { ConnectorError } from './contract.ts';

export interface JwtOptions {
  /** PEM of a private key: PKCS#8 (also encrypted) or PKCS#1. */
  readonly privateKey: string;
  /** For an encrypted key. */
  readonly passphrase?: string | undefined;
  /** Default RS256. */
  readonly algorithm?: 'RS256' | 'ES256' | undefined;
  /** Members of the header besides `alg` and `typ`: `kid`. */
  readonly header?: Readonly<Record<string, string>> | undefined;
  /** `iss`, `sub`, `aud`, `iat`, `exp` (seconds since the epoch) and the vendor's own. */
  readonly claims: Readonly<Record<string, unknown>>;
}

/**
 * A signed JWT in compact form.
 * @throws ConnectorError reauthorize_password when the key cannot be read, or is of another kind than the algorithm
 */
export function signJwt({ privateKey, passphrase, algorithm = 'RS256', header = {}, claims }: JwtOptions): string {
  const key = readKey(privateKey, passphrase);
  const expected = algorithm === 'RS256' ? 'rsa' : 'ec';
  if (key.asymmetricKeyType !== expected)
    throw new ConnectorError('reauthorize_password', `The private key is not an ${expected.toUpperCase()} key.`);
  const signed = [{ alg: algorithm, typ: 'JWT', ...header }, claims].map(encode).join('.');
  const signature = sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' });
  return `${signed}.${signature.toString('base64url')}`;
}

/**
 * SHA-256 of the public key that belongs to a private one (its DER SubjectPublicKeyInfo), base64: how key pairs are named.
 * @throws ConnectorError as {@link signJwt}
 */
export function publicKeyFingerprint(privateKey: string, passphrase?: string): string {
  const der = createPublicKey(readKey(privateKey, passphrase)).export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(der).digest('base64');
}

function encode(part: unknown): string {
  return Buffer.from(JSON.stringify(part), 'utf8').toString('base64url');
}

function readKey(pem: string, passphrase: string | undefined): KeyObject {
  try {
    return createPrivateKey({ key: unfolded(pem), format: 'pem', ...(passphrase === undefined ? {} : { passphrase }) });
  } catch {
    // OpenSSL's words name nothing that an admin knows, and may quote the key.
    const help =
      passphrase === undefined ? 'Paste it whole, with its first and last line.' : 'Check the passphrase too.';
    throw new ConnectorError('reauthorize_password', `The private key cannot be read. ${help}`);
  }
}

/** A key pasted from JSON has its line ends as two characters; one pasted into a single-line field has blanks for them. */
function unfolded(pem: string): string {
  const text = pem.replaceAll('\\n', '\n').trim();
  const parts = /^(-----BEGIN [A-Z ]+-----)([\s\S]+)(-----END [A-Z ]+-----)$/.exec(text);
  if (parts === null || text.includes('\n')) return text;
  return `${parts[1]}\n${(parts[2] ?? '').trim().replaceAll(/\s+/g, '\n')}\n${parts[3]}\n`;
}
