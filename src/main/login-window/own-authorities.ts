/**
 * Whether a certificate that Chromium does not know the authority of was issued by one of the company's own. Chromium takes no
 * further authorities on Linux, so its one answer "unknown authority" is judged again here, stricter than needed where in
 * doubt: what is refused in the window can still be opened in the system browser.
 */
import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';

/** Chromium's ERR_CERT_AUTHORITY_INVALID: the only verdict that may be overruled. */
export const UNKNOWN_AUTHORITY = -202;

const MOST_ISSUERS = 6;
const SERVER_AUTHENTICATION = '1.3.6.1.5.5.7.3.1';
/** DER of 2.5.29.30: limits on names, which are not evaluated here. */
const NAME_CONSTRAINTS = Buffer.from('0603551d1e', 'hex');

/** A certificate and those that came with it, as Electron gives them. */
export interface PresentedCertificate {
  readonly data: string;
  readonly issuerCert?: PresentedCertificate | undefined;
}

export interface Presented {
  readonly hostname: string;
  readonly certificate: PresentedCertificate;
}

function presentedChain(certificate: PresentedCertificate): X509Certificate[] {
  const chain: X509Certificate[] = [];
  for (
    let current: PresentedCertificate | undefined = certificate;
    current !== undefined && chain.length <= MOST_ISSUERS;
    current = current.issuerCert
  ) {
    const read = new X509Certificate(current.data);
    if (chain.at(-1)?.raw.equals(read.raw) === true) break;
    chain.push(read);
  }
  return chain;
}

function isValidNow(certificate: X509Certificate, nowMs: number): boolean {
  return Date.parse(certificate.validFrom) <= nowMs && nowMs <= Date.parse(certificate.validTo);
}

function isFor(leaf: X509Certificate, hostname: string): boolean {
  const literal = hostname.replace(/^\[|\]$/g, '');
  return (isIP(literal) === 0 ? leaf.checkHost(hostname) : leaf.checkIP(literal)) !== undefined;
}

function mayServe(leaf: X509Certificate): boolean {
  // Node's types leave it out: the extended key usages, as object ids; undefined when the certificate names none.
  const usages = leaf.keyUsage as readonly string[] | undefined;
  return usages === undefined || usages.includes(SERVER_AUTHENTICATION);
}

function issued(issuer: X509Certificate, certificate: X509Certificate): boolean {
  return issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

/**
 * @param ca PEM of the company's own authorities
 * @returns true only when every signature from the server's certificate to one of them holds, all are valid now, and the
 * name is the server's
 */
export function isFromOwnAuthority(
  { hostname, certificate }: Presented,
  ca: readonly string[],
  nowMs: number,
): boolean {
  try {
    const own = ca.map((pem) => new X509Certificate(pem));
    const chain = presentedChain(certificate);
    const [leaf] = chain;
    if (leaf === undefined || chain.length > MOST_ISSUERS) return false;
    if (!isFor(leaf, hostname) || !mayServe(leaf)) return false;
    for (const [place, current] of chain.entries()) {
      if (!isValidNow(current, nowMs) || current.raw.includes(NAME_CONSTRAINTS)) return false;
      const root = own.find((one) => issued(one, current));
      if (root !== undefined) return isValidNow(root, nowMs) && !root.raw.includes(NAME_CONSTRAINTS);
      const next = chain[place + 1];
      if (next === undefined || !issued(next, current)) return false;
    }
    return false;
  } catch (error) {
    // What cannot be read proves nothing.
    if (error instanceof Error) return false;
    throw error;
  }
}
