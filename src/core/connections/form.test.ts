import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ConnectorDescriptor, FieldDescriptor } from '../../shared/connector.ts';
import { AppError } from '../../shared/errors.ts';
import { checkBaseUrl, checkForm } from './form.ts';

const field = (part: Partial<FieldDescriptor> & Pick<FieldDescriptor, 'name' | 'kind'>): FieldDescriptor => ({
  label: part.name,
  required: true,
  help: '',
  ...part,
});

const descriptor: ConnectorDescriptor = {
  id: 'example' as ConnectorDescriptor['id'],
  name: 'Example',
  category: 'warehouse',
  summary: '',
  monogram: 'EX',
  docsUrl: 'https://example.test',
  fields: [field({ name: 'host', kind: 'hostname' }), field({ name: 'rows', kind: 'number', required: false })],
  authMethods: [
    {
      id: 'key',
      label: 'Key',
      interactive: false,
      fields: [
        field({ name: 'keyFile', kind: 'multilineSecret', format: 'json', required: false }),
        field({ name: 'token', kind: 'secret', required: false }),
      ],
      scopes: [],
      redirectUris: [],
    },
  ],
  canBeDestination: false,
  hasLoginHost: false,
};

const check = (fields: Record<string, string | number | boolean>, secrets: Record<string, string> = {}) =>
  checkForm(
    { authMethodId: 'key', fields, secrets, overrides: { allowPrivateNetwork: false } },
    {
      descriptor,
      storedSecrets: new Set(),
      refuseHost: (host) => (host.endsWith('.lightning.test') ? 'That is a page, not an API.' : null),
    },
  );
const refusal = (work: () => unknown): AppError => {
  try {
    work();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('It was not refused.');
};

describe('a host', () => {
  it.each(['https://acme.test', 'acme.test/path', 'acme.test:8443', 'user@acme.test'])(
    '%j is refused as more than a host',
    (host) => {
      const error = refusal(() => check({ host }));
      expect([error.code, error.field]).toEqual(['invalid_input', 'host']);
      expect(error.message).toContain('only the host name');
    },
  );

  it.each(['acme', '-a.test', 'a..test', 'acme.test ; rm', 'exämple.test', `${'a'.repeat(300)}.test`])(
    '%j is refused',
    (host) => {
      expect(refusal(() => check({ host })).field).toBe('host');
    },
  );

  it('is taken with blanks around it, and refused with the connector’s own reason', () => {
    expect(check({ host: '  acme.test\n' }).fields.host).toBe('acme.test');
    expect(refusal(() => check({ host: 'x.lightning.test' })).message).toBe('That is a page, not an API.');
  });
});

describe('a credential file', () => {
  const key =
    '{"type":"service_account","private_key":"-----BEGIN PRIVATE KEY-----\\nabc\\n-----END PRIVATE KEY-----\\n"}';

  it('that is a JSON object is kept as it is, apart from what stands around it', () => {
    expect(check({ host: 'acme.test' }, { keyFile: `\r\n ${key} \r\n` }).secrets.keyFile?.reveal()).toBe(key);
  });

  it.each([key.slice(0, 40), `${key}}`, '"just text"', '[1]', 'null', '-----BEGIN PRIVATE KEY-----', '<html></html>'])(
    'that is %j is refused at its field, without quoting it',
    (text) => {
      const error = refusal(() => check({ host: 'acme.test' }, { keyFile: text }));
      expect(error.field).toBe('keyFile');
      expect(error.message).toContain('is not the JSON it should be');
      expect(error.message).not.toContain(text);
    },
  );
});

it('a key with a blank or line end inside is refused, one with them around is cleaned', () => {
  expect(refusal(() => check({ host: 'acme.test' }, { token: 'abc def' })).field).toBe('token');
  expect(check({ host: 'acme.test' }, { token: '\t abc \r\n' }).secrets.token?.reveal()).toBe('abc');
});

it('whatever is typed becomes clean values or a refusal that names a field, and no secret is in it', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.constantFrom('__proto__', '1e999', '\u202e', '  '),
  );
  fc.assert(
    fc.property(text, text, text, (host, rows, token) => {
      try {
        const { fields, secrets } = check({ host, rows }, { token });
        expect(String(fields.host)).toMatch(/^[a-z0-9.-]+$/i);
        if (fields.rows !== undefined) expect(Number.isFinite(fields.rows)).toBe(true);
        expect(secrets.token?.reveal() ?? 'x').not.toMatch(/\s/);
      } catch (error) {
        expect(error).toBeInstanceOf(AppError);
        expect((error as AppError).field).toMatch(/^(host|rows|token)$/);
        if (token.trim().length > 8) expect(String(error)).not.toContain(token);
      }
    }),
    { numRuns: 1000 },
  );
});

describe('a base URL that is an address', () => {
  it.each(['10.0.0.5', '127.0.0.1:8443', '192.168.1.1', '[::1]', '[fd12::1]', '0x7f000001', '2130706433'])(
    'of a private network, %s, needs the tick',
    (host) => {
      const error = refusal(() => checkBaseUrl(`https://${host}`, 'loginBaseUrl', false));
      expect([error.code, error.field]).toEqual(['invalid_input', 'loginBaseUrl']);
      expect(error.message).toContain('"Allow private network addresses"');
      expect(checkBaseUrl(`https://${host}`, 'loginBaseUrl', true)).toMatch(/^https:/);
    },
  );

  it.each(['https://169.254.169.254', 'https://0.0.0.0', 'https://[fe80::1]', 'https://[fd00:ec2::254]'])(
    'for nobody, %s, is refused with or without the tick',
    (url) => {
      for (const allow of [false, true])
        expect(refusal(() => checkBaseUrl(url, 'apiBaseUrl', allow)).message).toContain('never used');
    },
  );

  it('of everybody is taken, by https only', () => {
    expect(checkBaseUrl('https://93.184.216.34', 'apiBaseUrl', false)).toBe('https://93.184.216.34');
    expect(refusal(() => checkBaseUrl('http://93.184.216.34', 'apiBaseUrl', true)).field).toBe('apiBaseUrl');
  });
});

it('any text as a base URL is an address without credentials, query and fragment, or refused at its field', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.webUrl({ withQueryParameters: true }), fc.string({ unit: 'binary' })),
      fc.boolean(),
      (text, allow) => {
        try {
          const url = new URL(checkBaseUrl(text, 'apiBaseUrl', allow));
          expect([url.username, url.password, url.search, url.hash]).toEqual(['', '', '', '']);
          expect(url.protocol === 'https:' || (allow && url.protocol === 'http:')).toBe(true);
        } catch (error) {
          expect(error).toMatchObject({ code: 'invalid_input', field: 'apiBaseUrl' });
        }
      },
    ),
    { numRuns: 1000 },
  );
});
