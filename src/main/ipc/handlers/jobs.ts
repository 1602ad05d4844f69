import type { JOB_CALLS } from '../../../shared/ipc/contract/jobs.ts';
import type { HandlerParts } from '../handler-parts.ts';
import type { Handlers } from '../router.ts';

export function jobsHandlers({ core }: HandlerParts): Pick<Handlers, keyof typeof JOB_CALLS> {
  const jobs = core.jobs.service;
  return {
    'jobs.list': ({ connectionId }) => ({ rows: jobs.rows(connectionId) }),
    'jobs.get': ({ id }) => jobs.row(id),
    'jobs.create': (settings) => jobs.create(settings),
    'jobs.update': ({ id, version, settings }) => jobs.update(id, version, settings),
    'jobs.remove': async ({ id }) => {
      await jobs.remove(id);
      return {};
    },
    'jobs.runNow': ({ id }) => ({ activityId: jobs.runNow(id) }),
    'jobs.stop': async ({ id }) => {
      await jobs.stop(id);
      return {};
    },
    'jobs.markMissing': async ({ id, finding, rows }) => ({ rows: await jobs.markMissing(id, { finding, rows }) }),
  };
}
