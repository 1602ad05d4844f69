import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleConnector, sampleField } from '../../../testing/samples.ts';
import { emptyValues } from './form.ts';
import { labelOf, rebase, withValue, wordsOf } from './rebase.ts';

const connector = sampleConnector({
  fields: [
    sampleField({ name: 'subdomain', label: 'Subdomain' }),
    sampleField({
      name: 'orgType',
      label: 'Org type',
      kind: 'select',
      options: [{ value: 'sandbox', label: 'Sandbox' }],
    }),
  ],
});
const base = withValue(emptyValues(connector, 'Support'), 'fields.subdomain', 'acme');
const typed = { ...withValue(base, 'name', 'Support EMEA'), secrets: { token: 'typed' }, clientSecret: 'typed too' };

describe('what was typed, upon what is stored now', () => {
  it('stays as it is where nothing of the form has changed', () => {
    expect(rebase(base, typed, base)).toEqual({ values: typed, differences: [], adopted: [] });
  });

  it('takes over what somebody else has changed elsewhere in the form, and keeps what was typed, secrets too', () => {
    const stored = withValue(withValue(base, 'apiBaseUrl', 'https://proxy.acme.test'), 'fields.subdomain', 'acme-eu');
    const { values, differences, adopted } = rebase(base, typed, stored);
    expect(values).toEqual({ ...stored, name: 'Support EMEA', secrets: { token: 'typed' }, clientSecret: 'typed too' });
    expect(differences).toEqual([]);
    expect(adopted).toEqual(['apiBaseUrl', 'fields.subdomain']);
  });

  it('keeps what was typed where both have changed the same control, and shows both', () => {
    const { values, differences } = rebase(base, typed, withValue(base, 'name', 'Support US'));
    expect(values.name).toBe('Support EMEA');
    expect(differences).toEqual([{ key: 'name', stored: 'Support US', typed: 'Support EMEA' }]);
    expect(rebase(base, typed, withValue(base, 'name', ' Support EMEA ')).differences).toEqual([]);
  });

  it('loses nothing: each control is as typed, as stored, or shown with both', () => {
    const value = fc.constantFrom('', 'a', 'b', 'c');
    const values = fc.record({ name: value, apiBaseUrl: value, subdomain: value }).map(({ subdomain, ...rest }) => ({
      ...withValue(base, 'fields.subdomain', subdomain),
      ...rest,
    }));
    const read = (form: typeof base) => [form.name, form.apiBaseUrl, form.fields.subdomain];
    fc.assert(
      fc.property(values, values, values, (was, mine, theirs) => {
        const merged = rebase(was, mine, theirs);
        const conflicts = new Set(merged.differences.map(({ key }) => key));
        for (const [place, key] of ['name', 'apiBaseUrl', 'fields.subdomain'].entries()) {
          const [own, now, before, out] = [mine, theirs, was, merged.values].map((form) => read(form)[place]);
          expect(out).toBe(own === before ? now : own);
          expect(conflicts.has(key)).toBe(own !== before && now !== before && own !== now);
        }
      }),
    );
  });
});

it('controls and values are told in the words of the form', () => {
  expect(['name', 'fields.subdomain'].map((key) => labelOf(connector, key))).toEqual([
    'Name of the Connection',
    'Subdomain',
  ]);
  expect(wordsOf(connector, 'fields.orgType', 'sandbox')).toBe('Sandbox');
  expect(wordsOf(connector, 'allowPrivateNetwork', true)).toBe('yes');
  expect(wordsOf(connector, 'authMethodId', 'oauth')).toBe('OAuth');
  expect(wordsOf(connector, 'apiBaseUrl', ' ')).toBe('not set');
});
