import { basename } from 'node:path';
import { app, dialog, nativeTheme } from 'electron';
import { AppError } from '../../shared/app-error.ts';
import type { ActivityId, TenantId } from '../../shared/ids.ts';
import type { OAuthApp } from '../../shared/ipc/contract.ts';
import { openLink } from '../links.ts';
import type { HandlerParts } from './handler-parts.ts';
import { lifecycleHandlers } from './lifecycle-handlers.ts';
import type { Handlers } from './router.ts';
import { settingsHandlers } from './settings-handlers.ts';

const instant = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

/** Input -> service call, one line each; nothing is decided here. */
export function handlers(parts: HandlerParts): Handlers {
  const { core, preferences, push, asSecret } = parts;
  const { store } = core.records;
  const { vault } = core.secrets;
  const { tenants, oauthApps } = core.tenants;
  const { reader } = core.runs;
  const { rows, listActions, service: connections } = core.connections;
  const jobs = core.jobs.service;
  const practice = core.practice.host;
  const asOf = (): string => new Date().toISOString();
  const tenantId = (): TenantId => tenants.current().id;

  const save = async (
    suggested: string,
    write: (path: string) => Promise<number>,
  ): Promise<{ status: 'saved' | 'cancelled'; fileName: string; rows: number }> => {
    const window = parts.window();
    const options = {
      defaultPath: suggested.replace(/[^\w .-]/g, '_'),
      filters: [{ name: 'CSV', extensions: ['csv'] }],
    };
    const { canceled, filePath } =
      window === null ? await dialog.showSaveDialog(options) : await dialog.showSaveDialog(window, options);
    if (canceled || filePath === undefined || filePath === '') return { status: 'cancelled', fileName: '', rows: 0 };
    return { status: 'saved', fileName: basename(filePath), rows: await write(filePath) };
  };

  return {
    ...settingsHandlers(parts),
    'app.info': () => ({
      version: app.getVersion(),
      electron: process.versions.electron ?? '',
      builtOn: { Chromium: process.versions.chrome ?? '', 'Node.js': process.versions.node },
      platform: process.platform,
      isCompatibilityRuntime: Number.parseInt(process.versions.electron ?? '0', 10) < 30,
    }),
    'app.state': () => parts.state(),
    'app.openLink': async ({ url }) => {
      await openLink(url);
      return {};
    },
    'settings.get': () => preferences.get().settings,
    'settings.set': async (change) => {
      const settings = { ...preferences.get().settings, ...change };
      preferences.set({ settings });
      await preferences.written();
      nativeTheme.themeSource = settings.theme;
      return settings;
    },
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
    'vault.status': () => vault.status(),
    'vault.setPassphrase': ({ passphrase, current }) =>
      vault.setPassphrase(asSecret(passphrase), current === undefined ? null : asSecret(current)),
    'vault.unlock': ({ passphrase }) => vault.unlock(passphrase === undefined ? null : asSecret(passphrase)),
    'vault.lock': () => vault.lock(),
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
    'connections.list': () => ({ ...rows.first(tenants.list().selected), asOf: asOf() }),
    'connections.listRest': ({ listing, offset, limit }) => rows.rest(tenants.list().selected, listing, offset, limit),
    'connections.changeTags': ({ ids, add, remove }) => listActions.tags.change(ids, add, remove),
    'connections.bulkImpact': ({ ids }) => listActions.bulk.impact(ids),
    'connections.bulk': (input) => listActions.bulk.run(input),
    'connections.cancelBulk': ({ bulkId }) => {
      listActions.bulk.cancel(bulkId);
      return {};
    },
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
    ...lifecycleHandlers(core),
    'connections.objects': async ({ id, role }) => ({ objects: await connections.objects(id, role) }),
    'connections.fields': async ({ id, role, object }) => ({ fields: await connections.fields(id, role, object) }),
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
      save('rejected records.csv', (path) => reader.exportRejected(id as ActivityId, path)),
    'activity.updates': (query) => store.updates.list({ tenantId: tenantId(), ...query }),
    'data.tables': () => {
      const stored = new Map(reader.tables().map((table) => [table.jobId, table]));
      return {
        tables: jobs.rows().map(({ job, connectionName }) => {
          const table = stored.get(job.id);
          return {
            jobId: job.id,
            jobName: job.name,
            connectionName,
            sourceObject: job.sourceObject,
            rows: table?.rows ?? 0,
            isIncomplete: table !== undefined && table.rows > 0 && table.isIncomplete,
            asOf: instant(table?.asOf ?? null),
            columns: (table?.columns ?? job.mapping.map(({ target, type }) => ({ name: target, type }))).map(
              ({ name, type }) => ({ name, type }),
            ),
          };
        }),
      };
    },
    'data.rows': async (query) => {
      const page = await reader.rows(query);
      return {
        columns: page.columns.map(({ name, type }) => ({ name, type })),
        rows: page.rows.map((row) => [...row]),
        total: page.total,
        asOf: instant(page.asOf),
      };
    },
    'data.exportCsv': (query) => save(`${jobs.get(query.jobId).name}.csv`, (path) => reader.exportRows(query, path)),
  };
}
