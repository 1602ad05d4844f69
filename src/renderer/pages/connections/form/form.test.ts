import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { connectionInputSchema } from '../../../../shared/ipc/contract.ts';
import { sampleConnector, sampleField } from '../../../testing/samples.ts';
import {
  controlOf,
  emptyValues,
  fieldsOfForm,
  freeName,
  type Stored,
  toInput,
  validate,
  withName,
  withPractice,
} from './form.ts';

const NOTHING: Stored = { secrets: new Set(), hasClientSecret: false };
const connector = sampleConnector({
  fields: [
    sampleField({
      name: 'orgType',
      kind: 'select',
      options: [
        { value: 'production', label: 'Production' },
        { value: 'custom', label: 'Custom domain' },
      ],
    }),
    sampleField({
      name: 'domain',
      label: 'My Domain',
      kind: 'hostname',
      visibleWhen: { field: 'orgType', oneOf: ['custom'] },
    }),
  ],
  authMethods: [
    {
      id: 'oauth',
      label: 'OAuth',
      interactive: true,
      fields: [],
      clientSecret: 'required',
      scopes: [],
      redirectUris: [],
    },
    {
      id: 'key',
      label: 'Key',
      interactive: false,
      fields: [
        sampleField({
          name: 'apiKey',
          label: 'API key',
          kind: 'secret',
          pattern: { source: 'k-[0-9]+', message: 'A key begins with k-.' },
        }),
      ],
      scopes: [],
      redirectUris: [],
    },
  ],
});
const start = emptyValues(connector, 'Salesforce');
const custom = { ...start, fields: { ...start.fields, orgType: 'custom' } };
const byKey = { ...start, authMethodId: 'key' };

describe('a connection form', () => {
  it('begins with the first option and shows a field only when its condition holds', () => {
    expect(fieldsOfForm(connector, start).map((field) => field.name)).toEqual(['orgType']);
    expect(fieldsOfForm(connector, custom).map((field) => field.name)).toEqual(['orgType', 'domain']);
  });

  it.each([
    ['a blank name', { ...start, name: ' ' }, 'name', 'Enter a name for the connection.'],
    [
      'a name with a direction mark',
      { ...start, name: 'a\u202Eb' },
      'name',
      'Remove invisible characters (line ends, direction marks).',
    ],
    ['a missing field', custom, 'domain', 'Enter My Domain.'],
    [
      'a host with a scheme',
      { ...custom, fields: { ...custom.fields, domain: 'https://acme.com' } },
      'domain',
      'Enter only the host name for My Domain, without https://, a port or a path.',
    ],
    [
      'a host of one label, as main does',
      { ...custom, fields: { ...custom.fields, domain: 'acme' } },
      'domain',
      'My Domain is not a host name such as acme.example.com.',
    ],
    [
      'plain http without the tick for private addresses, as main does',
      { ...start, apiBaseUrl: 'http://127.0.0.1:4100' },
      'apiBaseUrl',
      'API base URL must begin with https://. Plain http is only possible for private addresses, with "Allow private network addresses" ticked.',
    ],
    ['a missing key', byKey, 'apiKey', 'Enter API key.'],
    ['a key of another shape', { ...byKey, secrets: { apiKey: 'abc' } }, 'apiKey', 'A key begins with k-.'],
    [
      'a base URL without a scheme',
      { ...start, apiBaseUrl: 'acme.com' },
      'apiBaseUrl',
      'API base URL is not a web address. It begins with https://, for example https://api.example.com.',
    ],
  ])('refuses %s at its control', (_what, values, control, message) => {
    expect(validate(connector, values, NOTHING, 'save')).toEqual({ [control]: message });
  });

  it('asks for the OAuth app only when a log-in starts', () => {
    expect(validate(connector, start, NOTHING, 'save')).toEqual({});
    expect(Object.keys(validate(connector, start, NOTHING, 'authorize'))).toEqual(['clientId', 'clientSecret']);
    expect(
      validate(connector, { ...start, clientId: 'x' }, { ...NOTHING, hasClientSecret: true }, 'authorize'),
    ).toEqual({});
  });

  it('does not ask again for a stored secret, and sends none that was not typed', () => {
    expect(validate(connector, byKey, { ...NOTHING, secrets: new Set(['apiKey']) }, 'save')).toEqual({});
    expect(toInput(connector, byKey).secrets).toEqual({});
    expect(toInput(connector, { ...byKey, secrets: { apiKey: ' k-1\r\n2 ' } }).secrets).toEqual({ apiKey: 'k-12' });
  });

  it('judges a key as it is sent, without the line ends that pasting has put into it', () => {
    expect(validate(connector, { ...byKey, secrets: { apiKey: ' k-1\r\n2 ' } }, NOTHING, 'save')).toEqual({});
  });

  it('takes plain http where private addresses are allowed', () => {
    const values = { ...start, apiBaseUrl: 'http://127.0.0.1:4100', allowPrivateNetwork: true };
    expect(validate(connector, values, NOTHING, 'save')).toEqual({});
  });

  it('asks for no key of a revoked connection, unless it is tested', () => {
    const revoked = { ...NOTHING, mayLackSecrets: true };
    expect(validate(connector, byKey, revoked, 'save')).toEqual({});
    expect(validate(connector, byKey, revoked, 'test')).toEqual({ apiKey: 'Enter API key.' });
  });

  it('names the stored secrets that are to go, unless another takes their place', () => {
    const removedSecrets = withName(['other'], 'apiKey', true);
    expect(toInput(connector, { ...byKey, removedSecrets }).removedSecrets).toEqual(['other', 'apiKey']);
    const typed = { ...byKey, removedSecrets: ['apiKey'], secrets: { apiKey: 'k-1' } };
    expect(toInput(connector, typed)).not.toHaveProperty('removedSecrets');
    expect(withName(removedSecrets, 'other', false)).toEqual(['apiKey']);
  });

  it('sends only what is visible, and what main accepts', () => {
    const input = toInput(connector, {
      ...start,
      fields: { ...start.fields, domain: 'left.over' },
      secrets: { apiKey: 'k-1' },
      loginBaseUrl: ' https://login.test ',
    });
    expect(input).toMatchObject({
      fields: { orgType: 'production' },
      secrets: {},
      overrides: { loginBaseUrl: 'https://login.test', allowPrivateNetwork: false },
    });
    expect(connectionInputSchema.safeParse(input).success).toBe(true);
  });

  it('never sends main an input of the wrong shape, whatever was typed into an accepted form', () => {
    fc.assert(
      fc.property(
        fc.record({ name: fc.string(), apiBaseUrl: fc.string(), domain: fc.string() }),
        ({ name, apiBaseUrl, domain }) => {
          const values = { ...custom, name, apiBaseUrl, fields: { ...custom.fields, domain } };
          const isAccepted = Object.keys(validate(connector, values, NOTHING, 'save')).length === 0;
          expect(!isAccepted || connectionInputSchema.safeParse(toInput(connector, values)).success).toBe(true);
        },
      ),
    );
  });

  it('is filled in on the practice tenant', () => {
    const practice = {
      connectorId: 'salesforce',
      authMethodId: 'key',
      fields: { orgType: 'custom', domain: 'p.test' },
      overrides: { apiBaseUrl: 'http://127.0.0.1:1', allowPrivateNetwork: true },
      filledSecrets: ['apiKey'],
      users: [],
    };
    expect(withPractice(start, practice)).toMatchObject({
      authMethodId: 'key',
      fields: { domain: 'p.test' },
      apiBaseUrl: 'http://127.0.0.1:1',
      allowPrivateNetwork: true,
    });
  });
});

describe('the small parts', () => {
  it('finds a free name', () => {
    expect(freeName('Zendesk', new Set(['zendesk', 'zendesk 2']))).toBe('Zendesk 3');
  });

  it.each([
    [undefined, 'form'],
    ['input.overrides.apiBaseUrl', 'apiBaseUrl'],
    ['name', 'name'],
  ])('an error at %j stands at %j', (path, control) => expect(controlOf(path)).toBe(control));
});
