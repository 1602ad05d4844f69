/** Turns of which the fastest counts: other work on the machine makes some slower, and none faster. */
const TURNS = 7;

/**
 * How much more time one input of `size * factor` takes than `factor` inputs of `size`: about 1 for linear work, about `factor`
 * for quadratic work. A ratio inside one process, so it says the same on a fast, a slow and a busy machine.
 *
 * @param work does the work on an input of that size; it makes the input outside of what is to be judged, or in linear time
 */
export function growth(work: (size: number) => void, size: number, factor = 32): number {
  let small = Number.POSITIVE_INFINITY;
  let large = Number.POSITIVE_INFINITY;
  for (let turn = 0; turn < TURNS; turn += 1) {
    small = Math.min(
      small,
      timeOf(() => {
        for (let n = 0; n < factor; n += 1) work(size);
      }),
    );
    large = Math.min(
      large,
      timeOf(() => work(size * factor)),
    );
  }
  return large / small;
}

/** Milliseconds. */
function timeOf(work: () => void): number {
  const begin = performance.now();
  work();
  return performance.now() - begin;
}

/** More than this is no longer linear: with the usual factor of 32 quadratic work shows about 32, and large strings up to 5. */
export const LINEAR = 12;
