// The one certificate verdict of the log-in window that may be overruled, on chains made with openssl.
import { beforeAll, describe, expect, it } from 'vitest';
import { type Authority, makeAuthority } from '../../../test/support/certificates.ts';
import { isFromOwnAuthority, type PresentedCertificate } from './own-authorities.ts';

const HOST = 'login.acme.test';
const altName = `DNS:${HOST}`;
let root: Authority;
let issuing: Authority;
beforeAll(() => {
  root = makeAuthority('Acme Root', { days: 30 });
  issuing = root.issue({ name: 'Acme Issuing', isAuthority: true, days: 20 });
});

const chain = (first: string, ...more: string[]): PresentedCertificate => ({
  data: first,
  issuerCert: more.length === 0 ? undefined : chain(more[0] ?? '', ...more.slice(1)),
});
const judge = (certificate: PresentedCertificate, hostname = HOST, ca = [root.cert], now = Date.now()): boolean =>
  isFromOwnAuthority({ hostname, certificate }, ca, now);

describe('a certificate of the company’s own authority', () => {
  it('is accepted directly below it, through an issuing authority, and with the root sent along', () => {
    const direct = root.issue({ name: HOST, altName });
    const below = issuing.issue({ name: HOST, altName });
    expect(judge(chain(direct.cert))).toBe(true);
    expect(judge(chain(below.cert, issuing.cert))).toBe(true);
    expect(judge(chain(below.cert, issuing.cert, root.cert))).toBe(true);
    expect(judge(chain(root.issue({ name: 'x', altName: 'IP:127.0.0.1' }).cert), '127.0.0.1')).toBe(true);
  });

  it.each<[string, () => boolean]>([
    ['another name', () => judge(chain(root.issue({ name: HOST, altName: 'DNS:other.acme.test' }).cert))],
    ['no own authority at all', () => judge(chain(root.issue({ name: HOST, altName }).cert), HOST, [])],
    [
      'an authority of the same name with another key',
      () => judge(chain(root.issue({ name: HOST, altName }).cert), HOST, [makeAuthority('Acme Root').cert]),
    ],
    ['signed by itself', () => judge(chain(makeAuthority(HOST, { altName }).cert))],
    ['ended', () => judge(chain(root.issue({ name: HOST, altName, days: -1 }).cert))],
    [
      'an issuing authority that has ended',
      () =>
        judge(
          chain(issuing.issue({ name: HOST, altName, days: 29 }).cert, issuing.cert),
          HOST,
          [root.cert],
          Date.now() + 25 * 86_400_000,
        ),
    ],
    [
      'issued by the certificate of a server',
      () => {
        const leaf = root.issue({ name: 'www.acme.test', altName: 'DNS:www.acme.test' });
        return judge(chain(leaf.issue({ name: HOST, altName }).cert, leaf.cert));
      },
    ],
    ['the issuing authority was not sent', () => judge(chain(issuing.issue({ name: HOST, altName }).cert))],
    [
      'not for servers',
      () => judge(chain(root.issue({ name: HOST, altName, extensions: ['extendedKeyUsage=clientAuth'] }).cert)),
    ],
    [
      'limits on names, which are not evaluated',
      () => {
        const limited = root.issue({
          name: 'Limited',
          isAuthority: true,
          extensions: ['nameConstraints=permitted;DNS:acme.test'],
        });
        return judge(chain(limited.issue({ name: HOST, altName }).cert, limited.cert));
      },
    ],
    ['not a certificate', () => judge({ data: 'nonsense' })],
  ])('is refused: %s', (_why, attempt) => {
    expect(attempt()).toBe(false);
  });
});
