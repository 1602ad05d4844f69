import { describe, expect, it } from 'vitest';
import type { FieldDescriptor } from '../connector.ts';
import { baseUrlProblem, checkSecret, checkValue, initialValues, isVisible, visibleFields } from './form.ts';

const field = (part: Partial<FieldDescriptor> = {}): FieldDescriptor => ({
  name: 'host',
  label: 'Host',
  kind: 'text',
  required: true,
  help: '',
  ...part,
});

describe('a host name', () => {
  const host = field({ kind: 'hostname' });
  const longest = 'a'.repeat(63);

  it.each(['acme.test', 'ACME.example.com', '127.0.0.1', `${longest}.test`, 'xn--exmple-cua.test'])(
    '%j is taken',
    (text) => {
      expect(checkValue(host, text)).toEqual({ value: text });
    },
  );

  it.each(['acme', 'localhost', '-a.test', 'a-.test', 'a..test', 'acme.test.', `${longest}a.test`, 'exämple.test'])(
    '%j is refused',
    (text) => {
      expect(checkValue(host, text)).toEqual({ problem: 'Host is not a host name such as acme.example.com.' });
    },
  );

  it('of more than 253 characters is refused', () => {
    const of = (length: number): string => `${`${'a'.repeat(49)}.`.repeat(5)}${'b'.repeat(length - 250)}`;
    expect(checkValue(host, of(253))).toEqual({ value: of(253) });
    expect(checkValue(host, of(254))).toHaveProperty('problem');
  });

  it.each(['https://acme.test', 'acme.test/path', 'acme.test:8443', 'user@acme.test'])('%j is too much', (text) => {
    expect(checkValue(host, text)).toEqual({
      problem: 'Enter only the host name for Host, without https://, a port or a path.',
    });
  });

  it('is shown to its connector in lower case', () => {
    const refuse = (text: string): string | null => (text === 'x.lightning.test' ? 'A page, not an API.' : null);
    expect(checkValue(host, 'X.Lightning.test', refuse)).toEqual({ problem: 'A page, not an API.' });
  });
});

describe('a field that depends on another', () => {
  const kind = field({ name: 'kind', kind: 'select', default: 'own' });
  const isOwn = field({ name: 'isOwn', kind: 'switch' });
  const domain = field({ visibleWhen: { field: 'kind', oneOf: ['own'] } });
  const proxy = field({ name: 'proxy', visibleWhen: { field: 'isOwn', oneOf: ['false'] } });
  const all = [kind, isOwn, domain, proxy];

  it.each([{}, { kind: undefined }, { kind: '' }, { kind: 'own' }])(
    'is asked for with %j: a blank counts as its default',
    (values) => {
      expect(isVisible(domain, values, all)).toBe(true);
    },
  );

  it('is not asked for with another value', () => {
    expect(isVisible(domain, { kind: 'other' }, all)).toBe(false);
  });

  it('knows that a switch nobody has touched is off', () => {
    expect([{}, { isOwn: false }, { isOwn: true }].map((values) => isVisible(proxy, values, all))).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('may belong to the method and depend on the connector', () => {
    expect(visibleFields({ fields: [kind] }, { fields: [domain] }, {})).toEqual([kind, domain]);
    expect(visibleFields({ fields: [kind] }, { fields: [domain] }, { kind: 'other' })).toEqual([kind]);
  });
});

describe('a value', () => {
  it('that a form does not hold is the default; one that was blanked is missing', () => {
    expect(checkValue(field({ default: 'eu' }), undefined)).toEqual({ value: 'eu' });
    expect(checkValue(field({ default: 'eu' }), ' ')).toEqual({ problem: 'Enter Host.' });
    expect(checkValue(field({ required: false }), undefined)).toEqual({ value: undefined });
  });

  it.each([
    [' 5 ', { value: 5 }],
    ['1e999', { problem: 'Host must be a number.' }],
    [true, { problem: 'Host must be a number.' }],
    ['  ', { problem: 'Enter Host.' }],
  ])('as a number, %j', (raw, checked) => {
    expect(checkValue(field({ kind: 'number' }), raw)).toEqual(checked);
  });

  it('of a choice is one of those offered', () => {
    const choice = field({ kind: 'select', options: [{ value: 'a', label: 'A' }] });
    expect(checkValue(choice, 'a')).toEqual({ value: 'a' });
    expect(checkValue(choice, 'b')).toHaveProperty('problem');
  });

  it('as an address holds no credentials and no query', () => {
    const address = field({ kind: 'url' });
    expect(checkValue(address, 'https://acme.test/api')).toEqual({ value: 'https://acme.test/api' });
    for (const text of ['acme', 'ftp://acme.test', 'https://u:p@acme.test', 'https://acme.test/?a=1'])
      expect(checkValue(address, text)).toHaveProperty('problem');
  });

  it('begins with its default, a choice with its first option, and no secret begins with anything', () => {
    const options = [
      { value: 'a', label: 'A' },
      { value: 'b', label: 'B' },
    ];
    expect(
      initialValues([
        field({ name: 'choice', kind: 'select', options }),
        field({ name: 'chosen', kind: 'select', options, default: 'b' }),
        field({ name: 'off', kind: 'switch' }),
        field({ name: 'text' }),
        field({ name: 'key', kind: 'secret' }),
      ]),
    ).toEqual({ choice: 'a', chosen: 'b', off: false, text: '' });
  });
});

it('a secret is needed unless one is stored, and keeps the line ends of its own', () => {
  const key = field({ kind: 'multilineSecret' });
  expect(checkSecret(key, undefined, false)).toEqual({ problem: 'Enter Host.' });
  expect(checkSecret(key, undefined, true)).toEqual({ value: undefined });
  expect(checkSecret(key, ' a\r\nb\n', false)).toEqual({ value: 'a\nb' });
});

it.each([
  ['ftp://x.test', false, 'Login base URL must begin with https://.'],
  ['https://u:p@x.test', false, 'Login base URL must not hold a user name or password.'],
  ['https://x.test/?a=1', false, 'Login base URL must not hold a query or fragment (? or #).'],
  ['http://127.0.0.1:4100', true, null],
  [' https://x.test/ ', false, null],
])('the base URL %j with private addresses allowed: %s', (text, allowPrivate, problem) => {
  expect(baseUrlProblem(text, 'loginBaseUrl', allowPrivate)).toBe(problem);
});
