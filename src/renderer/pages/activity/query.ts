/** The page's address and search as a question to main. Ids and words from an address are checked, not trusted. */
import { executionStatusSchema } from '../../../shared/activity/activity.ts';
import { activityIdSchema, connectionIdSchema, jobIdSchema } from '../../../shared/ids.ts';
import type { CallInput } from '../../../shared/ipc/contract.ts';
import type { ActivityRoute } from './activity-route.ts';

type ExecutionQuery = Omit<CallInput<'activity.executions'>, 'offset' | 'limit'>;
type UpdateQuery = Omit<CallInput<'activity.updates'>, 'offset' | 'limit'>;

export function executionQuery(route: ActivityRoute, search: string): ExecutionQuery {
  const connectionId = connectionIdSchema.safeParse(route.connectionId);
  const jobId = jobIdSchema.safeParse(route.jobId);
  const status = executionStatusSchema.safeParse(route.status);
  return {
    search: search.trim(),
    ...(connectionId.success ? { connectionId: connectionId.data } : {}),
    ...(jobId.success ? { jobId: jobId.data } : {}),
    ...(status.success ? { status: status.data } : {}),
    ...(route.failedLast24Hours ? { failedLast24Hours: true } : {}),
  };
}

export function updateQuery(route: ActivityRoute, search: string): UpdateQuery {
  const connectionId = connectionIdSchema.safeParse(route.connectionId);
  return { search: search.trim(), ...(connectionId.success ? { connectionId: connectionId.data } : {}) };
}

export function activityIdOf(text: string) {
  const id = activityIdSchema.safeParse(text);
  return id.success ? id.data : null;
}

export function isNarrowed(query: ExecutionQuery): boolean {
  return query.search !== '' || Object.keys(query).length > 1;
}
