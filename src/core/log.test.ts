import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type AppLog, describeError, openLog } from './log.ts';
import { SecretMask } from './vault/masking.ts';

// The library keeps the console's functions when it is loaded.
const said = vi.hoisted(() => {
  const texts: string[] = [];
  console.warn = (...given: unknown[]) => void texts.push(given.join(' '));
  console.error = console.warn;
  return texts;
});

const SECRET = 'canary/7f3+0c9e"b1 d&2=';
const FORMS: Readonly<Record<string, string>> = {
  plain: SECRET,
  base64: Buffer.from(SECRET).toString('base64'),
  'base64 inside a longer text': Buffer.from(`user:${SECRET}`).toString('base64'),
  base64url: Buffer.from(SECRET).toString('base64url'),
  url: encodeURIComponent(SECRET),
  hex: Buffer.from(SECRET).toString('hex'),
  'upper-case hex': Buffer.from(SECRET).toString('hex').toUpperCase(),
  json: JSON.stringify(SECRET).slice(1, -1),
};

let folder = '';
let log: AppLog;
const written = (): string =>
  readdirSync(folder)
    .map((file) => readFileSync(join(folder, file), 'utf8'))
    .join('');

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'patchbay-log-'));
  const mask = new SecretMask();
  mask.register(SECRET);
  const before = process.umask(0);
  log = openLog(folder, (text) => mask.mask(text));
  log.info('opened');
  process.umask(before);
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('the log', () => {
  it('is readable by nobody else, whatever the umask', () => {
    expect(statSync(join(folder, 'patchbay.log')).mode & 0o077).toBe(0);
  });

  it.each(Object.entries(FORMS))('holds no live secret: %s', (name, form) => {
    log.info(`info ${name} <${form}>`);
    log.error(`error ${name} <${form}>`, new Error(`refused <${form}>`, { cause: new Error(`because <${form}>`) }));
    expect(written()).toContain(`info ${name} <`);
    expect(written()).not.toContain(form);
  });

  it('puts no live secret on the console either', () => {
    log.warn(`warned about ${SECRET}`);
    expect(said.at(-1)).toContain('warned about [redacted]');
    for (const form of Object.values(FORMS)) expect(said.join('\n')).not.toContain(form);
  });

  it('writes an error without its properties, which may hold a request', () => {
    log.error(
      'The call failed',
      Object.assign(new Error('refused'), { config: { headers: 'Bearer never-registered' } }),
    );
    expect(written()).toContain('The call failed: Error: refused');
    expect(written()).not.toContain('never-registered');
  });

  it('keeps a line a line: no control characters, no bidi overrides, no endless text', () => {
    log.info(`a\u001b[31m b\u202Ec\rd ${'x'.repeat(10_000)}`);
    expect(written()).toContain('a?[31m b?c?d xxx');
    expect(
      Math.max(
        ...written()
          .split('\n')
          .map((line) => line.length),
      ),
    ).toBeLessThan(4100);
  });

  it('keeps two files of two megabytes', () => {
    for (let line = 0; line < 1700; line += 1) log.info(`${line} ${'y'.repeat(3000)}`);
    const sizes = readdirSync(folder).map((file) => statSync(join(folder, file)).size);
    expect(sizes).toHaveLength(2);
    expect(Math.max(...sizes)).toBeLessThan(2.2 * 1024 * 1024);
    for (const file of readdirSync(folder)) expect(statSync(join(folder, file)).mode & 0o077).toBe(0);
  });
});

describe('an error in words', () => {
  it('is its stack and that of its causes', () => {
    const text = describeError(new TypeError('outer', { cause: new RangeError('inner') }));
    expect(text).toMatch(/^TypeError: outer\n.*\ncaused by RangeError: inner\n/s);
  });

  it('is nothing of a thrown object', () => {
    expect(describeError({ password: 'p' })).toBe('a thrown value that is not an error');
    expect(describeError('words')).toBe('words');
  });
});
