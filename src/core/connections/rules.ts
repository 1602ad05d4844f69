/** What must not be done to a connection, whoever asks. */
import { AppError } from '../../shared/app-error.ts';
import { type ConnectionAction, offer } from '../../shared/connection/actions.ts';
import type { Connection } from '../../shared/connection/connection.ts';

/** @throws AppError not_allowed with the sentence that the menu shows */
export function assertOffered(connection: Connection, action: ConnectionAction): void {
  const offered = offer(connection.state.kind, action);
  if (!offered.offered) throw new AppError('not_allowed', offered.reason);
}

/** @throws AppError different_org */
export function refuseOtherOrg(connection: Connection, orgId: string, org: string): void {
  const before = connection.authorization;
  if (before === null || before.orgId === orgId) return;
  throw new AppError(
    'different_org',
    `This log-in belongs to ${org}, but "${connection.name}" is for ${before.org}. Its jobs and rows belong to that org; create another connection for ${org} instead. Nothing was changed.`,
    { details: { before: before.org, after: org } },
  );
}
