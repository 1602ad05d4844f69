import type { DataFile, WritableDb } from './database.ts';
import type { Migration } from './migrate.ts';

/** Something a person should know about the profile; shown until dismissed. */
export interface StoreNotice {
  readonly id: string;
  readonly kind: 'info' | 'warning';
  readonly text: string;
}

/** How a file of the profile is opened, checked and repaired. */
export interface OpenRules {
  readonly file: DataFile;
  readonly migrations: readonly Migration[];
  /** `whole`: integrity and references, bounded in time. `cheap`: header, schema and what `probe` reads. */
  readonly check: 'whole' | 'cheap';
  /** The profile was used before: an empty or missing file is then a loss, not a beginning. */
  readonly isExpected?: boolean;
  /** Reads what a start needs, so that damage there is found now; throws when it finds any. */
  readonly probe?: (db: WritableDb) => void;
  /**
   * Which old copies there are to restore. `rotating`: seven, made while the app is used. `beforeUpgrade`: the last one of those.
   * `none` for the vault: an old refresh token would end the grant, and a deleted secret must not live on in a copy.
   */
  readonly backups: 'rotating' | 'beforeUpgrade' | 'none';
  /** What a person calls the file: "The activity history". */
  readonly title: string;
  /** What its loss means and what to do, when the file starts empty. */
  readonly afterLoss: string;
  /** Whether what is still readable is brought into a new file, before a backup is restored or after there was none. */
  readonly salvage: 'first' | 'last' | 'never';
}
