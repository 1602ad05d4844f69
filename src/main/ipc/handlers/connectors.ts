import type { TenantId } from '../../../shared/ids.ts';
import type { CONNECTOR_CALLS } from '../../../shared/ipc/contract/connectors.ts';
import type { OAuthApp } from '../../../shared/ipc/contract.ts';
import type { HandlerParts } from '../handler-parts.ts';
import type { Handlers } from '../router.ts';

export function connectorsHandlers({ core, asSecret }: HandlerParts): Pick<Handlers, keyof typeof CONNECTOR_CALLS> {
  const practice = core.practice.host;
  const { rows } = core.connections;
  const { tenants, oauthApps } = core.tenants;
  const tenantId = (): TenantId => tenants.current().id;
  return {
    'connectors.list': async () => ({
      connectors: [...rows.descriptors],
      practice:
        tenants.list().selected !== null && tenants.current().kind === 'practice'
          ? (await practice.systems()).map(({ connector, samples }) => ({
              connectorId: connector as OAuthApp['connectorId'],
              authMethodId: samples.authMethodId,
              fields: samples.fields,
              overrides: {
                apiBaseUrl: samples.apiBaseUrl,
                ...(samples.loginBaseUrl === undefined ? {} : { loginBaseUrl: samples.loginBaseUrl }),
                allowPrivateNetwork: true,
              },
              filledSecrets: Object.keys(samples.secrets),
              users: samples.users,
            }))
          : [],
    }),
    'oauthApps.list': () => ({ apps: oauthApps.list(tenantId()) }),
    'oauthApps.save': ({ clientSecret, place, ...app }) =>
      oauthApps.save(
        tenantId(),
        app,
        clientSecret ? asSecret(clientSecret) : null,
        place === undefined ? null : { ...place, learned: {} },
      ),
    'oauthApps.remove': ({ connectorId, authMethodId }) => {
      oauthApps.remove(tenantId(), connectorId, authMethodId);
      return {};
    },
  };
}
