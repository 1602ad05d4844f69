import { expect, it } from 'vitest';
import { inDays, toInstant, toLocalText } from './until.ts';

it('a date goes into the control and comes back as the same instant', () => {
  const date = new Date(2026, 2, 8, 9, 5);
  expect(toLocalText(date)).toBe('2026-03-08T09:05');
  expect(toInstant(toLocalText(date))).toBe(date.toISOString());
});

it('what is no date is none', () => {
  expect([toInstant(''), toInstant('soon')]).toEqual([null, null]);
});

it('some days ahead is the same hour on that day, also over a change of the clocks', () => {
  const start = new Date(2026, 2, 25, 14, 37);
  const later = inDays(start.getTime(), 7);
  expect([later.getDate(), later.getHours(), later.getMinutes()]).toEqual([1, 14, 0]);
});
