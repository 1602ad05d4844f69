import type { Core } from '../../core/open-core.ts';
import { REHEARSAL_COMMANDS } from '../../core/practice/rehearsals.ts';
import { AppError } from '../../shared/app-error.ts';
import type { LIFECYCLE_CALLS } from '../../shared/ipc/contract/credentials.ts';
import type { DRAFT_CALLS } from '../../shared/ipc/contract/drafts.ts';
import type { Handlers } from './router.ts';

export function lifecycleHandlers(core: Core): Pick<Handlers, keyof typeof LIFECYCLE_CALLS | keyof typeof DRAFT_CALLS> {
  const { service: connections, drafts } = core.connections;
  const { tenants } = core.tenants;
  const practice = core.practice.host;
  return {
    'connections.retryRevocation': async ({ id }) => ({ remote: await connections.retryRevocation(id) }),
    'connections.setReminder': ({ id, until }) => {
      connections.setReminder(id, until);
      return {};
    },
    'drafts.list': () => {
      const { selected } = tenants.list();
      return { drafts: selected === null ? [] : drafts.list(selected) };
    },
    'drafts.keep': (draft) => {
      drafts.keep(tenants.current().id, draft);
      return {};
    },
    'drafts.discard': ({ key }) => {
      drafts.discard(tenants.current().id, key);
      return {};
    },
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
