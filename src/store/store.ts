import { z } from 'zod';
import type { Update } from '../shared/activity/activity.ts';
import { removeLeftovers } from './atomic-file.ts';
import { backUp } from './backup.ts';
import { type BackupEntry, fulfilRestore, listConfigBackups, wishRestore } from './backup-restore.ts';
import { recordClosed, untouchedFiles } from './closed-files.ts';
import {
  checkpoint,
  closeDatabase,
  DATA_FILES,
  type DataFile,
  inTransaction,
  onDamage,
  type WritableDb,
} from './database.ts';
import { CONFIG_RULES, HISTORY_RULES, VAULT_RULES } from './file-rules.ts';
import { FullCheck } from './full-check.ts';
import type { StoreNotice } from './open-rules.ts';
import type { ProfilePaths } from './profile.ts';
import { ConnectionHealth } from './repositories/connection-health.ts';
import { ConnectionList } from './repositories/connection-list.ts';
import { ConnectionRepository } from './repositories/connections.ts';
import { ExecutionLogRepository } from './repositories/execution-logs.ts';
import { ExecutionRepository } from './repositories/executions.ts';
import { HistoryRemoval } from './repositories/history-removal.ts';
import { JobRepository } from './repositories/jobs.ts';
import { OAuthAppRepository } from './repositories/oauth-apps.ts';
import { SearchIndexing } from './repositories/search-indexing.ts';
import { SettingsRepository } from './repositories/settings.ts';
import { TenantRepository } from './repositories/tenants.ts';
import { UpdateOutbox, UpdateRepository } from './repositories/updates.ts';
import type { ReportUnreadable, RowTrust } from './rows.ts';
import { dataPath, markSuspect, type OpenedFile, openChecked } from './startup-check.ts';

export interface StoreOptions {
  readonly profile: ProfilePaths;
  /** The app's version: files are trusted only as long as the same version wrote them. */
  readonly version: string;
  /** Told of what was found at start, and of damage found later. */
  readonly onNotice: (notice: StoreNotice) => void;
  readonly log: (text: string, error?: unknown) => void;
}

/** The repositories over history.db; replaced as a whole when the file turns out to be damaged. */
interface History {
  readonly db: WritableDb;
  readonly executions: ExecutionRepository;
  readonly health: ConnectionHealth;
  readonly logs: ExecutionLogRepository;
  readonly updates: UpdateRepository;
  readonly removal: HistoryRemoval;
}

/** Set once every file of the profile has been made. */
const IS_MADE = 'profileIsMade';
interface OpenFiles {
  readonly config: WritableDb;
  readonly vault: OpenedFile;
  readonly history: WritableDb;
  readonly trust: RowTrust;
  readonly isRestored: boolean;
}

const MAINTENANCE_MS = 60_000;
const BACKUP_EVERY_MS = 10 * 60_000;
/** Between two slices of the search index, so that everything else goes first. */
const INDEXING_PAUSE_MS = 20;

/** Main's files: configuration, history and the vault's. The record cache belongs to the worker. */
export class Store {
  readonly tenants: TenantRepository;
  readonly connections: ConnectionRepository;
  readonly connectionList: ConnectionList;
  readonly oauthApps: OAuthAppRepository;
  readonly jobs: JobRepository;
  readonly settings: SettingsRepository;
  readonly vaultDb: WritableDb;
  /** True when the vault's file was damaged and secrets may be lost: credentials of connections may be missing. */
  readonly isVaultEmptied: boolean;
  /** True when this start has put an older configuration in place: credentials may be missing. */
  readonly isRestored: boolean;
  readonly #options: StoreOptions;
  readonly #config: WritableDb;
  readonly #outbox: UpdateOutbox;
  #history: History;
  #changedSinceBackup = false;
  #backedUpAt = 0;
  #backup: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #fullCheck: FullCheck | null = null;

  private constructor(options: StoreOptions, { config, vault, history, trust, isRestored }: OpenFiles) {
    const report = reportTo(options);
    this.#options = options;
    this.#config = config;
    this.vaultDb = vault.db;
    this.isVaultEmptied = vault.isEmptied;
    this.isRestored = isRestored;
    this.tenants = new TenantRepository(config, report);
    this.connections = new ConnectionRepository(config, report, trust);
    this.connectionList = new ConnectionList(config, report, trust);
    this.oauthApps = new OAuthAppRepository(config, report);
    this.jobs = new JobRepository(config, report, trust);
    this.settings = new SettingsRepository(config);
    this.#outbox = new UpdateOutbox(config, report);
    this.#history = this.#adoptHistory(history);
    onDamage(config, (error) => this.#foundDamage('config', String(error)));
    onDamage(vault.db, (error) => this.#foundDamage('vault', String(error)));
  }

  /**
   * Opens and, where needed, repairs and upgrades the three files.
   * @throws AppError newer_profile | disk_full | busy
   */
  static async open(options: StoreOptions): Promise<Store> {
    const { profile, log, onNotice } = options;
    removeLeftovers(profile.backups);
    const restored = fulfilRestore(profile, log);
    if (restored !== null) onNotice(restored.notice);
    const untouched = untouchedFiles(profile, options.version, pathsOf(profile));
    const checkOf = (file: DataFile) => (untouched.has(file) ? 'cheap' : 'whole');
    const config = await openChecked({ ...CONFIG_RULES, check: checkOf('config') }, profile, log);
    const isExpected = new SettingsRepository(config.db).get(IS_MADE, z.literal(true)) ?? false;
    const vault = await openChecked({ ...VAULT_RULES, isExpected, check: checkOf('vault') }, profile, log);
    const history = await openChecked({ ...HISTORY_RULES, isExpected }, profile, log);
    for (const notice of [config, vault, history].flatMap(({ notices }) => notices)) onNotice(notice);
    const trust = untouched.has('config') && config.notices.length === 0 ? 'untouched' : 'checked';
    const isRestored = restored?.isRestored === true;
    const store = new Store(options, { config: config.db, vault, history: history.db, trust, isRestored });
    if (!isExpected) store.settings.set(IS_MADE, true);
    store.#drain();
    return store;
  }

  get executions(): ExecutionRepository {
    return this.#history.executions;
  }

  get health(): ConnectionHealth {
    return this.#history.health;
  }

  get logs(): ExecutionLogRepository {
    return this.#history.logs;
  }

  get updates(): UpdateRepository {
    return this.#history.updates;
  }

  get removal(): HistoryRemoval {
    return this.#history.removal;
  }

  /** Rises with every row that was written to the configuration or the history. */
  writes(): number {
    const of = (db: WritableDb): number => Number(db.prepare('SELECT total_changes()').pluck().get());
    return of(this.#config) + of(this.#history.db);
  }

  /** Runs a change of the configuration together with the Update activity that describes it: both are saved, or neither. */
  change<T>(work: () => T, update: Update | null): T {
    const value = inTransaction(this.#config, () => {
      const result = work();
      if (update !== null) this.#outbox.add(update);
      return result;
    });
    this.#changedSinceBackup = true;
    if (update !== null) this.#drain();
    return value;
  }

  /**
   * Checkpoints and backs up while the app is idle, and checks each file once a week in a thread. Call it once, when the window
   * is shown.
   * @param checkThread path of the built check-thread
   * @param repairCache the record cache is damaged and marked so: its writer can repair it at once
   */
  startMaintenance(checkThread: string, repairCache: () => void): void {
    if (this.#timer !== null) return;
    const { profile, log } = this.#options;
    const files = DATA_FILES.map((file) => ({ file, path: dataPath(profile, file) }));
    const onDamage = (file: DataFile, problem: string): void => {
      this.#foundDamage(file, problem);
      if (file === 'cache') repairCache();
    };
    this.#fullCheck = new FullCheck({
      threadPath: checkThread,
      files,
      settings: this.settings,
      now: Date.now,
      onDamage,
      log,
    });
    this.#timer = setInterval(() => void this.#maintain(), MAINTENANCE_MS).unref();
    this.#indexSearch(this.#history.db);
  }

  /** Goes on with what the last start left; ends with the file, and begins anew with the one that replaces it. */
  #indexSearch(db: WritableDb): void {
    const indexing = new SearchIndexing(db);
    const step = (): void => {
      if (!db.open) return;
      try {
        if (indexing.step()) setTimeout(step, INDEXING_PAUSE_MS).unref();
      } catch (error) {
        // What is missing is found by its names as before; the next start goes on here.
        this.#options.log('Older activities could not be prepared for searching', error);
      }
    };
    setTimeout(step, INDEXING_PAUSE_MS).unref();
  }

  /** Gives back the pages that the databases hold in memory; what is read next is read from the files. */
  releaseCaches(): void {
    for (const db of [this.#config, this.vaultDb, this.#history.db]) if (db.open) db.pragma('shrink_memory');
  }

  /** A verified copy of the configuration, when it has changed since the last one. */
  async backUp(): Promise<void> {
    await this.#backup;
    if (!this.#changedSinceBackup) return;
    this.#backup = this.#copyConfig().finally(() => {
      this.#backup = null;
    });
    await this.#backup;
  }

  backups(): BackupEntry[] {
    return listConfigBackups(this.#options.profile);
  }

  /** A copy of now, changed or not. */
  async backUpNow(): Promise<void> {
    this.#changedSinceBackup = true;
    await this.backUp();
  }

  /** The wish that the next start puts an older copy in place, and then a copy of now, should it be regretted. */
  async restoreAtNextStart(id: string): Promise<void> {
    wishRestore(this.#options.profile, id);
    await this.backUpNow();
  }

  /** Backs up what changed, empties the journals and closes the files. */
  async close(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#fullCheck?.stop();
    try {
      await this.backUp();
    } catch (error) {
      this.#options.log('The configuration could not be backed up', error);
    }
    for (const db of [this.#config, this.vaultDb, this.#history.db]) {
      try {
        closeDatabase(db);
      } catch (error) {
        this.#options.log(`${db.name} could not be closed cleanly; its journal is replayed at the next start`, error);
      }
    }
    this.#recordClosed();
  }

  #recordClosed(): void {
    const { profile, version, log } = this.#options;
    try {
      recordClosed(profile, version, pathsOf(profile));
    } catch (error) {
      log('It could not be written down that the files were closed; the next start checks them', error);
    }
  }

  async #copyConfig(): Promise<void> {
    this.#changedSinceBackup = false;
    try {
      // First into the file itself: the file alone is then never older than a copy of it.
      checkpoint(this.#config, 'passive');
      await backUp(this.#config, { folder: this.#options.profile.backups, file: 'config', now: new Date() });
      this.#backedUpAt = Date.now();
    } catch (error) {
      this.#changedSinceBackup = true;
      throw error;
    }
  }

  async #maintain(): Promise<void> {
    try {
      for (const db of [this.#config, this.vaultDb, this.#history.db]) if (db.open) checkpoint(db, 'passive');
      if (Date.now() - this.#backedUpAt > BACKUP_EVERY_MS) await this.backUp();
      await this.#fullCheck?.run();
    } catch (error) {
      this.#options.log('The profile could not be maintained', error);
    }
  }

  #drain(): void {
    try {
      this.#outbox.drainInto(this.#history.updates);
    } catch (error) {
      // The change is saved; its activity waits in the outbox for the next change or start.
      this.#options.log('Update activities wait in the outbox', error);
    }
  }

  #adoptHistory(db: WritableDb): History {
    const report = reportTo(this.#options);
    onDamage(db, () => void this.#replaceHistory(db));
    return {
      db,
      executions: new ExecutionRepository(db, report),
      health: new ConnectionHealth(db),
      logs: new ExecutionLogRepository(db),
      updates: new UpdateRepository(db, report),
      removal: new HistoryRemoval(db),
    };
  }

  /** What is in use is not taken away: the next start checks the whole file and repairs it. */
  #foundDamage(file: DataFile, problem: string): void {
    const { profile, log, onNotice } = this.#options;
    log(`${file}.db is damaged: ${problem}`);
    markSuspect(profile, file);
    if (file === 'cache') return;
    const text =
      'A data file of this profile is damaged. Restart Patchbay soon: it puts the damage aside and restores what it can.';
    onNotice({ id: `${file}-damage`, kind: 'warning', text });
  }

  /** Damage that only a later query met: the file is put aside now rather than failing until the next start. */
  async #replaceHistory(damaged: WritableDb): Promise<void> {
    const { profile, log, onNotice } = this.#options;
    try {
      damaged.close();
      markSuspect(profile, 'history');
      const opened = await openChecked(HISTORY_RULES, profile, log);
      this.#history = this.#adoptHistory(opened.db);
      this.#indexSearch(opened.db);
      for (const notice of opened.notices) onNotice(notice);
      this.#drain();
    } catch (error) {
      log('The activity history could not be opened again', error);
    }
  }
}

function pathsOf(profile: ProfilePaths): Readonly<Partial<Record<DataFile, string>>> {
  return { config: dataPath(profile, 'config'), vault: dataPath(profile, 'vault') };
}

function reportTo({ log }: StoreOptions): ReportUnreadable {
  return (table, id, error) => log(`A row of ${table} cannot be read and is left out: ${id}`, error);
}
