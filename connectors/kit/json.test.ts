import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ExactNumber, readNumber } from '../../src/shared/job/exact-number.ts';
import { MAX_JSON_DEPTH, parseJson } from './json.ts';

const parse = (text: string): unknown => parseJson(Buffer.from(text, 'utf8'), 'api.example.com');

describe('numbers that a double would change', () => {
  const long = [
    '9007199254740993',
    '-999999999999999999',
    '0.1234567890123456789',
    '1e400',
    '-1E+400',
    '1e-400',
    '0.10000000000000001',
    '1.00000000000000000001',
  ];
  it.each(long)('%s keeps its digits, wherever it stands', (digits) => {
    const exact = new ExactNumber(digits);
    expect(parse(digits)).toStrictEqual(exact);
    for (let shift = 0; shift < 40; shift += 1) {
      const before = 'x'.repeat(shift);
      expect(parse(`{"a":"${before}","n":${digits},"l":[1, ${digits}]}`)).toStrictEqual({
        a: before,
        n: exact,
        l: [1, exact],
      });
      expect(parseJson(Buffer.from(`${before}[${digits}]`).subarray(shift), 'h')).toStrictEqual([exact]);
    }
  });

  it('are no numbers within texts and keys', () => {
    const texts = { '9007199254740993': ': 9007199254740993', a: '", 9007199254740993,', b: '\\', c: '[1e400' };
    expect(parse(JSON.stringify({ ...texts, n: 1 }))).toStrictEqual({ ...texts, n: 1 });
    const body = JSON.stringify({ ...texts, n: 1 }).replace('"n":1', '"n":1e400');
    expect(parse(body)).toStrictEqual({ ...texts, n: new ExactNumber('1e400') });
  });

  it('leave broken JSON broken', () => {
    for (const text of [
      '[09007199254740993]',
      '[9007199254740993',
      '[9007199254740993.]',
      '[-]',
      '["9007199254740993]',
    ])
      expect(() => parse(text)).toThrow('not valid JSON');
    expect(() => parse('{"__proto__":9007199254740993}')).toThrow('forbidden key');
  });

  it('are found whatever stands around them, and plain ones stay plain', () => {
    const number = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
      fc.constantFrom(...long),
      fc.bigInt().map(String),
      fc.integer().map((value) => `${value}.0`),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string(), number)), fc.constantFrom('', ' ', '\n  '), (members, space) => {
        const text = `[${members.map(([name, digits]) => `${space}[${JSON.stringify(name)},${space}${digits}${space}]`).join(',')}]`;
        expect(parse(text)).toStrictEqual(members.map(([name, digits]) => [name, readNumber(digits)]));
      }),
      { numRuns: 1_000 },
    );
  });

  it('are looked for in linear time', () => {
    const body = Buffer.from(`["${'1234567890123456'.repeat(60_000)}",${'1e400'.repeat(200_000)}]`);
    expect(() => parseJson(body, 'api.example.com')).toThrow('not valid JSON');
  });
});

describe('bytes that are no UTF-8', () => {
  it('stay apart from what the source has sent', () => {
    const bytes = (text: string) => Buffer.from(text, 'latin1');
    expect(parseJson(bytes('{"a":"M\xfcnchen"}'), 'h')).toEqual({ a: 'M\udcfcnchen' });
    expect(parse('{"a":"M\ufffdnchen"}')).toEqual({ a: 'M\ufffdnchen' });
    const mixed = Buffer.concat([
      Buffer.from('{"a":"ä€😀\ufffd","b":"'),
      bytes('\xed\xa0\xbd\xf0\x9f'),
      Buffer.from('ä"}'),
    ]);
    expect(parseJson(mixed, 'h')).toEqual({ a: 'ä€😀\ufffd', b: '\udced\udca0\udcbd\udcf0\udc9fä' });
  });
});

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
