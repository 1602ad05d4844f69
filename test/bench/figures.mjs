// Figures as the benchmarks give them: {what, value, bar, ok, rounds}. A value is the median of its rounds.

const sorted = (numbers) => [...numbers].sort((a, b) => a - b);

/** The number that `share` of them do not exceed. */
export const at = (numbers, share) => sorted(numbers)[Math.min(numbers.length - 1, Math.floor(numbers.length * share))];

export function median(numbers) {
  const list = sorted(numbers);
  const middle = Math.floor(list.length / 2);
  return list.length % 2 === 1 ? list[middle] : (list[middle - 1] + list[middle]) / 2;
}

export const atLeast = (what, rounds, bar) => ({
  what,
  value: median(rounds),
  bar: `>= ${bar}`,
  ok: median(rounds) >= bar,
  rounds,
});

export const atMost = (what, rounds, bar) => ({
  what,
  value: median(rounds),
  bar: `<= ${bar}`,
  ok: median(rounds) <= bar,
  rounds,
});

/** Without a bar. */
export const seen = (what, rounds) => ({ what, value: median(rounds), rounds });
