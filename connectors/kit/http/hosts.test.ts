import { describe, expect, it } from 'vitest';
import { ConnectorError } from '../contract.ts';
import { allowedHostsOf, checkUrl, isAllowedHost, parseUrl } from './hosts.ts';

const ALLOWED = ['login.salesforce.com', '.my.salesforce.com', '127.0.0.1:8080'];
const refusalOf = (url: string, allowPrivate: boolean, allowedHosts: readonly string[] = ALLOWED): string | null => {
  try {
    checkUrl(parseUrl(url), { allowPrivate, allowedHosts });
    return null;
  } catch (error) {
    if (error instanceof ConnectorError && error.failureClass === 'host_refused') return error.message;
    throw error;
  }
};

describe('host list', () => {
  it.each([
    'https://login.salesforce.com/x',
    'https://LOGIN.salesforce.com',
    'https://acme.my.salesforce.com',
    'https://acme--box.sandbox.my.salesforce.com/',
    'https://login.salesforce.com:443/',
    'https://acme.my.salesforce.com.',
  ])('lets %s through', (url) => {
    expect(refusalOf(url, false)).toBeNull();
  });

  it.each([
    'https://evil.test/',
    'https://acme.my.salesforce.com.evil.test/',
    'https://my.salesforce.com/',
    'https://evilmy.salesforce.com/',
    'https://login.salesforce.com:8443/',
    'https://login.salesforce.com@evil.test/',
    'https://user:password@login.salesforce.com/',
    'https://evil.test/login.salesforce.com',
    'https://evil.test\\@login.salesforce.com/',
    'https://evil.test#@login.salesforce.com/',
    'https://login.salesforce.com%2eevil.test/',
    'http://login.salesforce.com/',
    'ftp://login.salesforce.com/',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'data:text/plain,x',
    'https://',
    'not a url',
    '//evil.test/',
  ])('refuses %s', (url) => {
    expect(refusalOf(url, false)).not.toBeNull();
    expect(refusalOf(url, true)).not.toBeNull();
  });

  it.each([
    'http://2130706433:8080/',
    'http://0x7f000001:8080/',
    'http://0177.0.0.1:8080/',
    'http://127.1:8080/',
    'http://127.0.0.1.:8080/',
    'http://①②⑦.0.0.1:8080/',
  ])('sees through the spelling %s of a loopback address', (url) => {
    expect(refusalOf(url, true)).toBeNull();
    expect(refusalOf(url, false)).toContain('private address');
  });

  it.each([
    'http://[::ffff:127.0.0.1]:8080/',
    'http://[::1]:8080/',
    'http://0.0.0.0:8080/',
    'http://localhost:8080/',
    'http://127.0.0.1/',
    'http://127.0.0.1:9090/',
    'https://127.0.0.1:8080.evil.test/',
  ])('does not take %s for the allowed 127.0.0.1:8080', (url) => {
    expect(refusalOf(url, true)).not.toBeNull();
  });

  it.each([
    'http://169.254.169.254/',
    'https://169.254.169.254/',
    'http://0xa9fea9fe/',
    'http://2852039166/',
    'https://[fd00:ec2::254]/',
    'https://[::ffff:169.254.169.254]/',
    'http://100.100.100.200/',
  ])('refuses the metadata service %s though the host list names it', (url) => {
    const { host, port, protocol } = new URL(url);
    const everything = [host, `${host}:${port === '' ? (protocol === 'https:' ? '443' : '80') : port}`];
    expect(refusalOf(url, true, everything)).toContain('never used');
  });

  it('adds the exact host and port of overrides and the hosts typed into named fields', () => {
    const endpoints = { api: () => '', allowedHosts: ['.gainsightcloud.com', '{domain}', '{other}'] };
    const hosts = allowedHostsOf(
      endpoints,
      { domain: 'Success.Acme.example' },
      { apiBaseUrl: 'http://localhost:4100/base', loginBaseUrl: undefined },
    );
    expect(hosts).toEqual(['.gainsightcloud.com', 'success.acme.example:443', 'localhost:4100']);
    expect(isAllowedHost(new URL('https://success.acme.example/v1'), hosts)).toBe(true);
    expect(isAllowedHost(new URL('https://a.success.acme.example/v1'), hosts)).toBe(false);
    expect(isAllowedHost(new URL('http://localhost:4101/'), hosts)).toBe(false);
  });
});
