import { expect, it } from 'vitest';
import { passesFilter } from './filter.ts';

it.each([
  ['9007199254740993', 'eq', '9007199254740992', false],
  ['9007199254740993', 'gt', '9007199254740992', true],
  ['999999999999999.001', 'eq', '999999999999999.002', false],
  ['12345678901234567890', 'gt', '9', true],
  ['-12345678901234567890', 'lt', '-9', true],
  ['1.50', 'eq', '1.5', true],
  ['00501', 'eq', '501', false],
] as const)('%s %s %s is %s', (cell, operator, value, passes) => {
  expect(passesFilter({ n: cell }, [{ field: 'n', operator, value }])).toBe(passes);
});
