import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

// The platform, not our code: outside Electron its module is only the path of a program.
vi.mock('electron', () => ({ protocol: {} }));
const { contentSecurityPolicy, resolveInside, serveApp } = await import('./protocol.ts');

const ROOT = join(tmpdir(), 'bundle');

describe('the path of a request', () => {
  it('is a file of the bundle', () => {
    expect(resolveInside(ROOT, '/index.html')).toBe(join(ROOT, 'index.html'));
    expect(resolveInside(ROOT, '/assets/index-B1_x.js')).toBe(join(ROOT, 'assets', 'index-B1_x.js'));
    expect(resolveInside(ROOT, '/assets/a%20b.css')).toBe(join(ROOT, 'assets', 'a b.css'));
    expect(resolveInside(ROOT + sep, '/index.html')).toBe(join(ROOT, 'index.html'));
  });

  it.each([
    '/../outside.js',
    '/..%2foutside.js',
    '/%2e%2e/outside.js',
    '/%2e%2e%2foutside.js',
    '/..%5coutside.js',
    '/..\\outside.js',
    '/%2e%2e%5c%2e%2e%5coutside.js',
    '/..%252foutside.js',
    '/%252e%252e%252foutside.js',
    '/assets/../../outside.js',
    '/assets/..%2f..%2foutside.js',
    '/./index.html',
    '/.%2findex.html',
    '/index.html%00',
    '/%00index.html',
    '/index.html%00.js',
    '/a%00/../outside.js',
    '/%c0%ae%c0%ae/outside.js',
    '/%zz.js',
    '/%',
    '/index.html/',
    '/',
    '',
    '/etc/passwd',
    '/main.cjs',
    '/package.json',
    '/index.js.map',
    '/.env',
    '/.js/..',
    '/C:%5cWindows%5cwin.js',
    '/%5c%5chost%5cshare.js',
  ])('%s is none', (path) => {
    expect(resolveInside(ROOT, path)).toBeNull();
  });

  it('never lies outside the bundle, whatever is asked for', () => {
    const part = fc.constantFrom(
      '..',
      '.',
      '%2e',
      '%2f',
      '%5c',
      '%00',
      '%25',
      '\\',
      '/',
      'a',
      'index.html',
      '.js',
      ';',
      '\u2215',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        const path = resolveInside(ROOT, `/${parts.join('')}`);
        expect(path === null || path.startsWith(ROOT + sep)).toBe(true);
      }),
      { numRuns: 5000 },
    );
  });

  it('does not reach a folder whose name begins like the bundle', () => {
    expect(resolveInside(join(tmpdir(), 'bundle'), '/../bundle-of-others/index.js')).toBeNull();
  });
});

describe('what is served', () => {
  let folder = '';
  let answer: (request: Request) => Promise<Response>;
  const ask = (address: string, method = 'GET'): Promise<Response> =>
    answer({ url: address, method } as unknown as Request);

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'patchbay-protocol-'));
    mkdirSync(join(folder, 'bundle', 'folder.js'), { recursive: true });
    writeFileSync(join(folder, 'bundle', 'index.html'), '<meta content="__CSP_NONCE__"><style nonce="__CSP_NONCE__">');
    writeFileSync(join(folder, 'bundle', 'part.js'), 'const nonce = "__CSP_NONCE__";');
    writeFileSync(join(folder, 'secret.js'), 'secret');
    const handle = (_scheme: string, handler: typeof answer): void => {
      answer = handler;
    };
    serveApp({ protocol: { handle } } as unknown as Parameters<typeof serveApp>[0], join(folder, 'bundle'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('has the policy, and a nonce of its own each time', async () => {
    const [first, second] = await Promise.all([ask('patchbay://app/index.html'), ask('patchbay://app/index.html')]);
    const nonces = [first, second].map(
      (one) => /'nonce-([^']+)'/.exec(one.headers.get('content-security-policy') ?? '')?.[1],
    );
    expect(nonces[0]).toMatch(/^[A-Za-z0-9+/]{24}$/);
    expect(nonces[0]).not.toBe(nonces[1]);
    expect(await first.text()).toBe(`<meta content="${nonces[0]}"><style nonce="${nonces[0]}">`);
    expect(first.headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('puts the nonce into documents alone', async () => {
    const script = await ask('patchbay://app/part.js');
    expect(await script.text()).toBe('const nonce = "__CSP_NONCE__";');
    expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
  });

  it.each([
    ['patchbay://other/index.html', 'GET'],
    ['patchbay://app.evil/index.html', 'GET'],
    ['patchbay://app/index.html', 'POST'],
    ['patchbay://app/missing.js', 'GET'],
    ['patchbay://app/folder.js', 'GET'],
    ['patchbay://app/..%2fsecret.js', 'GET'],
  ])('%s by %s is not found', async (address, method) => {
    const response = await ask(address, method);
    expect([response.status, await response.text()]).toEqual([404, 'Not found']);
  });
});

it('the policy allows no other origin, no inline script and no eval', () => {
  const policy = contentSecurityPolicy('n0nce');
  expect(policy.split('; ')).toContain("default-src 'none'");
  expect(policy.split('; ')).toContain("script-src 'self'");
  expect(policy.split('; ')).toContain("connect-src 'self'");
  expect(policy).not.toMatch(/unsafe|https?:|\*|blob:/);
});
