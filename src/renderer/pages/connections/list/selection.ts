/** Which rows are chosen, as pure functions; the store holds what they answer. */

/** Adds a row, or takes it away. */
export function toggled(selected: ReadonlySet<string>, id: string): Set<string> {
  const after = new Set(selected);
  if (!after.delete(id)) after.add(id);
  return after;
}

/** Adds all from one place of the list to another, both included, in whatever order they are named. */
export function withRange(
  selected: ReadonlySet<string>,
  ids: readonly string[],
  from: number,
  to: number,
): Set<string> {
  const [first, last] = from < to ? [from, to] : [to, from];
  return new Set([...selected, ...ids.slice(Math.max(0, first), last + 1)]);
}
