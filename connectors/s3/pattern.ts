/** File name patterns. Matched by hand, not as regular expressions: patterns come from people and must stay linear to match. */

/** One character of a pattern; `name` is a star, `any` two. */
type Unit = { readonly kind: 'text'; readonly character: string } | { readonly kind: 'one' | 'name' | 'any' };

/**
 * True when the whole key matches. `*` stands for anything within a folder, `**` for anything, `?` for one character of a
 * name. Case-sensitive, as keys are. All places of the pattern that the key may be at are followed side by side, so the
 * time is at most length times length.
 */
export function matchesPattern(key: string, pattern: string): boolean {
  const units = unitsOf(pattern);
  let places = withStarsSkipped(new Uint8Array(units.length + 1), 0, units);
  for (const character of key) {
    const next = new Uint8Array(units.length + 1);
    units.forEach((unit, place) => {
      if (places[place] !== 1 || !takes(unit, character)) return;
      const isStar = unit.kind === 'name' || unit.kind === 'any';
      withStarsSkipped(next, isStar ? place : place + 1, units);
    });
    places = next;
  }
  return places[units.length] === 1;
}

function unitsOf(pattern: string): Unit[] {
  const units: Unit[] = [];
  for (const part of pattern.match(/\*+|[^*]/gsu) ?? []) {
    if (part === '?') units.push({ kind: 'one' });
    else if (part.startsWith('*')) units.push({ kind: part === '*' ? 'name' : 'any' });
    else units.push({ kind: 'text', character: part });
  }
  return units;
}

function takes(unit: Unit, character: string): boolean {
  if (unit.kind === 'text') return unit.character === character;
  return unit.kind === 'any' || character !== '/';
}

/** Marks a place, and those behind the stars that begin there, since a star may stand for nothing. */
function withStarsSkipped(
  places: Uint8Array<ArrayBuffer>,
  from: number,
  units: readonly Unit[],
): Uint8Array<ArrayBuffer> {
  for (let place = from; places[place] !== 1; place += 1) {
    places[place] = 1;
    const kind = units[place]?.kind;
    if (kind !== 'name' && kind !== 'any') break;
  }
  return places;
}

/** What every matching key begins with: narrows a listing. */
export function literalHead(pattern: string): string {
  const wildcard = pattern.search(/[*?]/);
  return wildcard === -1 ? pattern : pattern.slice(0, wildcard);
}

/** Dates, times and running numbers: a run of digits that stands alone, or is long enough to be a date anyway. */
const STANDALONE = /(?<![A-Za-z0-9])\d+(?:[-_.:T]\d+)*(?:Z(?![A-Za-z]))?(?![A-Za-z0-9])/g;
const DATE_LIKE = /\d{6,}/g;

/** "usage-2026-07-01.csv" is one of "usage-*.csv"; folders that are only numbers collapse too. */
export function collapseNumbers(key: string): string {
  const cut = key.lastIndexOf('.', key.endsWith('.gz') ? key.length - 4 : key.length);
  const end = cut > key.lastIndexOf('/') ? cut : key.length;
  return key.slice(0, end).replace(STANDALONE, '*').replace(DATE_LIKE, '*') + key.slice(end);
}

/** True when the number in it is long enough to be a date, so that a single file of its kind is taken for the first of many. */
export function hasDate(key: string): boolean {
  return /\d{6,}|\d{4}[-_.]\d{1,2}/.test(key);
}
