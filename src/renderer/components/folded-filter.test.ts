import { describe, expect, it } from 'vitest';
import { foldedFilter } from './folded-filter.ts';

const option = (label: string) => ({ value: label, label, disabled: false });

describe('the search of a picker', () => {
  it('folds case by Unicode, in groups too, and keeps to its limit', () => {
    const options = [
      option('Ägypten'),
      { group: 'Москва', items: [option('МОСКВА'), option('Kiew')] },
      option('agypten 2'),
    ];
    expect(foldedFilter({ options, search: ' ÄGYPTEN', limit: 10 })).toEqual([option('Ägypten'), option('agypten 2')]);
    expect(foldedFilter({ options, search: 'москва', limit: 10 })).toEqual([
      { group: 'Москва', items: [option('МОСКВА')] },
    ]);
    expect(foldedFilter({ options, search: '', limit: 2 })).toEqual([
      option('Ägypten'),
      { group: 'Москва', items: [option('МОСКВА')] },
    ]);
  });
});
