import { REHEARSAL_COMMANDS } from '../../../core/practice/rehearsals.ts';
import { AppError } from '../../../shared/app-error.ts';
import type { LIFECYCLE_CALLS } from '../../../shared/ipc/contract/credentials.ts';
import type { HandlerParts } from '../handler-parts.ts';
import type { Handlers } from '../router.ts';

export function credentialsHandlers({ core }: HandlerParts): Pick<Handlers, keyof typeof LIFECYCLE_CALLS> {
  const practice = core.practice.host;
  const { tenants } = core.tenants;
  const { service: connections } = core.connections;
  return {
    'connections.setReminder': ({ id, until }) => {
      connections.setReminder(id, until);
      return {};
    },
    'connections.retryRevocation': async ({ id }) => ({ remote: await connections.retryRevocation(id) }),
    'trash.list': () => ({ entries: connections.trashed() }),
    'trash.restore': ({ id }) => {
      const restored = connections.restore(id);
      return { id: restored.id, name: restored.name };
    },
    'trash.remove': async ({ id }) => {
      await connections.removeForGood(id);
      return {};
    },
    'practice.rehearse': async ({ rehearsal }) => {
      if (tenants.current().kind !== 'practice')
        throw new AppError('not_allowed', 'Only the practice tenant can be rehearsed on. Open it first.');
      return { systems: await practice.command(REHEARSAL_COMMANDS[rehearsal]) };
    },
  };
}
