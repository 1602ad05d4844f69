import { AppError } from '../../../shared/app-error.ts';
import type { ActivityId, TenantId } from '../../../shared/ids.ts';
import type { ACTIVITY_CALLS } from '../../../shared/ipc/contract/activity.ts';
import type { HandlerParts } from '../handler-parts.ts';
import type { Handlers } from '../router.ts';
import { saveCsv } from './save-csv.ts';

export function activityHandlers({ core, window }: HandlerParts): Pick<Handlers, keyof typeof ACTIVITY_CALLS> {
  const { store } = core.records;
  const { reader } = core.runs;
  const { tenants } = core.tenants;
  const tenantId = (): TenantId => tenants.current().id;
  return {
    'activity.executions': ({ failedLast24Hours, ...query }) =>
      store.executions.list({
        tenantId: tenantId(),
        ...query,
        ...(failedLast24Hours ? { failedSinceMs: Date.now() - 86_400_000, onlyStanding: true } : {}),
      }),
    'activity.execution': ({ id }) => {
      const execution = store.executions.get(id);
      if (!execution) throw new AppError('not_found', 'This activity no longer exists.');
      return execution;
    },
    'activity.log': ({ id }) => ({ lines: store.logs.list(id) }),
    'activity.unread': ({ id }) => ({ parts: reader.unread(id) }),
    'activity.missing': ({ id }) => {
      const execution = store.executions.get(id);
      const held = execution === null || execution.counts.missing === 0 ? null : reader.heldSweep(execution.jobId);
      if (held === null) return { missing: null };
      const { missing: rows, runId: finding, foundAt } = held;
      return { missing: { rows, finding, foundAt: new Date(foundAt).toISOString() } };
    },
    'activity.rejected': ({ id, offset, limit }) => reader.rejected(id, { offset, limit }),
    'activity.exportRejected': ({ id }) =>
      saveCsv(window(), 'rejected records.csv', (path) => reader.exportRejected(id as ActivityId, path)),
    'activity.updates': (query) => store.updates.list({ tenantId: tenantId(), ...query }),
  };
}
