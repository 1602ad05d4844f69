/** Certificate authorities of the company's own: read from a PEM file, judged, described. */
import { X509Certificate } from 'node:crypto';
import { AppError } from '../../shared/errors.ts';
import type { CertificateInfo } from '../../shared/network.ts';

export interface StoredCertificate {
  readonly pem: string;
  readonly addedAt: string;
}

/** A file with more than this is not what it is taken for. */
export const MAX_PEM_BYTES = 1_000_000;
const MOST_IN_FILE = 50;
const BLOCK = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]{1,100000}?-----END CERTIFICATE-----/g;

function refuse(message: string, cause?: unknown): AppError {
  return new AppError('invalid_input', message, cause === undefined ? {} : { cause });
}

export function idOf(certificate: X509Certificate): string {
  return certificate.fingerprint256.replaceAll(':', '').toLowerCase();
}

/** "CN=Acme Root, O=Acme" of the lines Node gives. */
function named(lines: string): string {
  return lines.split('\n').filter(Boolean).join(', ').slice(0, 300);
}

/**
 * The certificate authorities of a PEM file.
 * @throws AppError invalid_input for a private key, no certificate, one that cannot be read, one that is no authority or expired
 */
export function readCertificates(text: string, nowMs: number): X509Certificate[] {
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text))
    throw refuse(
      'This file holds a private key, which is nobody else’s business. Choose the file with the certificate alone.',
    );
  const blocks = text.match(BLOCK) ?? [];
  if (blocks.length === 0)
    throw refuse(
      'There is no certificate in this file. Choose a PEM file: it has a line "-----BEGIN CERTIFICATE-----".',
    );
  if (blocks.length > MOST_IN_FILE)
    throw refuse(`This file holds ${blocks.length} certificates. Choose one with your company’s own only.`);
  return blocks.map((block) => judged(block, nowMs));
}

function judged(pem: string, nowMs: number): X509Certificate {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(pem);
  } catch (cause) {
    throw refuse('A certificate in this file cannot be read. Export it again as PEM (Base64).', cause);
  }
  const name = named(certificate.subject);
  if (!certificate.ca)
    throw refuse(
      `${name} is the certificate of one server, not of an authority. Choose the certificate of the authority that signed it.`,
    );
  if (Date.parse(certificate.validTo) < nowMs)
    throw refuse(`${name} expired on ${certificate.validTo}. Ask for its successor.`);
  return certificate;
}

/** What Settings shows of a stored certificate. */
export function describeCertificate({ pem, addedAt }: StoredCertificate, nowMs: number): CertificateInfo {
  const certificate = new X509Certificate(pem);
  return {
    id: idOf(certificate),
    subject: named(certificate.subject),
    issuer: named(certificate.issuer),
    validFrom: new Date(certificate.validFrom).toISOString(),
    validTo: new Date(certificate.validTo).toISOString(),
    isExpired: Date.parse(certificate.validTo) < nowMs,
    addedAt,
  };
}
