/** How a damaged file of the profile becomes usable again: one step after another, each less good than the one before it. */
import { existsSync } from 'node:fs';
import { type Backup, newestGood, restore } from './backup.ts';
import type { OpenRules, StoreNotice } from './open-rules.ts';
import { oddityOf } from './places.ts';
import type { ProfilePaths } from './profile.ts';
import { quarantine } from './quarantine.ts';
import { type Salvage, salvage } from './salvage.ts';

export interface Step {
  readonly notice: StoreNotice | null;
  /** True when content is lost, or may be, that no copy brought back. */
  readonly isEmptied: boolean;
}

export interface OddPlace {
  /** What stood in the place of the file, or else of its journal, for people. */
  readonly what: string;
  readonly part: 'file' | 'journal';
  /** Its name in the quarantine folder. */
  readonly name: string | null;
}

function when(date: Date): string {
  return `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function kept(name: string | null): string {
  return name === null ? '' : ` What was there is kept as data/quarantine/${name}.`;
}

function warning(rules: OpenRules, what: string, now: Date, text: string): StoreNotice {
  return { id: `${rules.file}-${what}-${now.getTime()}`, kind: 'warning', text };
}

/**
 * Moves folders, links that lead nowhere, pipes and files that may not be opened out of the places of a file and its journal.
 * @returns null when nothing odd was there
 */
export function clearPlace({ file }: OpenRules, path: string, profile: ProfilePaths, now: Date): OddPlace | null {
  const odd = oddityOf(path, 'follow');
  const what = odd ?? oddityOf(`${path}-wal`, 'refuse') ?? oddityOf(`${path}-shm`, 'refuse');
  if (what === null) return null;
  const name = quarantine(path, file, profile.quarantine, now, odd === null ? 'journal' : 'all');
  return { what, part: odd === null ? 'journal' : 'file', name };
}

/** What a journal that is none may have cost. */
export function journalNotice(rules: OpenRules, { what, name }: OddPlace, now: Date): StoreNotice {
  const text = `In place of the journal of ${lower(rules.title)} was ${what}. What was saved last before Patchbay ended may be lost.${kept(name)}`;
  return warning(rules, 'journal', now, text);
}

function lower(title: string): string {
  return title.charAt(0).toLowerCase() + title.slice(1);
}

/** What became of the entries that could not be read. */
function othersOf({ added }: Salvage, backup: Backup | null): string {
  if (added === 0 || backup === null) return 'the others are lost.';
  return `${added.toLocaleString('en')} more came from the backup of ${when(backup.madeAt)}, and the others are lost.`;
}

/** @returns the steps in the order in which to try them; a step answers null when it cannot be taken */
export function repairs(
  rules: OpenRules,
  path: string,
  profile: ProfilePaths,
  now: Date,
  odd: OddPlace | null,
  log: (text: string, error?: unknown) => void,
): (() => Step | null)[] {
  const { file, title } = rules;
  const putAside = (parts: 'journal' | 'all'): string | null =>
    quarantine(path, file, profile.quarantine, now, parts) ?? odd?.name ?? null;
  const found =
    odd?.part === 'file' ? `In place of ${lower(title)} was ${odd.what}.` : `${title} was damaged and was put aside.`;
  const newestBackup = (): Backup | null =>
    rules.backups !== 'none'
      ? newestGood(profile.backups, file, (bad, error) => log(`The backup ${bad} is damaged`, error))
      : null;
  const withoutJournal = (): Step | null => {
    if (!existsSync(`${path}-wal`) || !existsSync(path)) return null;
    const name = putAside('journal');
    const text = `${title} was left with a damaged journal, which was put aside. What was saved last before Patchbay ended may be lost.${kept(name)}`;
    return { notice: warning(rules, 'journal', now, text), isEmptied: false };
  };
  const salvaged = (): Step | null => {
    if (rules.salvage === 'never' || !existsSync(path)) return null;
    const backup = newestBackup();
    const copy = salvage(path, file, rules.migrations, backup?.path ?? null);
    if (copy === null) return null;
    const name = putAside('all');
    copy.putInPlace();
    const text = `${title} was damaged. ${copy.rows.toLocaleString('en')} entries could still be read and are in a new file; ${othersOf(copy, backup)}${kept(name)}`;
    return { notice: warning(rules, 'salvaged', now, text), isEmptied: true };
  };
  const fromBackup = (): Step | null => {
    const backup = newestBackup();
    if (backup === null) return null;
    const name = putAside('all');
    restore(backup, path);
    const text = `${found} The backup of ${when(backup.madeAt)} was restored; later changes are lost.${kept(name)}`;
    return { notice: warning(rules, 'restored', now, text), isEmptied: false };
  };
  const empty = (): Step => {
    const name = putAside('all');
    const text = `${found} ${rules.afterLoss}${kept(name)}`;
    return { notice: warning(rules, 'lost', now, text), isEmptied: true };
  };
  return rules.salvage === 'last'
    ? [withoutJournal, fromBackup, salvaged, empty]
    : [withoutJournal, salvaged, fromBackup, empty];
}
