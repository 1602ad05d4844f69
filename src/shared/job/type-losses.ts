/** What a type would lose of the texts of a source, on a sample of its records: for a person who chooses the type by hand. */
import type { ColumnType } from '../connector.ts';
import { type CellValue, castBy, Misfit, type TextRules } from './cast.ts';

export interface TypeLosses {
  /** Records of the sample whose text does not come back. */
  readonly rows: number;
  /** Records of the sample. */
  readonly of: number;
  readonly example: string;
  /** Why the example is refused, to go on behind it. */
  readonly reason: string;
  /** What the example becomes when the mapping converts; null = it is refused then too. */
  readonly becomes: string | null;
}

/** @returns null when every text of the sample comes back */
export function typeLosses(sample: readonly string[], type: ColumnType, rules: TextRules): TypeLosses | null {
  if (type === 'text' || type === 'json') return null;
  const strict = castBy(type, { ...rules, converts: false });
  const loose = castBy(type, { ...rules, converts: true });
  let rows = 0;
  let found: Omit<TypeLosses, 'rows' | 'of'> | null = null;
  for (const text of sample) {
    const cell = strict(text);
    if (!(cell instanceof Misfit)) continue;
    rows += 1;
    // An example that can be converted says more than one that cannot.
    if (found === null || found.becomes === null) {
      const becomes = wordsOf(loose(text), type);
      if (found === null || becomes !== null) found = { example: text, reason: cell.reason, becomes };
    }
  }
  return found === null ? null : { ...found, rows, of: sample.length };
}

function wordsOf(cell: CellValue | Misfit, type: ColumnType): string | null {
  if (cell instanceof Misfit) return null;
  if (cell === null) return 'empty';
  return type === 'boolean' ? String(cell === 1) : String(cell);
}
