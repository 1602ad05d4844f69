import { expect, it } from 'vitest';
import type { GrantLoss } from '../../../../shared/ipc/contract/credentials.ts';
import { lossSummary } from './losses.ts';

const loss = (change: Partial<GrantLoss>): GrantLoss => ({
  object: 'Account',
  jobs: ['Company Sync'],
  refusal: null,
  lostFields: [],
  usedFields: 0,
  ...change,
});

it.each([
  [[loss({ lostFields: ['A', 'B', 'C'], usedFields: 41 })], '3 of 41 mapped fields lost'],
  [[loss({ refusal: 'Not permitted', lostFields: ['A'], usedFields: 1 })], '1 object cannot be read'],
  [
    [
      loss({ lostFields: ['A'], usedFields: 20 }),
      loss({ object: 'Contact', lostFields: ['B'], usedFields: 5 }),
      loss({ object: 'Case', refusal: 'Not permitted', lostFields: ['C'], usedFields: 9 }),
    ],
    '1 object cannot be read, 2 of 25 mapped fields lost',
  ],
])('what is lost is said in one line', (losses, words) => {
  expect(lossSummary(losses)).toBe(words);
});
