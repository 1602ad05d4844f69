import { beforeAll, describe, expect, it } from 'vitest';
import { type Authority, makeAuthority } from '../../../test/support/certificates.ts';
import { describeCertificate, readCertificates } from './certificates.ts';

let root: Authority;
beforeAll(() => {
  root = makeAuthority('Acme Root');
});

describe('a PEM file of own authorities', () => {
  it('gives each certificate with subject, issuer and dates, whatever stands around it', () => {
    const below = root.issue({ name: 'Acme Issuing', isAuthority: true });
    const { accepted, refused } = readCertificates(`# our own\r\n${root.cert}\n${below.cert}`, Date.now());
    expect(accepted).toHaveLength(2);
    expect(refused).toEqual([]);
    const [, second] = accepted;
    expect(
      describeCertificate({ pem: second?.toString() ?? '', addedAt: '2026-11-24T00:00:00.000Z' }, Date.now()),
    ).toMatchObject({
      subject: 'O=Acme Test, CN=Acme Issuing',
      issuer: 'O=Acme Test, CN=Acme Root',
      isExpired: false,
      id: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  it.each([
    ['no certificate', () => 'hello', /There is no certificate in this file/],
    ['a web page', () => '<html>', /There is no certificate/],
    ['a private key beside it', () => root.cert + root.key, /contains a private key\. Choose the certificate only\./],
    ['a certificate that is cut off', () => root.cert.replace(/\n[A-Za-z0-9+/=]{20,}\n/, '\n'), /cannot be read/],
    [
      'the certificate of a server',
      () => root.issue({ name: 'www.acme.test', altName: 'DNS:www.acme.test' }).cert,
      /certificate of one server/,
    ],
    ['one that has ended', () => makeAuthority('Acme Old', { days: -1 }).cert, /expired on/],
  ])('%s is refused with the reason', (_what, file, message) => {
    expect(() => readCertificates(file(), Date.now())).toThrow(message);
  });

  const namesIn = (file: string | Uint8Array): string[] =>
    readCertificates(file, Date.now()).accepted.map(({ subject }) => subject.split('\n').at(-1) ?? '');
  const utf16 = (text: string, order: 'le' | 'be', mark: boolean): Buffer => {
    const bytes = Buffer.from(`${mark ? '\ufeff' : ''}${text}`, 'utf16le');
    return order === 'le' ? bytes : bytes.swap16();
  };
  const der = (pem: string): Buffer => Buffer.from(pem.replace(/-----[A-Z ]+-----/g, ''), 'base64');

  it('takes the good ones of a bundle and names those that it does not take', () => {
    const old = makeAuthority('Acme Old', { days: -1 });
    const server = root.issue({ name: 'www.acme.test', altName: 'DNS:www.acme.test' });
    const cut = root.cert.replace(/\n[A-Za-z0-9+/=]{20,}\n/, '\n');
    const { accepted, refused } = readCertificates([old.cert, root.cert, server.cert, cut].join('\n'), Date.now());
    expect(accepted).toHaveLength(1);
    expect(refused).toEqual([
      expect.stringMatching(/CN=Acme Old expired on .*\. Ask for its successor\./),
      expect.stringContaining('CN=www.acme.test is the certificate of one server'),
      'Certificate 4 in this file cannot be read. Export it again as PEM (Base64).',
    ]);
  });

  it.each([
    ['UTF-16 LE with its mark', () => utf16(root.cert, 'le', true)],
    ['UTF-16 BE with its mark', () => utf16(root.cert, 'be', true)],
    ['UTF-16 LE without a mark', () => utf16(root.cert, 'le', false)],
    ['UTF-16 BE without a mark', () => utf16(root.cert, 'be', false)],
    ['UTF-8 with its mark', () => Buffer.from(`\ufeff${root.cert}`)],
    ['lines that end as on Windows', () => Buffer.from(root.cert.replaceAll('\n', '\r\n'))],
    ['text before the block', () => Buffer.from(`Subject: Acme\n\n${root.cert}\nthe end`)],
    ['DER', () => der(root.cert)],
  ])('is understood in %s', (_what, file) => {
    expect(namesIn(file())).toEqual(['CN=Acme Root']);
  });

  it.each([
    ['a PKCS #7 bundle as text', () => '-----BEGIN PKCS7-----\nMIIB\n-----END PKCS7-----', /PKCS #7 bundle/],
    ['a PKCS #7 bundle', () => Buffer.from('3082010006092a864886f70d010702a0820000', 'hex'), /PKCS #7 bundle/],
    ['a PKCS #12 file', () => Buffer.from('30820100020103308200ff06092a864886f70d010701', 'hex'), /PKCS #12 file/],
    ['an empty file', () => '', /This file is empty/],
    ['blank lines', () => ' \r\n\n', /This file is empty/],
    ['a private key in UTF-16', () => utf16(root.cert + root.key, 'le', true), /contains a private key/],
  ])('%s is refused in words', (_what, file, message) => {
    expect(() => readCertificates(file(), Date.now())).toThrow(message);
  });
});
