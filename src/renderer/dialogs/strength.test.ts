import { expect, it } from 'vitest';
import { strengthOf } from './strength.ts';

it.each([
  ['', 'short'],
  ['123456789', 'short'],
  ['1234567890', 'fair'],
  ['correct horse batt', 'good'],
  ['correct horse battery staple', 'strong'],
  ['👩‍👧'.repeat(2), 'short'],
])('%j is %s', (passphrase, level) => {
  expect(strengthOf(passphrase).level).toBe(level);
});
