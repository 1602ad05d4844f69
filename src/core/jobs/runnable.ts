/** Why a job may not run: what its connections lack, and what holds up all runs at the moment. */
import type { Connection } from '../../shared/connection/connection.ts';
import { mayWorkOffline } from '../../shared/connection/offline.ts';
import { reasonSentence } from '../../shared/failure/rules.ts';
import type { JobId } from '../../shared/ids.ts';
import type { Job } from '../../shared/job/job.ts';
import type { VaultStatus } from '../../shared/vault.ts';

/** Why a job may not run now, as a sentence, or null. */
export function whyNotRunnable(
  job: Pick<Job, 'isEnabled' | 'destination'>,
  connection: Connection | null,
  destination: Connection | null,
  isRunning: boolean,
): string | null {
  if (connection === null) return 'Its connection no longer exists.';
  if (isRunning) return 'It is running already.';
  if (!job.isEnabled) return 'It is disabled. Enable it first.';
  const notConnected = whyNotConnected(connection);
  if (notConnected !== null) return notConnected;
  if (job.destination.kind === 'connection') {
    if (destination === null) return 'The destination’s connection no longer exists. Edit the job.';
    return whyNotConnected(destination);
  }
  return null;
}

export const WHY_CLOSED: Readonly<Record<VaultStatus['state'], string | null>> = {
  unlocked: null,
  locked: 'The vault is locked. Unlock it first.',
  unset: 'Nothing protects credentials on this machine yet. Set a passphrase first.',
  waiting: 'Unlock your keyring to use stored credentials.',
};

function whyNotConnected(connection: Connection): string | null {
  switch (connection.state.kind) {
    case 'active':
      return null;
    case 'draft':
      return `"${connection.name}" is not authorized yet.`;
    case 'revoked':
      return `"${connection.name}" is revoked. Re-authorize it first.`;
    case 'disconnected':
      return `"${connection.name}" is disconnected: ${reasonSentence(connection.state)}.`;
  }
}

/** The engine works on a job once at a time, and the interrupted run is the one to finish. */
const GOES_ON = 'Its interrupted run goes on in a moment.';
const OFFLINE = 'This machine is offline. Run it when the network is back.';

/** What holds runs up at present, whatever their connections' states. */
export interface Moment {
  readonly whyClosed: string | null;
  readonly isOffline: boolean;
  readonly interrupted: ReadonlySet<JobId>;
}

export function whyNotNow(
  { whyClosed, isOffline, interrupted }: Moment,
  id: JobId,
  ends: readonly (Connection | null)[],
): string | null {
  if (whyClosed !== null) return whyClosed;
  if (isOffline && needNetwork(ends)) return OFFLINE;
  return interrupted.has(id) ? GOES_ON : null;
}

/** Whether any of these ends cannot be reached without a network. */
export function needNetwork(ends: readonly (Connection | null)[]): boolean {
  return ends.some((end) => end !== null && !mayWorkOffline(end.overrides));
}
