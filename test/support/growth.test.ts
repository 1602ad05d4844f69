import { expect, test } from 'vitest';
import { growth, LINEAR } from './growth.ts';

let sum = 0;
const steps = (count: number): void => {
  for (let n = 0; n < count; n += 1) sum += n % 7;
};

test('linear and quadratic work are told apart, whatever else the machine does', () => {
  expect(growth((size) => steps(size * 100), 2_000)).toBeLessThan(LINEAR);
  expect(growth((size) => steps(size * size), 150)).toBeGreaterThan(LINEAR);
  expect(sum).toBeGreaterThan(0);
});
