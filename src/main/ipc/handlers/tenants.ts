import type { TENANT_CALLS } from '../../../shared/ipc/contract/tenants.ts';
import type { HandlerParts } from '../handler-parts.ts';
import type { Handlers } from '../router.ts';

export function tenantsHandlers({ core }: HandlerParts): Pick<Handlers, keyof typeof TENANT_CALLS> {
  const practice = core.practice.host;
  const { tenants } = core.tenants;
  return {
    'tenants.list': () => tenants.list(),
    'tenants.create': (input) => tenants.create(input),
    'tenants.openPractice': async () => {
      await practice.systems();
      const { id } = tenants.practice();
      await core.practice.fillInApps();
      // Last: the page follows the selection at once, and a form opened then must find its OAuth app.
      return tenants.select(id);
    },
    'tenants.select': ({ id }) => tenants.select(id),
    'tenants.update': ({ id, ...change }) => tenants.update(id, change),
    'tenants.remove': async ({ id, typedName }) => {
      await core.transfer.removal.remove(id, typedName);
      return {};
    },
  };
}
