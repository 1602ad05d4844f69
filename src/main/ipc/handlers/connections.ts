import type { CONNECTION_CALLS } from '../../../shared/ipc/contract/connections.ts';
import type { HandlerParts } from '../handler-parts.ts';
import type { Handlers } from '../router.ts';

export function connectionsHandlers({ core, push }: HandlerParts): Pick<Handlers, keyof typeof CONNECTION_CALLS> {
  const { rows, service: connections } = core.connections;
  return {
    'connections.get': ({ id }) => ({ row: rows.row(connections.get(id)), secrets: connections.secretsOf(id) }),
    'connections.create': (input) => connections.create(input),
    'connections.update': ({ id, version, input }) => connections.update(id, version, input),
    'connections.remove': async ({ id, typedName }) => ({ remote: await connections.remove(id, typedName) }),
    'connections.removalImpact': ({ id }) => connections.removalImpact(id),
    'connections.test': (input) =>
      connections.test(input, (step) => push('connections.testStep', { testId: input.testId, step })),
    'connections.cancelTest': ({ testId }) => {
      connections.cancelTest(testId);
      return {};
    },
    'connections.authorize': (input) => connections.authorize(input),
    'connections.cancelAuthorization': ({ id }) => {
      connections.cancelAuthorization(id);
      return {};
    },
    'connections.previewUpdate': ({ id, input }) => connections.previewUpdate(id, input),
    'connections.revoke': ({ id, until }) => connections.revoke(id, until),
    'connections.objects': async ({ id, role }) => ({ objects: await connections.objects(id, role) }),
    'connections.fields': async ({ id, role, object }) => ({ fields: await connections.fields(id, role, object) }),
  };
}
