import { describe, expect, it } from 'vitest';
import type { SourceField } from '../../../shared/connector.ts';
import { newRow, withAllFields } from './form.ts';
import type { MappingRow } from './mapping-row.ts';
import { changedRow, lossesOf, lossWords } from './type-rules.ts';

const field = (name: string, sample: string[] | undefined, part: Partial<SourceField> = {}): SourceField => ({
  name,
  label: name,
  type: 'text',
  isKey: false,
  isCursor: false,
  required: false,
  ...(sample === undefined ? {} : { sample }),
  ...part,
});
const fields = [
  field('zip', ['00501', '10001', '', '00544']),
  field('price', ['250.00', '250.0', '19.5']),
  field('fixed', ['250.00', '19.50'], { type: 'real', decimals: 2 }),
  field('day', ['31/12/2024', '01/02/2025']),
  field('active', ['yes', 'no', 'maybe']),
  field('other', undefined),
];

/** A row of another type that a person gives this one. */
function chosen({ type = 'text', ...part }: Partial<MappingRow>): MappingRow {
  const row = changedRow(newRow({ ...part, type: 'json' }), { type }, fields);
  return changedRow(row, { formats: part.formats ?? '', converts: part.converts ?? false }, fields);
}

function words(part: Partial<MappingRow>): string | null {
  const row = chosen(part);
  const losses = lossesOf(row, fields);
  return losses === null ? null : lossWords(losses, row.converts);
}

describe('a type chosen by hand', () => {
  it('says what it would lose, on real records', () => {
    expect(words({ text: 'zip', type: 'integer' })).toBe(
      '2 of 4 sample records would be rejected, because their values would change: “00501” would become 501.',
    );
    expect(words({ text: 'zip', type: 'integer', converts: true })).toBe(
      '2 of 4 sample records change: “00501” becomes 501.',
    );
    expect(words({ text: 'price', type: 'real' })).toBe(
      '2 of 3 sample records would be rejected, because their values would change: “250.00” would become 250.',
    );
    expect(words({ text: 'active', type: 'boolean' })).toContain('3 of 3 sample records would be rejected');
    expect(words({ text: 'active', type: 'boolean' })).toContain('“yes” would become true');
    expect(words({ text: 'zip', type: 'datetime' })).toBe(
      '3 of 4 sample records would be rejected: “00501” is not a date or time in ISO 8601.',
    );
  });

  it('says nothing where nothing is lost, or no records are known', () => {
    expect(words({ text: 'zip', type: 'text' })).toBeNull();
    expect(words({ text: 'fixed', type: 'real' })).toBeNull();
    expect(words({ text: 'other', type: 'integer' })).toBeNull();
    expect(words({ text: 'zip', type: 'integer', kind: 'constant' })).toBeNull();
    expect(words({ text: 'day', type: 'datetime', formats: 'DD/MM/YYYY' })).toBeNull();
  });

  it('judges dates by the formats of the row, and leaves a half-typed format alone', () => {
    expect(words({ text: 'day', type: 'datetime' })).toContain('2 of 2');
    expect(words({ text: 'day', type: 'datetime', formats: 'MM/DD/YYYY' })).toContain('1 of 2');
    expect(words({ text: 'day', type: 'datetime', formats: 'MM/DD/YY' })).toBeNull();
  });

  it('takes the decimals of its field: those that were found, or those of the sample', () => {
    expect(chosen({ text: 'fixed', type: 'real' }).decimals).toBe(2);
    expect(chosen({ text: 'price', type: 'real' }).decimals).toBe('shortest');
    expect(chosen({ text: 'fixed', type: 'integer' }).decimals).toBeUndefined();
    expect(chosen({ text: 'other', type: 'real' }).decimals).toBeUndefined();
    expect(withAllFields([], fields).find(({ text }) => text === 'fixed')?.decimals).toBe(2);
  });

  it('drops date rules and conversions with the type they belong to', () => {
    const dated = newRow({ text: 'day', type: 'datetime', formats: 'DD/MM/YY', timeZone: 'UTC', converts: true });
    expect(changedRow(dated, { type: 'text' }, fields)).toMatchObject({ formats: '', timeZone: '', converts: false });
    expect(changedRow(dated, { required: true }, fields)).toMatchObject({ formats: 'DD/MM/YY', converts: true });
  });
});
