import type { DRAFT_CALLS } from '../../../shared/ipc/contract/drafts.ts';
import type { HandlerParts } from '../handler-parts.ts';
import type { Handlers } from '../router.ts';

export function draftsHandlers({ core }: HandlerParts): Pick<Handlers, keyof typeof DRAFT_CALLS> {
  const { tenants } = core.tenants;
  const { drafts } = core.connections;
  return {
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
  };
}
