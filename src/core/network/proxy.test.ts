import { describe, expect, it } from 'vitest';
import { proxyOf } from './proxy.ts';

describe('what the system says about proxies', () => {
  it.each([
    ['DIRECT', null],
    ['', null],
    ['PROXY proxy.acme.com:8080', 'http://proxy.acme.com:8080'],
    ['PROXY Proxy.Acme.com:8080; DIRECT', 'http://proxy.acme.com:8080'],
    ['HTTPS proxy.acme.com:443', 'https://proxy.acme.com:443'],
    ['SOCKS5 127.0.0.1:1080', 'socks5://127.0.0.1:1080'],
    ['PROXY [::1]:3128', 'http://[::1]:3128'],
    ['SOCKS 10.0.0.1:1080; PROXY 10.0.0.2:8080', 'http://10.0.0.2:8080'],
  ])('%j is %j', (answer, proxy) => {
    expect(proxyOf(answer)).toBe(proxy);
  });

  it('a kind that cannot be used is said, not passed by', () => {
    expect(() => proxyOf('SOCKS 10.0.0.1:1080')).toThrow('of a kind Patchbay cannot use');
    expect(() => proxyOf('PROXY user:secret@evil/?:1')).toThrow('of a kind Patchbay cannot use');
  });
});
