import { expect, it } from 'vitest';
import type { SourceField } from '../../../shared/connector.ts';
import { destinationFit } from './destination-fit.ts';
import { newRow } from './form.ts';

const field = (name: string, required = false): SourceField => ({
  name,
  label: name,
  type: 'text',
  isKey: false,
  isCursor: false,
  required,
});
const mapping = ['Name', ' Account_Id ', 'Nmae', ''].map((target) => newRow({ target }));

it('tells which columns the object has, which it has not, and what it requires besides', () => {
  expect(destinationFit(mapping, [field('Name', true), field('Account_Id'), field('Renewal_Date', true)])).toEqual({
    matching: ['Name', 'Account_Id'],
    stray: ['Nmae'],
    missing: ['Renewal_Date'],
  });
});

it('blames nobody while the fields are not known', () => {
  expect(destinationFit(mapping, null)).toEqual({ matching: ['Name', 'Account_Id', 'Nmae'], stray: [], missing: [] });
});
