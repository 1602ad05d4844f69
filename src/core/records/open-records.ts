import { join } from 'node:path';
import type { Update } from '../../shared/activity/activity.ts';
import type { ActivityId, ConnectionId, JobId } from '../../shared/ids.ts';
import { type FileLock, lockProfile } from '../../store/file-lock.ts';
import { newActivityId, openProfile, type ProfilePaths } from '../../store/profile.ts';
import { Store } from '../../store/store.ts';
import { CoreEvents } from '../events.ts';
import { maskChanges } from '../jobs/masked.ts';
import { type AppLog, openLog } from '../log.ts';
import { NoticeBoard } from '../notices.ts';
import type { Platform } from '../platform.ts';
import { SecretMask } from '../vault/masking.ts';

/** What an Update activity says; id, time and who is filled in. */
export type UpdateFacts = Pick<Update, 'tenantId' | 'subject' | 'action' | 'changes'> & {
  readonly connectionId?: ConnectionId;
  readonly jobId?: JobId;
  /** Absent: the person at the machine. */
  readonly by?: string | undefined;
};

/** The files of a profile, and what everything that is written down goes through. */
export interface Records {
  readonly profile: ProfilePaths;
  /** Held until all of it is closed. */
  readonly lock: FileLock;
  readonly store: Store;
  readonly mask: SecretMask;
  readonly log: AppLog;
  readonly notices: NoticeBoard;
  readonly events: CoreEvents;
  /** Its values are masked: no Update holds a secret. */
  newUpdate(facts: UpdateFacts): Update;
  /** The time, ISO 8601. */
  now(): string;
}

/** @throws AppError when the profile cannot be opened: another process has it, a newer version's, a full disk */
export async function openRecords(platform: Platform): Promise<Records> {
  const mask = new SecretMask();
  // Before anything that can fail.
  const log = openLog(join(platform.profile, 'logs'), (text) => mask.mask(text));
  log.info(`Patchbay ${platform.application.version} starts`);
  const profile = openProfile(platform.profile);
  const lock = lockProfile(profile.data);
  const events = new CoreEvents((text, error) => log.error(text, error));
  const notices = new NoticeBoard(() => events.emit('stateChanged', undefined));
  const store = await Store.open({
    profile,
    version: platform.application.version,
    onNotice: (notice) => notices.add(notice),
    log: (text) => log.info(text),
  });
  const now = (): string => new Date(platform.clock.now()).toISOString();
  return {
    profile,
    lock,
    store,
    mask,
    log,
    notices,
    events,
    now,
    newUpdate: ({ by = 'You', changes, ...facts }) => ({
      kind: 'update',
      id: newActivityId(platform.clock.now()) as ActivityId,
      connectionId: null,
      jobId: null,
      ...facts,
      changes: maskChanges(changes, (text) => mask.mask(text)),
      at: now(),
      by,
    }),
  };
}
