import { describe, expect, it } from 'vitest';
import type { SourceField } from '../../../shared/connector.ts';
import { checkJob, columnFor, emptyJob, newRow, valuesOfJob, withAllFields, withObject } from './form.ts';

const field = (name: string, part: Partial<SourceField> = {}): SourceField => ({
  name,
  label: name,
  type: 'text',
  isKey: false,
  isCursor: false,
  required: false,
  ...part,
});
const fields = [
  field('Id', { isKey: true }),
  field('Name'),
  field('Owner.Email'),
  field('SystemModstamp', { type: 'datetime', isCursor: true }),
];
const chosen = withObject({ ...emptyJob('conn0001'), name: 'Company Sync', sourceObject: 'Account' }, fields);

describe('a job form', () => {
  it('is ready to save once an object was chosen', () => {
    const checked = checkJob(chosen);
    expect(checked).toMatchObject({
      ok: true,
      settings: { keyColumn: 'Id', mode: 'incremental', cursorField: 'SystemModstamp' },
    });
  });

  it('comes back from stored settings as it was', () => {
    const checked = checkJob({
      ...chosen,
      mapping: [
        ...chosen.mapping,
        newRow({ target: 'Full', kind: 'derived', text: 'First, Last', separator: ' ' }),
        newRow({ target: 'Kind', kind: 'constant', type: 'integer', text: '7' }),
      ],
    });
    if (!checked.ok) throw new Error(JSON.stringify(checked.errors));
    expect(checked.settings.mapping.slice(-2).map((mapping) => mapping.from)).toEqual([
      { kind: 'derived', operation: 'join', paths: ['First', 'Last'], separator: ' ' },
      { kind: 'constant', value: 7 },
    ]);
    expect(checkJob(valuesOfJob(checked.settings))).toEqual(checked);
  });

  it('keeps how dates, decimals and conversions are meant, and drops what the type has no use for', () => {
    const rules = { formats: 'DD/MM/YYYY; MMMM D, YYYY', timeZone: ' Europe/Berlin ', converts: true, decimals: 2 };
    const checked = checkJob({
      ...chosen,
      mapping: [
        ...chosen.mapping,
        newRow({ target: 'Day', type: 'datetime', text: 'Name', ...rules }),
        newRow({ target: 'Price', type: 'real', text: 'Name', ...rules }),
        newRow({ target: 'Note', type: 'json', text: 'Name', ...rules }),
      ],
    });
    if (!checked.ok) throw new Error(JSON.stringify(checked.errors));
    const [day, price, note] = checked.settings.mapping.slice(-3);
    expect(day).toMatchObject({
      formats: ['DD/MM/YYYY', 'MMMM D, YYYY'],
      timeZone: 'Europe/Berlin',
      converts: true,
    });
    expect(day).not.toHaveProperty('decimals');
    expect(price).toEqual({
      target: 'Price',
      type: 'real',
      required: false,
      decimals: 2,
      converts: true,
      from: { kind: 'direct', path: 'Name' },
    });
    expect(Object.keys(note ?? {}).sort()).toEqual(['from', 'required', 'target', 'type']);
    expect(checkJob(valuesOfJob(checked.settings))).toEqual(checked);
  });

  it.each([
    ['an unknown part of a date format', { formats: 'dd/MM/YYYY' }, 'formats', /dd is not part of a date format/],
    ['an unknown time zone', { timeZone: 'Europe/Atlantis' }, 'timeZone', /not a known time zone/],
    ['a constant that is no date', { kind: 'constant' as const, text: 'Test 2' }, 'from.value', /not a date or time/],
  ])('names the row with %s', (_what, part, control, message) => {
    const checked = checkJob({
      ...chosen,
      mapping: [...chosen.mapping, newRow({ target: 'Day', type: 'datetime', text: 'Name', ...part })],
    });
    expect(checked.ok ? '' : checked.errors[`mapping.${chosen.mapping.length}.${control}`]).toMatch(message);
  });

  it.each([
    ['integer', '9007199254740993', /too large for an exact whole number/],
    ['real', '0.1234567890123456789', /more digits than a number keeps exactly/],
    ['integer', '00501', /leading zeros/],
    ['boolean', 'maybe', /neither true nor false/],
  ] as const)('refuses a constant that its %s column would reject: %s', (type, text, problem) => {
    const row = newRow({ target: 'Kind', kind: 'constant', type, text });
    const checked = checkJob({ ...chosen, mapping: [...chosen.mapping, row] });
    expect(checked.ok ? {} : checked.errors).toEqual({
      [`mapping.${chosen.mapping.length}.from.value`]: expect.stringMatching(problem),
    });
  });

  it.each([
    ['no name', { name: ' ' }, 'name', 'Enter a name for the job.'],
    ['no connection', { connectionId: '' }, 'connectionId', 'Choose a connection.'],
    ['no mapping', { mapping: [] }, 'mapping', 'Map at least one field.'],
    ['a key that is not mapped', { keyColumn: 'Nope' }, 'keyColumn', 'This column is not in the mapping.'],
    [
      'incremental without a cursor',
      { cursorField: '' },
      'cursorField',
      'Choose the field that says when a record changed.',
    ],
    [
      'a destination without an object',
      { destinationKind: 'connection' as const, destinationConnectionId: 'conn0002', destinationKeys: ['Id'] },
      'destination.object',
      'Choose the object to load into.',
    ],
    [
      'a column name with a blank',
      { mapping: [newRow({ target: 'a b', text: 'x' })] },
      'mapping.0.target',
      'Use letters, digits and underscores; begin with a letter.',
    ],
    [
      'a doubled column',
      { mapping: [newRow({ target: 'Id', text: 'x' }), newRow({ target: 'id', text: 'y' })] },
      'mapping.1.target',
      'This name is used twice.',
    ],
    [
      'a mapping without a source',
      { mapping: [newRow({ target: 'Id' })] },
      'mapping.0.from.path',
      'Enter a source field.',
    ],
  ])('refuses %s at its control', (_what, part, control, message) => {
    const checked = checkJob({ ...chosen, ...part });
    expect(checked.ok ? {} : checked.errors).toMatchObject({ [control]: message });
  });
});

describe('mapping all fields', () => {
  it('adds what is missing and keeps what is there', () => {
    const rows = withAllFields([newRow({ target: 'Name', text: 'LegalName' })], fields);
    expect(rows.map((row) => `${row.target}<-${row.text}`)).toEqual([
      'Name<-LegalName',
      'Id<-Id',
      'Name_2<-Name',
      'Owner_Email<-Owner.Email',
      'SystemModstamp<-SystemModstamp',
    ]);
  });

  it.each([
    ['owner.email', 'owner_email'],
    ['2nd name', 'nd_name'],
    ['Größe (m²)', 'Gro_e_m2'],
    ['…', 'column'],
  ])('names a column after %s', (name, column) => {
    expect(columnFor(name, new Set())).toBe(column);
  });
});
