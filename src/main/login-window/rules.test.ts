import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isRedirect, redirectPorts, redirectUri } from '../../core/oauth/redirect.ts';
import { testMethod } from '../../core/oauth/testing/bench.ts';
import { judgeNavigation, loadFailure, mayLoad, type WindowRules, windowTitle } from './rules.ts';

const REDIRECT = 'http://127.0.0.1:42813/oauth/callback/mirror';
const rules = (changes: Partial<WindowRules> = {}, allowPrivate = false): WindowRules => ({
  redirectUri: REDIRECT,
  policy: { allowedHosts: ['login.mirror.test', '.salesforce.com'], allowPrivate },
  allowedByPerson: new Set(),
  ...changes,
});

describe('the redirect address', () => {
  test('is one per connector and port, with the usual ports where the manifest names none', () => {
    const addresses = (ports: number[], host: '127.0.0.1' | 'localhost'): string[] => {
      const method = testMethod({ redirect: { host, ports } });
      return redirectPorts(method).map((port) => redirectUri(method, 'mirror', port));
    };
    expect(addresses([], '127.0.0.1')).toEqual([
      REDIRECT,
      REDIRECT.replace('42813', '42814'),
      REDIRECT.replace('42813', '42815'),
    ]);
    expect(addresses([1717], 'localhost')).toEqual(['http://localhost:1717/oauth/callback/mirror']);
  });

  test.each([
    `${REDIRECT}?code=1&state=2`,
    REDIRECT,
    `${REDIRECT}#x`,
    'HTTP://127.0.0.1:42813/oauth/callback/mirror?x',
    'http://127.1:42813/oauth/callback/mirror',
  ])('%s is it', (address) => expect(isRedirect(address, REDIRECT)).toBe(true));

  test.each([
    'http://127.0.0.1:42813/oauth/callback/mirror/',
    'http://127.0.0.1:42813/oauth/callback/mirror/../mirror2',
    'http://127.0.0.1:42813/oauth/callback/mirrorx?code=1',
    'http://127.0.0.1:428130/oauth/callback/mirror',
    'http://127.0.0.1:42813.evil.test/oauth/callback/mirror',
    'http://127.0.0.1:42813@evil.test/oauth/callback/mirror',
    'http://evil.test/?http://127.0.0.1:42813/oauth/callback/mirror',
    'https://127.0.0.1:42813/oauth/callback/mirror',
    'http://localhost:42813/oauth/callback/mirror',
    'http://user@127.0.0.1:42813/oauth/callback/mirror',
    'not an address',
  ])('%s is not', (address) => expect(isRedirect(address, REDIRECT)).toBe(false));
});

describe('where the window may go', () => {
  test.each([
    ['https://login.mirror.test/oauth', 'allow'],
    ['https://acme.my.salesforce.com/', 'allow'],
    [`${REDIRECT}?code=1`, 'redirect'],
    ['https://sso.acme.test/saml', 'ask'],
    ['https://salesforce.com.evil.test/', 'ask'],
    ['https://evilsalesforce.com/', 'ask'],
    ['https://login.mirror.test.evil.test/', 'ask'],
    ['https://login.mirror.test:8443/', 'ask'],
    ['http://login.mirror.test/', 'block'],
    ['http://sso.acme.test/', 'block'],
    ['https://user@login.mirror.test/', 'block'],
    ['https://login.mirror.test@evil.test/', 'block'],
    ['https://127.0.0.1/', 'block'],
    ['https://10.0.0.1/', 'block'],
    ['https://0x7f000001/', 'block'],
    ['https://2130706433/', 'block'],
    ['https://[::1]/', 'block'],
    ['https://[::ffff:169.254.169.254]/', 'block'],
    ['https://169.254.169.254/latest/meta-data', 'block'],
    ['https://localhost/', 'block'],
    ['https://app.localhost/', 'block'],
    ['file:///etc/passwd', 'block'],
    ['data:text/html,x', 'block'],
    ['javascript:alert(1)', 'block'],
    ['ftp://login.mirror.test/', 'block'],
    ['nonsense', 'block'],
  ])('%s: %s', (address, kind) => expect(judgeNavigation(address, rules()).kind).toBe(kind));

  test('a host that the person allowed is open for this port alone, and still not without encryption', () => {
    const allowed = rules({ allowedByPerson: new Set(['sso.acme.test:443']) });
    expect(judgeNavigation('https://sso.acme.test/saml', allowed).kind).toBe('allow');
    expect(judgeNavigation('https://sso.acme.test:8443/saml', allowed).kind).toBe('ask');
    expect(judgeNavigation('http://sso.acme.test/saml', allowed).kind).toBe('block');
  });

  test('private addresses are for connections that allow them, the metadata service for nobody', () => {
    const open = rules({ policy: { allowedHosts: ['127.0.0.1:9000'], allowPrivate: true } }, true);
    expect(judgeNavigation('http://127.0.0.1:9000/login', open).kind).toBe('allow');
    expect(judgeNavigation('http://127.0.0.1:9001/login', open).kind).toBe('ask');
    expect(judgeNavigation('http://169.254.169.254/', open).kind).toBe('block');
  });

  test('any text gets a verdict, and none but a listed host is simply allowed', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.webUrl(),
          fc.string(),
          fc.webUrl().map((url) => url.replace('://', '://login.mirror.test@')),
        ),
        (address) => {
          const verdict = judgeNavigation(address, rules());
          if (verdict.kind !== 'allow') return;
          const { hostname, protocol, username } = new URL(address);
          expect([protocol, username]).toEqual(['https:', '']);
          expect(hostname === 'login.mirror.test' || hostname.endsWith('.salesforce.com')).toBe(true);
        },
      ),
      { numRuns: 1000 },
    );
  });
});

test.each([
  ['https://cdn.example.test/a.js', true],
  ['wss://cdn.example.test/socket', true],
  ['data:image/png;base64,AA', true],
  ['blob:https://login.mirror.test/1', true],
  ['http://cdn.example.test/a.js', false],
  ['ws://127.0.0.1:9222/devtools', false],
  ['http://127.0.0.1:8080/', false],
  ['https://192.168.1.1/', false],
  ['file:///etc/passwd', false],
  [`${REDIRECT}?code=1`, false],
])('a page may load %s: %s', (address, isAllowed) => expect(mayLoad(address, rules())).toBe(isAllowed));

test('the title names the host first, as it really is, and the connection without tricks', () => {
  expect(windowTitle('https://login.mirror.test/auth?x', 'Acme')).toBe('login.mirror.test – log in for Acme');
  expect(windowTitle('http://127.0.0.1:9000/', 'Acme')).toBe('Not encrypted: 127.0.0.1:9000 – log in for Acme');
  expect(windowTitle('https://раураl.com/', 'Acme\u202e\u0000x')).toBe('xn--l-7sba6dbr.com – log in for Acme x');
});

test.each([
  [0, null],
  [-3, null],
  [-20, null],
  [-105, 'unreachable'],
  [-106, 'unreachable'],
  [-118, 'unreachable'],
  [-7, 'unreachable'],
  [-202, 'tls_failed'],
  [-107, 'tls_failed'],
  [-310, 'authorization_failed'],
])('Chromium’s error %i is told as %s', (code, expected) => {
  expect(loadFailure(code, 'ERR_X', 'https://login.mirror.test/')?.code ?? null).toBe(expected);
});
