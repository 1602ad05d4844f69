/** The one next step behind a failed run, as far as a button can take it. */
import type { Execution, Failure } from '../../../shared/activity/activity.ts';
import type { Connection } from '../../../shared/connection/connection.ts';
import { nextActionOf } from '../../../shared/failure/rules.ts';
import type { ConnectionId } from '../../../shared/ids.ts';
import type { JobRow } from '../../../shared/ipc/contract.ts';

export type Remedy =
  | { readonly kind: 'reAuthorize' | 'editConnection'; readonly connectionId: ConnectionId }
  | { readonly kind: 'editJob' | 'runNow' };

/**
 * @param job as it is now; undefined when it was deleted
 * @param stateOf how a connection stands now; undefined when it was deleted
 * @returns null when nothing is left that could be done
 */
export function remedyFor(
  failure: Failure,
  execution: Pick<Execution, 'connectionId'>,
  job: Pick<JobRow, 'job' | 'cannotRun' | 'running'> | undefined,
  stateOf: (id: ConnectionId) => Connection['state']['kind'] | undefined,
): Remedy | null {
  const destination = job?.job.destination;
  const concerned = [execution.connectionId, ...(destination?.kind === 'connection' ? [destination.connectionId] : [])];
  // The destination's authorization can be the lost one.
  const lost = concerned.find((id) => stateOf(id) === 'disconnected' || stateOf(id) === 'revoked');
  const next = nextActionOf(failure.class);
  if (next === 'reAuthorize' && lost !== undefined) return { kind: 'reAuthorize', connectionId: lost };
  if (job === undefined || job.running !== null) return null;
  if (next === 'editJob') return { kind: 'editJob' };
  if (next === 'editConnection' && stateOf(execution.connectionId) !== undefined)
    return { kind: 'editConnection', connectionId: execution.connectionId };
  // Also behind a re-authorization: the failure is an old one then.
  return job.cannotRun === null ? { kind: 'runNow' } : null;
}
