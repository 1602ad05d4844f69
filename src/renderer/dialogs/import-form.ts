/** What the person has chosen of a file so far. */
import type { ImportEntry, ImportVerdict } from '../../shared/transfer.ts';

export interface EntryChoice {
  readonly isChosen: boolean;
  readonly name: string;
}
export type Choices = ReadonlyMap<number, EntryChoice>;

export const VERDICTS: Readonly<
  Record<ImportVerdict, { readonly words: string; readonly kind: 'good' | 'warn' | 'bad' }>
> = {
  new: { words: 'New', kind: 'good' },
  nameTaken: { words: 'Name is taken', kind: 'warn' },
  overLimit: { words: 'Over the limit', kind: 'bad' },
  unknownConnector: { words: 'Unknown connector', kind: 'bad' },
  invalid: { words: 'Cannot be used', kind: 'bad' },
};

/** Over the limit may be chosen all the same: leaving another one out makes room. */
export function canChoose({ verdict }: ImportEntry): boolean {
  return verdict === 'new' || verdict === 'nameTaken' || verdict === 'overLimit';
}

export function firstChoices(entries: readonly ImportEntry[]): Choices {
  return new Map(
    entries.map((entry) => [
      entry.index,
      { isChosen: entry.verdict === 'new' || entry.verdict === 'nameTaken', name: entry.suggestedName },
    ]),
  );
}

/** What is sent: chosen entries with the names to give them. */
export function chosenOf(choices: Choices): { index: number; name: string }[] {
  return [...choices].filter(([, { isChosen }]) => isChosen).map(([index, { name }]) => ({ index, name: name.trim() }));
}
