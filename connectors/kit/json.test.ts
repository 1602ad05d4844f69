import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_JSON_DEPTH, parseJson } from './json.ts';

const parse = (text: string): unknown => parseJson(Buffer.from(text, 'utf8'), 'api.example.com');

describe('JSON from strangers', () => {
  it('gives what JSON.parse gives for every plain value', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        fc.pre(!JSON.stringify(value).includes('__proto__'));
        expect(parse(JSON.stringify(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('takes a byte order mark and a key that is merely called constructor', () => {
    expect(parse('\uFEFF{"constructor":"Acme Building Ltd","a":{"constructor":{"name":"x"}}}')).toEqual({
      constructor: 'Acme Building Ltd',
      a: { constructor: { name: 'x' } },
    });
  });

  it.each([
    '{"__proto__":{"polluted":true}}',
    '{"\\u005f_proto__":{"polluted":true}}',
    '[{"a":[{"b":{"__proto__":1}}]}]',
    '{"constructor":{"prototype":{"polluted":true}}}',
    '{"a":{"constructor":{"prototype":{}}}}',
    '{"c\\u006fnstructor":{"proto\\u0074ype":{}}}',
  ])('refuses %s', (text) => {
    expect(() => parse(text)).toThrow(
      'api.example.com sent JSON with a forbidden key (__proto__ or constructor.prototype).',
    );
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it('accepts 64 levels and refuses 65, however the brackets are mixed', () => {
    const nested = (levels: number): string => `${'[{"a":'.repeat(levels / 2)}1${'}]'.repeat(levels / 2)}`;
    expect(() => parse(nested(MAX_JSON_DEPTH))).not.toThrow();
    expect(() => parse(`[${nested(MAX_JSON_DEPTH)}]`)).toThrow(
      'api.example.com sent JSON nested deeper than 64 levels.',
    );
    expect(() => parse(`${'['.repeat(200_000)}${']'.repeat(200_000)}`)).toThrow('nested deeper');
  });

  it.each([
    ['<!doctype html><title>Log in</title>', 'a web page where data was expected'],
    ['  \n <html>', 'a web page where data was expected'],
    ['', 'an empty answer where data was expected'],
    ['{"a":', 'an answer that is not valid JSON'],
    ['{"token":"very-secret"', 'an answer that is not valid JSON'],
  ])('says what came instead of JSON: %j', (text, what) => {
    expect(() => parse(text)).toThrow(`api.example.com sent ${what}.`);
  });

  it('quotes nothing of a broken answer, not even as cause', () => {
    try {
      parse('{"token":"very-secret"');
      expect.unreachable();
    } catch (error) {
      expect(JSON.stringify([String(error), (error as Error).cause])).not.toContain('very-secret');
    }
  });
});
