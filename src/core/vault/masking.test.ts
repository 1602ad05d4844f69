import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { growth } from '../../../test/support/growth.ts';
import { SecretMask } from './masking.ts';

function maskOf(tokens: number): SecretMask {
  const mask = new SecretMask();
  for (let n = 0; n < tokens; n += 1) mask.register(`eyJhbGciOiJSUzI1NiJ9.${n}.${'x'.repeat(200)}`);
  return mask;
}

const VALUE = 'p@ss "wörd"/+&x 1';

describe('the mask', () => {
  it.each([
    ['as it is', VALUE],
    ['base64', Buffer.from(VALUE).toString('base64')],
    ['base64 of a Basic header', Buffer.from(`user:${VALUE}`).toString('base64')],
    ['base64 of a longer pair', Buffer.from(`someone@acme.test:${VALUE}:rest`).toString('base64')],
    ['base64url', Buffer.from(`ab${VALUE}`).toString('base64url')],
    ['URL', encodeURIComponent(VALUE)],
    ['form', encodeURIComponent(VALUE).replaceAll('%20', '+')],
    ['twice URL', encodeURIComponent(encodeURIComponent(VALUE))],
    ['hex', Buffer.from(VALUE).toString('hex')],
    ['HEX', Buffer.from(VALUE).toString('hex').toUpperCase()],
    ['JSON', JSON.stringify(VALUE).slice(1, -1)],
    ['JSON in JSON', JSON.stringify(JSON.stringify(VALUE)).slice(3, -3)],
  ])('finds a value written as %s', (_name, written) => {
    const mask = new SecretMask();
    mask.register(VALUE);
    const masked = mask.mask(`before ${written} after`);
    expect(masked).toContain('[redacted]');
    expect(masked).not.toContain(written);
    expect(masked.startsWith('before ')).toBe(true);
    expect(masked.endsWith(' after')).toBe(true);
  });

  it('finds each line of a key file by itself', () => {
    const mask = new SecretMask();
    const pem = `-----BEGIN PRIVATE KEY-----\n${'MIIEvQIBADANBgkqhkiG9w0BAQEFAASC'}\n${'BKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj'}\n-----END PRIVATE KEY-----`;
    mask.register(pem);
    expect(mask.mask('line: BKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj')).toBe('line: [redacted]');
    expect(mask.mask(JSON.stringify({ pem }))).toBe('{"pem":"[redacted]"}');
  });

  it('leaves texts without a secret as they are, and does not take short values for secrets', () => {
    const mask = new SecretMask();
    mask.register('abc');
    mask.register('hunter22');
    expect(mask.mask('abc hunter2 and nothing else')).toBe('abc hunter2 and nothing else');
  });

  it('takes the longest of several values that begin at the same place', () => {
    const mask = new SecretMask();
    for (const value of ['token', 'token-long', 'token-longest']) mask.register(value);
    expect(mask.mask('x token-longest y token-long z token')).toBe('x [redacted] y [redacted] z [redacted]');
  });

  it('lets no registered value through, wherever it stands', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ minLength: 8, maxLength: 60 }), { minLength: 1, maxLength: 20 }),
        fc.string(),
        fc.string(),
        (values, left, right) => {
          const mask = new SecretMask();
          for (const value of values) mask.register(value);
          for (const value of values) {
            const masked = mask.mask(`${left}\u0001${value}\u0001${right}`);
            expect(masked.includes(`\u0001${value}\u0001`)).toBe(false);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('takes no longer for ten thousand rotated tokens than for a thousand', () => {
    const line = 'request answered 200 in 35 ms; '.repeat(100);
    const masks = new Map([1_000, 10_000].map((tokens) => [tokens, maskOf(tokens)]));
    const mask = masks.get(10_000) ?? new SecretMask();
    // Once for many tokens against ten times for few: a tenth of the time, unless every token is looked for.
    expect(growth((tokens) => masks.get(tokens)?.mask(line), 1_000, 10)).toBeLessThan(0.5);
    expect(mask.mask(`eyJhbGciOiJSUzI1NiJ9.9999.${'x'.repeat(200)}`)).toBe('[redacted]');
  });
});
