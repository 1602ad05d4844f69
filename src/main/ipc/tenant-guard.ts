import { AppError } from '../../shared/app-error.ts';
import type { ActivityId, ConnectionId, JobId, TenantId } from '../../shared/ids.ts';
import type { CallName } from '../../shared/ipc/channels.ts';
import type { Store } from '../store/store.ts';

/** What the ids of a call name. Calls that only cancel something are not here: that must go also after a change of tenant. */
const SUBJECTS: Partial<Record<CallName, 'connection' | 'job' | 'activity'>> = {
  'connections.get': 'connection',
  'connections.changeTags': 'connection',
  'connections.bulkImpact': 'connection',
  'connections.bulk': 'connection',
  'connections.update': 'connection',
  'connections.remove': 'connection',
  'connections.removalImpact': 'connection',
  'connections.test': 'connection',
  'connections.authorize': 'connection',
  'connections.previewUpdate': 'connection',
  'connections.revoke': 'connection',
  'connections.retryRevocation': 'connection',
  'connections.objects': 'connection',
  'connections.fields': 'connection',
  'trash.restore': 'connection',
  'trash.remove': 'connection',
  'transfer.export': 'connection',
  'jobs.create': 'connection',
  'jobs.update': 'job',
  'jobs.remove': 'job',
  'jobs.runNow': 'job',
  'jobs.stop': 'job',
  'jobs.get': 'job',
  'data.rows': 'job',
  'data.exportCsv': 'job',
  'activity.execution': 'activity',
  'activity.log': 'activity',
  'activity.rejected': 'activity',
  'activity.exportRejected': 'activity',
};

export interface TenantGuardPorts {
  readonly store: Pick<Store, 'connections' | 'jobs' | 'executions'>;
  readonly selected: () => TenantId | null;
}

/** Refuses calls about what belongs to another tenant than the page shows. Ids of nothing are left to the call itself. */
export function createTenantGuard({ store, selected }: TenantGuardPorts): (call: CallName, input: unknown) => void {
  const isForeign = {
    connection: (ids: readonly string[], tenantId: TenantId | null) =>
      store.connections.isAnyOutside(tenantId, ids as ConnectionId[]),
    job: (ids: readonly string[], tenantId: TenantId | null) =>
      ids.some((id) => isOther(store.jobs.get(id as JobId), tenantId)),
    activity: (ids: readonly string[], tenantId: TenantId | null) =>
      ids.some((id) => isOther(store.executions.get(id as ActivityId), tenantId)),
  };
  return (call, input) => {
    const subject = SUBJECTS[call];
    if (subject !== undefined && isForeign[subject](idsOf(input), selected()))
      throw new AppError('not_found', 'This belongs to another tenant. Open that tenant first.');
  };
}

function isOther(found: { readonly tenantId: TenantId } | null, tenantId: TenantId | null): boolean {
  return found !== null && found.tenantId !== tenantId;
}

function idsOf(input: unknown): string[] {
  if (typeof input !== 'object' || input === null) return [];
  const { id, ids, jobId, connectionId } = input as Readonly<Record<string, unknown>>;
  return [id, jobId, connectionId, ...(Array.isArray(ids) ? ids : [])].filter((one) => typeof one === 'string');
}
