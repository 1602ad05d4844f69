import fc from 'fast-check';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { AppError } from '../shared/errors.ts';

const opened = vi.hoisted((): string[] => []);
// The platform, not our code: outside Electron its module is only the path of a program.
vi.mock('electron', () => ({ shell: { openExternal: async (url: string) => void opened.push(url) } }));
const { judgeLink, openLink } = await import('./links.ts');

beforeEach(() => {
  opened.length = 0;
});

describe('a link', () => {
  it('is opened by the system when it is https', async () => {
    await openLink('https://example.com/a?b=c#d');
    expect(opened).toEqual(['https://example.com/a?b=c#d']);
  });

  it.each([
    ['file:///etc/passwd', 'only https addresses are opened'],
    ['smb://server/share', 'only https addresses are opened'],
    ['ms-msdt:/id PCWDiagnostic', 'it holds blanks, control characters or backslashes'],
    ['ms-msdt:/id', 'only https addresses are opened'],
    ['search-ms:query=x', 'only https addresses are opened'],
    ['\\\\host\\share', 'it holds blanks, control characters or backslashes'],
    ['https:\\\\example.com', 'it holds blanks, control characters or backslashes'],
    [' https://example.com', 'it holds blanks, control characters or backslashes'],
    ['https://example.com\n', 'it holds blanks, control characters or backslashes'],
    ['https://exam\u0000ple.com', 'it holds blanks, control characters or backslashes'],
    ['https://exam\u0085ple.com', 'it holds blanks, control characters or backslashes'],
    ['http://example.com', 'only https addresses are opened'],
    ['http://127.0.0.1:8080', 'only https addresses are opened'],
    ['javascript:alert(1)', 'only https addresses are opened'],
    ['data:text/html,x', 'only https addresses are opened'],
    ['patchbay://app/index.html', 'only https addresses are opened'],
    ['https://user@example.com', 'it holds a user name or password'],
    ['https://:word@example.com', 'it holds a user name or password'],
    ['--help', 'it is not a complete address'],
    ['//example.com', 'it is not a complete address'],
    ['', 'it is not a complete address'],
    [`https://example.com/${'a'.repeat(8000)}`, 'it is too long'],
  ])('%j is refused: %s', async (url, why) => {
    await expect(openLink(url)).rejects.toThrow(`Patchbay does not open this address: ${why}.`);
    expect(opened).toEqual([]);
  });

  it('is refused with the kind that the page knows', () => {
    expect(() => judgeLink('file:///')).toThrow(expect.objectContaining({ name: 'AppError', code: 'not_allowed' }));
  });

  it('may be plain http to this machine while a log-in is opened there', () => {
    const flow = { allowLoopbackHttp: true };
    expect(judgeLink('http://127.0.0.1:42900/authorize', flow)).toBe('http://127.0.0.1:42900/authorize');
    expect(judgeLink('http://[::1]:42900/', flow)).toBe('http://[::1]:42900/');
    expect(judgeLink('http://localhost:42900/', flow)).toBe('http://localhost:42900/');
    for (const url of [
      'http://127.0.0.1.evil.example/',
      'http://localhost.evil.example/',
      'ftp://127.0.0.1/',
      'http://[::2]/',
    ])
      expect(() => judgeLink(url, flow)).toThrow(AppError);
  });

  it('that passes is https, without credentials, and the same when judged again', () => {
    fc.assert(
      fc.property(fc.oneof(fc.webUrl({ validSchemes: ['https', 'http', 'file'] }), fc.string()), (text) => {
        let passed: string;
        try {
          passed = judgeLink(text);
        } catch (error) {
          expect(error).toBeInstanceOf(AppError);
          return;
        }
        expect(passed.startsWith('https://')).toBe(true);
        expect(judgeLink(passed)).toBe(passed);
      }),
      { numRuns: 2000 },
    );
  });
});
