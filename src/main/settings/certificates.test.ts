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
    const found = readCertificates(`# our own\r\n${root.cert}\n${below.cert}`, Date.now());
    expect(found).toHaveLength(2);
    const [, second] = found;
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
    ['a private key beside it', () => root.cert + root.key, /holds a private key/],
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
});
