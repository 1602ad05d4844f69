/** Certificate authorities of the company's own: read from a PEM or DER file, judged, described. */
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

function refuse(message: string): AppError {
  return new AppError('invalid_input', message);
}

export function idOf(certificate: X509Certificate): string {
  return certificate.fingerprint256.replaceAll(':', '').toLowerCase();
}

/** "CN=Acme Root, O=Acme" of the lines Node gives. */
function named(lines: string): string {
  return lines.split('\n').filter(Boolean).join(', ').slice(0, 300);
}

export interface FoundCertificates {
  readonly accepted: readonly X509Certificate[];
  /** One sentence for each that is not taken, with its name and the reason. */
  readonly refused: readonly string[];
}

/**
 * The certificate authorities of a file: PEM in UTF-8 or UTF-16, whatever stands around its blocks, or one certificate as DER.
 * @throws AppError invalid_input for a private key, and when there is no certificate or none that can be taken
 */
export function readCertificates(file: string | Uint8Array, nowMs: number): FoundCertificates {
  const bytes = typeof file === 'string' ? Buffer.from(file) : Buffer.from(file);
  const judgements = blocksOf(bytes).map((block, place) => judged(block, place + 1, nowMs));
  const accepted = judgements.filter((one) => typeof one !== 'string');
  const refused = [...new Set(judgements.filter((one) => typeof one === 'string'))];
  if (accepted.length === 0) throw refuse(refused.join(' '));
  return { accepted, refused };
}

/** Windows tools write UTF-16, with and without its mark. */
function textOf(bytes: Buffer): string {
  const [first, second] = bytes;
  const isLittle = (first === 0xff && second === 0xfe) || (first === 0x2d && second === 0);
  const isBig = (first === 0xfe && second === 0xff) || (first === 0 && second === 0x2d);
  if (isLittle || isBig) return new TextDecoder(isLittle ? 'utf-16le' : 'utf-16be').decode(bytes);
  return bytes.toString('utf8');
}

function blocksOf(bytes: Buffer): (string | Buffer)[] {
  if (bytes.every((byte) => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d)))
    throw refuse('This file is empty. Choose the certificate of an authority.');
  // An ASN.1 sequence: no text begins so.
  if (bytes[0] === 0x30 && (bytes[1] ?? 0) >= 0x80) return [derOf(bytes)];
  const text = textOf(bytes);
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text))
    throw refuse('This file contains a private key. Choose the certificate only.');
  const blocks: string[] = text.match(BLOCK) ?? [];
  if (blocks.length === 0 && /-----BEGIN (?:PKCS7|CMS)-----/.test(text)) throw refuse(PKCS7);
  if (blocks.length === 0)
    throw refuse(
      'There is no certificate in this file. Choose a PEM file: it has a line "-----BEGIN CERTIFICATE-----".',
    );
  if (blocks.length > MOST_IN_FILE)
    throw refuse(`This file holds ${blocks.length} certificates. Choose one with your company’s own only.`);
  return blocks;
}

const PKCS7 =
  'This is a PKCS #7 bundle (.p7b), which Patchbay can’t read. Export each certificate as PEM (Base64) or DER.';
/** Object identifiers at the beginning of such a file: signed data of PKCS #7, and data, which PKCS #12 begins with. */
const SIGNED_DATA = Buffer.from('06092a864886f70d010702', 'hex');
const DATA = Buffer.from('06092a864886f70d010701', 'hex');
const BEGINNING_BYTES = 40;

function derOf(bytes: Buffer): Buffer {
  const beginning = bytes.subarray(0, BEGINNING_BYTES);
  if (beginning.includes(SIGNED_DATA)) throw refuse(PKCS7);
  if (beginning.includes(DATA))
    throw refuse('This is a PKCS #12 file (.p12, .pfx), which is made for private keys. Choose the certificate only.');
  return bytes;
}

/** @returns the certificate, or why it is not taken */
function judged(block: string | Buffer, place: number, nowMs: number): X509Certificate | string {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(block);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return `Certificate ${place} in this file cannot be read. Export it again as PEM (Base64).`;
  }
  const name = named(certificate.subject);
  if (!certificate.ca)
    return `${name} is the certificate of one server, not of an authority. Choose the certificate of the authority that signed it.`;
  if (Date.parse(certificate.validTo) < nowMs)
    return `${name} expired on ${certificate.validTo}. Ask for its successor.`;
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
