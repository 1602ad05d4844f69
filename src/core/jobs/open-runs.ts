import type { Execution } from '../../shared/activity/activity.ts';
import { AppError } from '../../shared/app-error.ts';
import { reasonOf } from '../../shared/failure/rules.ts';
import type { AppState } from '../../shared/ipc/contract.ts';
import { cachePath } from '../../store/cache/cache.ts';
import { CacheReader } from '../../store/cache/reader.ts';
import { newId } from '../../store/profile.ts';
import { markSuspect } from '../../store/startup-check.ts';
import type { Network } from '../network/open-network.ts';
import type { Access } from '../oauth/open-access.ts';
import type { Platform } from '../platform.ts';
import type { Records } from '../records/open-records.ts';
import { JobRunner } from './runner.ts';

const DISK_FULL: AppState['notices'][number] = {
  id: 'disk-full',
  kind: 'warning',
  text: 'The disk is full, so what happens is not saved. Free some space; running jobs wait for it and go on by themselves.',
};

/** Runs of jobs, and the rows that they have left. */
export interface Runs {
  readonly runner: JobRunner;
  readonly reader: CacheReader;
}

export interface RunParts {
  readonly platform: Platform;
  readonly records: Records;
  readonly network: Network;
  readonly access: Access;
}

export function openRuns({ platform, records, network, access }: RunParts): Runs {
  const { store, log, mask, events, notices, profile } = records;
  const { processes } = platform;
  const reader = new CacheReader({
    file: cachePath(profile),
    thread: processes.readerThread,
    onDamage: () => {
      markSuspect(profile, 'cache');
      runner.repairCache();
    },
  });
  const runner: JobRunner = new JobRunner({
    fork: () => processes.startWorker(),
    profile: platform.profile,
    networkThread: processes.networkThread,
    access: access.service,
    network: () => {
      const ca = network.settings.ca();
      return ca === undefined ? {} : { ca };
    },
    proxyFor: (origin) => network.settings.proxyFor(origin),
    onExecution: (execution, isEnd) => saveRun(records, execution, isEnd),
    onLog: (id, lines) => store.logs.append(id, [...lines]),
    onLost: (id, failure) => {
      const reason = reasonOf(failure.class);
      if (reason !== null) events.emit('accessLost', { id, reason, detail: failure.message, failure });
    },
    onNotice: (text) => notices.add({ id: newId(), kind: 'warning', text }),
    onCacheReplaced: () => {
      void reader.reopen();
      events.emit('jobsChanged', null);
    },
    onUnsaved: (error) => {
      if (error === null) notices.withdraw(DISK_FULL.id);
      else noticeFullDisk(records, error);
    },
    mask: (text) => mask.mask(text),
    log: (text, error) => (error === undefined ? log.info(text) : log.error(text, error)),
    now: records.now,
  });
  events.on('connectionsChanged', ({ changed }) => {
    for (const { id } of changed) runner.forgetAccess(id);
  });
  return { runner, reader };
}

/** @throws what the store throws: the runner keeps it then and tries again */
function saveRun({ store, events }: Records, execution: Execution, isEnd: boolean): void {
  try {
    if (isEnd) store.executions.finish(execution);
    else store.executions.update(execution);
  } finally {
    // Also what cannot be saved is shown: on a full disk it says so.
    events.emit('runProgressed', execution);
    if (isEnd) events.emit('runChanged', execution);
  }
}

/** @returns whether the disk is what the error is about */
export function noticeFullDisk({ notices }: Pick<Records, 'notices'>, error: unknown): boolean {
  const isFull = error instanceof AppError && error.code === 'disk_full';
  if (isFull) notices.add(DISK_FULL);
  return isFull;
}
