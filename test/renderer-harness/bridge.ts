/**
 * A `window.patchbay` that answers from memory, for looking at the page and testing it alone. Every input and output goes
 * through the real contract's schemas, so that the page cannot drift from it unseen. Not part of the product.
 */
import { AppError } from '../../src/shared/app-error.ts';
import { nextState } from '../../src/shared/connection/state.ts';
import { changeTags } from '../../src/shared/connection/tags.ts';
import { connectionIdSchema } from '../../src/shared/ids.ts';
import { CALLS, type CallName, EVENTS, type EventName } from '../../src/shared/ipc/channels.ts';
import {
  type CallOutput,
  CONTRACT,
  type ConnectionRow,
  EVENT_CONTRACT,
  type EventPayload,
  type ParsedInput,
} from '../../src/shared/ipc/contract.ts';
import type { VaultStatus } from '../../src/shared/vault.ts';
import * as sample from './sample-data.ts';
import { settingsAnswers } from './settings-answers.ts';

const query = new URLSearchParams(window.location.search);
const scenario = query.get('scenario') ?? 'usual';
const kind = scenario === 'many' || scenario === 'hostile' || scenario === 'none' ? scenario : 'usual';
/** Connections that were made here. */
const NEW_ID = 'connection9';
const delayMs = Number(query.get('delay') ?? 0);

const state = {
  tenants: scenario === 'first-run' ? [] : [sample.tenant, sample.practiceTenant],
  selected: scenario === 'first-run' ? null : scenario === 'practice' ? sample.practiceTenant.id : sample.tenant.id,
  connections: new Map(sample.connectionRows(kind).map((row) => [row.connection.id as string, row])),
  settings: { theme: 'system', authorizationWay: 'connector' } as CallOutput<'settings.get'>,
  apps: [
    {
      connectorId: 'zendesk',
      authMethodId: 'oauth',
      clientId: 'patchbay_acme',
      hasClientSecret: true,
      clientSecretSetAt: sample.at(4000),
      isClientSecretReadable: true,
      updatedAt: sample.at(4000),
    },
  ] as CallOutput<'oauthApps.list'>['apps'],
  vault: vaultFor(scenario),
  cancelLogin: null as null | (() => void),
};
const jobs = kind === 'none' ? [] : sample.jobRows([...state.connections.values()]);
const executions = kind === 'none' ? [] : sample.executions(jobs, kind === 'many' ? 100_000 : 400);
const updates = sample.updates([...state.connections.values()]);

function vaultFor(name: string): VaultStatus {
  if (name === 'locked')
    return {
      protection: 'passphrase',
      state: 'locked',
      backend: 'basic_text',
      explanation: 'Your passphrase protects the credentials of this profile.',
      secrets: 12,
      unreadable: 12,
    };
  if (name === 'first-run' || name === 'no-vault')
    return {
      protection: 'none',
      state: 'unset',
      backend: 'basic_text',
      explanation: 'No keyring is running on this machine.',
      secrets: 0,
      unreadable: 0,
    };
  return {
    protection: 'keyring',
    state: 'unlocked',
    backend: 'gnome_libsecret',
    explanation: 'The system keyring protects the credentials.',
    secrets: 12,
    unreadable: 0,
  };
}

const listeners = new Map<EventName, Set<(json: string) => void>>();
function emit<N extends EventName>(name: N, payload: EventPayload<N>): void {
  const json = JSON.stringify(EVENT_CONTRACT[name].parse(payload));
  for (const listener of listeners.get(name) ?? []) listener(json);
}
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function appState(): CallOutput<'app.state'> {
  return {
    network: scenario === 'offline' ? 'offline' : 'online',
    runningJobs: 1,
    vault: state.vault,
    notices:
      scenario === 'offline'
        ? [{ id: 'n1', kind: 'info', text: 'Two runs that the last stop interrupted go on now.' }]
        : [],
  };
}

function connection(id: string): ConnectionRow {
  const row = state.connections.get(id);
  if (!row) throw new AppError('not_found', 'This connection is not there any more.');
  return row;
}

function change(row: ConnectionRow, part: Partial<ConnectionRow['connection']>): ConnectionRow {
  const next = { ...row, connection: { ...row.connection, ...part, version: row.connection.version + 1 } };
  state.connections.set(row.connection.id, next);
  emit('connections.changed', { rows: [next], removed: [], all: false });
  return next;
}

function setVault(vault: VaultStatus): VaultStatus {
  state.vault = vault;
  emit('vault.changed', vault);
  return vault;
}

function made(input: ParsedInput<'connections.create'>): ConnectionRow {
  if ([...state.connections.values()].some((row) => row.connection.name.toLowerCase() === input.name.toLowerCase())) {
    throw new AppError('conflict', 'Another connection has this name.', { field: 'name' });
  }
  const template = sample.connectionRows('usual')[6] as ConnectionRow;
  const connector = sample.connectors.find((each) => each.id === input.connectorId);
  const isKey = connector?.authMethods.find((method) => method.id === input.authMethodId)?.interactive === false;
  const row = {
    ...template,
    connectorName: connector?.name ?? '',
    place: 'new.example.com',
    connection: {
      ...template.connection,
      id: `${NEW_ID}${Date.now()}`.slice(0, 30),
      connectorId: input.connectorId,
      name: input.name,
      authMethodId: input.authMethodId,
      fields: input.fields,
      overrides: input.overrides,
      state: isKey ? { kind: 'active', since: sample.at(0) } : { kind: 'draft' },
    },
  } as ConnectionRow;
  state.connections.set(row.connection.id, row);
  return row;
}

async function authorize({
  id,
  confirmFlowId,
}: ParsedInput<'connections.authorize'>): Promise<CallOutput<'connections.authorize'>> {
  const row = connection(id);
  const step = (name: EventPayload<'connections.authorizationStep'>['step']): void =>
    emit('connections.authorizationStep', {
      flowId: 'flow1',
      connectionId: id,
      step: name,
      host: 'login.salesforce.com',
      message: '',
    });
  if (query.get('login') === 'fails')
    throw new AppError('authorization_refused', 'Access was refused on the login page. Log in again and choose Allow.');
  step('waiting_for_window');
  const isCancelled = await Promise.race([
    wait(query.get('login') === 'waits' ? 600_000 : 300).then(() => false),
    new Promise<boolean>((resolve) => (state.cancelLogin = () => resolve(true))),
  ]);
  if (isCancelled) return { kind: 'cancelled' };
  step('identifying');
  await wait(100);
  const before = row.connection.authorization;
  const after = {
    account: 'dana.whitfield@acme.com',
    accountId: 'u1',
    org: row.place,
    orgId: row.place,
    scopes: ['api'],
    missingScopes: [],
    grantedAt: sample.at(0),
  };
  if (before && before.account !== after.account && !confirmFlowId)
    return { kind: 'confirm', flowId: 'flow1', before, after, losses: LOSSES, lostScopes: ['offline_access'] };
  change(row, {
    state: nextState(row.connection.state, { kind: 'authorized', at: sample.at(0) }),
    authorization: after,
  });
  return { kind: 'authorized', authorization: after };
}

const LOSSES = [
  {
    object: 'Account',
    jobs: ['Company Sync'],
    refusal: null,
    lostFields: ['Industry', 'Type', 'Rating'],
    usedFields: 41,
  },
  { object: 'Case', jobs: ['Case Sync'], refusal: 'Not permitted.', lostFields: ['Id'], usedFields: 1 },
];

const STEPS = [
  ['configuration', 'Configuration', 'pass', 'Everything needed is filled in.'],
  ['reachability', 'Reachability', 'pass', 'acme.zendesk.com answered, certificate until March 2027.'],
  ['authorization', 'Authorization', 'pass', 'The key was accepted.'],
  ['objects', 'Permission', 'warn', 'No access to satisfaction_ratings, needed by no job yet.'],
  ['sampleRead', 'Sample read', query.get('test') === 'fails' ? 'fail' : 'pass', '20 rows of tickets.'],
] as const;

async function test({ testId }: ParsedInput<'connections.test'>): Promise<CallOutput<'connections.test'>> {
  const steps: CallOutput<'connections.test'>['steps'] = [];
  for (const [id, name, status, seen] of STEPS) {
    emit('connections.testStep', {
      testId,
      step: { id, name, status: 'running', seen: '', advice: '', durationMs: null },
    });
    await wait(60);
    const step = {
      id,
      name,
      status,
      seen,
      advice: 'Give the user access if a job should read it.',
      durationMs: 88,
    } as const;
    steps.push(step);
    emit('connections.testStep', { testId, step });
  }
  return { steps, passed: true };
}

/** Rows of the first answer, as main does it. */
const FIRST = 60;

function countsOf(rows: readonly ConnectionRow[]): CallOutput<'connections.list'>['counts'] {
  const byState = { draft: 0, active: 0, disconnected: 0, revoked: 0 };
  let failedLast24Hours = 0;
  for (const row of rows) {
    byState[row.connection.state.kind] += 1;
    failedLast24Hours += row.failedLast24Hours;
  }
  return { total: rows.length, jobs: jobs.length, failedLast24Hours, byState };
}

type Handlers = { readonly [N in CallName]: (input: ParsedInput<N>) => CallOutput<N> | Promise<CallOutput<N>> };

const saved: CallOutput<'data.exportCsv'> = { status: 'saved', fileName: 'rows.csv', rows: 48_000 };
const dismissed = new Set<string>();
const handlers: Handlers = {
  ...settingsAnswers({ status: () => state.vault, setVault, dismiss: (id) => dismissed.add(id) }),
  'app.info': () => ({
    version: '0.1.0',
    electron: '25.1.1',
    builtOn: { Chromium: '114.0.5735.106', 'Node.js': '18.15.0' },
    platform: 'linux x64',
    isCompatibilityRuntime: true,
  }),
  'app.state': appState,
  'app.openLink': () => ({}),
  'settings.get': () => state.settings,
  'settings.set': (part) => (state.settings = { ...state.settings, ...(JSON.parse(JSON.stringify(part)) as object) }),
  'tenants.list': () => ({ tenants: state.tenants, selected: state.selected }),
  'tenants.create': (input) => {
    const tenant = { ...sample.tenant, ...input, id: 'tenantnew0001' } as typeof sample.tenant;
    state.tenants = [...state.tenants, tenant];
    return tenant;
  },
  'tenants.openPractice': () => {
    if (!state.tenants.includes(sample.practiceTenant)) state.tenants = [...state.tenants, sample.practiceTenant];
    state.selected = sample.practiceTenant.id;
    return sample.practiceTenant;
  },
  'tenants.select': ({ id }) => {
    state.selected = id;
    return state.tenants.find((tenant) => tenant.id === id) ?? sample.tenant;
  },
  'tenants.update': () => sample.tenant,
  'tenants.remove': ({ id }) => {
    state.tenants = state.tenants.filter((tenant) => tenant.id !== id);
    state.selected = state.tenants[0]?.id ?? null;
    return {};
  },
  'vault.status': () => state.vault,
  'vault.setPassphrase': () => setVault({ ...state.vault, protection: 'passphrase', state: 'unlocked' }),
  'vault.unlock': ({ passphrase }) => {
    if (passphrase !== 'correct horse battery')
      throw new AppError('wrong_passphrase', 'This is not the passphrase of this profile.');
    return setVault({ ...state.vault, state: 'unlocked', unreadable: 0 });
  },
  'vault.lock': () => setVault({ ...state.vault, state: 'locked' }),
  'connectors.list': () => ({
    connectors: sample.connectors,
    practice:
      scenario === 'practice'
        ? [
            {
              connectorId: 'salesforce',
              authMethodId: 'oauth',
              fields: { orgType: 'production' },
              overrides: {
                apiBaseUrl: 'http://127.0.0.1:4100',
                loginBaseUrl: 'http://127.0.0.1:4100',
                allowPrivateNetwork: true,
              },
              filledSecrets: [],
              users: [
                { name: 'Dana Whitfield', email: 'dana@northwind.example', password: 'practice' },
                { name: 'Peter Ruiz', email: 'peter@northwind.example', password: 'practice' },
              ],
            },
          ]
        : [],
  }),
  'oauthApps.list': () => ({ apps: state.apps }),
  'oauthApps.save': (input) => {
    const app = {
      connectorId: input.connectorId,
      authMethodId: input.authMethodId,
      clientId: input.clientId,
      hasClientSecret: input.clientSecret !== undefined,
      clientSecretSetAt: input.clientSecret === undefined ? null : sample.at(0),
      isClientSecretReadable: input.clientSecret !== undefined,
      updatedAt: sample.at(0),
    };
    state.apps = [...state.apps.filter((each) => each.connectorId !== input.connectorId), app];
    return app;
  },
  'oauthApps.remove': ({ connectorId }) => {
    state.apps = state.apps.filter((each) => each.connectorId !== connectorId);
    return {};
  },
  'connections.list': () => {
    const rows = [...state.connections.values()];
    return { listing: 'listing1', rows: rows.slice(0, FIRST), counts: countsOf(rows), asOf: sample.at(0) };
  },
  'connections.listRest': ({ offset, limit }) => {
    const rest = [...state.connections.values()].slice(FIRST);
    return { rows: rest.slice(offset, offset + limit), isLast: offset + limit >= rest.length, isStale: false };
  },
  'connections.changeTags': ({ ids, add, remove }) => {
    const rows = ids.map((id) => {
      const row = connection(id);
      const after = { ...row, tags: changeTags(row.tags, add, remove) };
      state.connections.set(id, after);
      return after;
    });
    emit('connections.changed', { rows, removed: [], all: false });
    return { changed: rows.length, refused: [] };
  },
  'connections.bulkImpact': ({ ids }) => ({
    jobs: ids.length * 2,
    cachedRows: ids.length * 12_000,
    dependentJobs: 1,
    typed: `delete ${ids.length}`,
  }),
  'connections.bulk': async ({ bulkId, ids }) => {
    const results = [];
    for (const [place, id] of ids.entries()) {
      const { name } = connection(id).connection;
      emit('connections.bulkStep', { bulkId, results: [{ id, name, status: 'running', message: '' }] });
      await wait(100);
      const result =
        place === 1
          ? { id, name, status: 'failed' as const, message: 'Authorization: the user was deactivated.' }
          : { id, name, status: 'done' as const, message: 'Passed.' };
      emit('connections.bulkStep', { bulkId, results: [result] });
      results.push(result);
    }
    return { results, isCancelled: false };
  },
  'connections.cancelBulk': () => ({}),
  'connections.get': ({ id }) => ({
    row: connection(id),
    secrets: [
      { name: 'accessKeyId', setAt: sample.at(3), isReadable: true },
      { name: 'secretAccessKey', setAt: sample.at(3), isReadable: true },
    ],
  }),
  'connections.create': made,
  'connections.update': ({ id, input }) => ({
    row: change(connection(id), { name: input.name, fields: input.fields, overrides: input.overrides }),
    needsAuthorization: false,
  }),
  'connections.remove': ({ id }) => {
    state.connections.delete(id);
    return { remote: 'done' };
  },
  'connections.removalImpact': () => ({
    jobs: ['Ticket Sync_Zendesk Support', 'Organization Sync_Zendesk Support'],
    cachedRows: 95_997,
    executions: 112,
    dependentJobs: [],
    needsTypedName: true,
  }),
  'connections.test': test,
  'connections.cancelTest': () => ({}),
  'connections.authorize': authorize,
  'connections.cancelAuthorization': () => {
    state.cancelLogin?.();
    return {};
  },
  'connections.previewUpdate': ({ id, input }) => ({
    changes: [{ field: 'Name of the Connection', before: connection(id).connection.name, after: input.name }],
    needsAuthorization: true,
    why: 'The authorization was given for https://acme.zendesk.com and is never sent to https://other.zendesk.com.',
  }),
  'connections.retryRevocation': () => ({ remote: 'done' }),
  'connections.setReminder': ({ id, until }) => {
    const row = connection(id);
    change(row, {
      state: nextState(row.connection.state, { kind: 'reminderSet', ...(until === null ? {} : { until }) }),
    });
    return {};
  },
  'drafts.list': () => ({ drafts: [] }),
  'drafts.keep': () => ({}),
  'drafts.discard': () => ({}),
  'trash.list': () => ({
    entries: [
      {
        id: connectionIdSchema.parse('deleted00001'),
        name: 'Old Help Desk',
        connectorId: 'zendesk',
        connectorName: 'Zendesk',
        deletedAt: sample.at(0),
        keptUntil: '2099-01-01T00:00:00.000Z',
        jobs: 2,
        cachedRows: 1200,
        remote: 'pending',
      },
    ],
  }),
  'trash.restore': ({ id }) => ({ id, name: connection(id).connection.name }),
  'trash.remove': () => ({}),
  'practice.rehearse': () => ({ systems: ['salesforce', 'zendesk'] }),
  'connections.revoke': ({ id }) => {
    const row = connection(id);
    return change(row, {
      state: nextState(row.connection.state, { kind: 'revoked', at: sample.at(0), remote: 'pending' }),
    });
  },
  'connections.objects': ({ role }) => ({
    objects:
      role === 'source'
        ? [
            { name: 'Account', label: 'Account' },
            { name: 'Contact', label: 'Contact' },
            { name: 'Opportunity', label: 'Opportunity' },
          ]
        : [{ name: 'company', label: 'Company' }],
  }),
  'connections.fields': () => ({
    fields: [
      { name: 'Id', label: 'Id', type: 'text', isKey: true, isCursor: false, required: true },
      { name: 'Name', label: 'Name', type: 'text', isKey: false, isCursor: false, required: false },
      { name: 'Owner.Email', label: 'Owner e-mail', type: 'text', isKey: false, isCursor: false, required: false },
      { name: 'SystemModstamp', label: 'Changed', type: 'datetime', isKey: false, isCursor: true, required: false },
    ],
  }),
  'jobs.list': ({ connectionId }) => ({
    rows: connectionId?.startsWith(NEW_ID)
      ? jobs.slice(0, 3).map((row) => ({ ...row, running: null, cannotRun: null }))
      : jobs.filter(({ job }) => connectionId === undefined || job.connectionId === connectionId),
  }),
  'jobs.get': ({ id }) => {
    const row = jobs.find((each) => each.job.id === id);
    if (!row) throw new AppError('not_found', 'This job is not there any more.');
    return row;
  },
  'jobs.create': () => jobs[0] as (typeof jobs)[number],
  'jobs.update': ({ id }) => jobs.find((each) => each.job.id === id) as (typeof jobs)[number],
  'jobs.remove': () => ({}),
  'jobs.runNow': () => ({ activityId: 'activity000001' as never }),
  'jobs.stop': () => ({}),
  'activity.executions': ({ offset, limit, status, failedLast24Hours, connectionId, jobId, search }) => {
    const found = executions.filter(
      (each) =>
        (!status || each.status === status) &&
        (!failedLast24Hours || each.status === 'failed') &&
        (!connectionId || each.connectionId === connectionId) &&
        (!jobId || each.jobId === jobId) &&
        each.jobName.toLowerCase().includes(search.toLowerCase()),
    );
    return { executions: found.slice(offset, offset + limit), total: found.length };
  },
  'activity.execution': ({ id }) => {
    const found = executions.find((each) => each.id === id);
    if (!found) throw new AppError('not_found', 'This activity is not there any more.');
    return found;
  },
  'activity.log': () => ({
    lines: Array.from({ length: 40 }, (_, index) => ({
      at: sample.at(40 - index),
      text: `Page ${index + 1}: 1,000 rows read in 412 ms`,
    })),
  }),
  'activity.unread': () => ({
    parts: [
      {
        part: 'exports/usage-2026-07-14.csv',
        reason: 'The file is archived. Restore it in S3, then run the job again.',
      },
    ],
  }),
  'activity.missing': ({ id }) => ({ missing: { rows: 1_260, finding: id, foundAt: sample.at(9) } }),
  'jobs.markMissing': ({ rows }) => ({ rows }),
  'activity.rejected': ({ offset, limit }) => ({
    records: Array.from({ length: Math.min(limit, 120 - offset) }, (_, index) => ({
      key: `003${offset + index}`,
      reason: 'Email is required and empty.',
      by: 'mapping' as const,
    })),
    total: 120,
  }),
  'activity.exportRejected': () => ({ ...saved, rows: 120, fileName: 'rejected.csv' }),
  'activity.updates': ({ offset, limit }) => ({
    updates: updates.slice(offset, offset + limit),
    total: updates.length,
  }),
  'data.tables': () => ({ tables: sample.dataTables(jobs) }),
  'data.rows': ({ offset, limit, jobId, search }) => {
    const table = sample.dataTables(jobs).find((each) => each.jobId === jobId);
    const total = search === '' ? (table?.rows ?? 0) : 12;
    return {
      columns: table?.columns ?? [],
      rows: Array.from({ length: Math.max(0, Math.min(limit, total - offset)) }, (_, index) =>
        sample.dataRow(offset + index),
      ),
      total,
      asOf: sample.at(9),
    };
  },
  'data.exportCsv': () => saved,
};

const namesIn = (parameter: string): Set<string> => new Set((query.get(parameter) ?? '').split(',').filter(Boolean));
/** Calls that fail, and calls that do not answer, until a test says that they work. */
const failing = namesIn('fails');
const hanging = namesIn('hangs');
let release: () => void = () => undefined;
const released = new Promise<void>((resolve) => {
  release = resolve;
});

async function answer(name: CallName, inputJson: string): Promise<string> {
  if (delayMs > 0) await wait(delayMs);
  if (hanging.has(name)) await released;
  try {
    if (failing.has(name)) throw new AppError('database_damaged', 'The file of the history is damaged.');
    const input = CONTRACT[name].input.parse(JSON.parse(inputJson));
    const handle = handlers[name] as (input: unknown) => unknown;
    const value = await handle(input);
    // 10,000 rows through the schemas is main's cost, not the page's.
    return JSON.stringify({ ok: true, value: scenario === 'many' ? value : CONTRACT[name].output.parse(value) });
  } catch (error) {
    if (!(error instanceof AppError)) console.error(name, error);
    return JSON.stringify({
      ok: false,
      error: error instanceof AppError ? error.toData() : { code: 'internal', message: String(error) },
    });
  }
}

function group(names: readonly string[], make: (name: string) => unknown): Record<string, Record<string, unknown>> {
  const groups: Record<string, Record<string, unknown>> = {};
  for (const name of names) {
    const [subject = '', member = ''] = name.split('.');
    groups[subject] ??= {};
    groups[subject][member] = make(name);
  }
  return groups;
}

Object.assign(window, {
  patchbay: {
    calls: group(CALLS, (name) => (inputJson: string) => answer(name as CallName, inputJson)),
    events: group(EVENTS, (name) => (listener: (json: string) => void) => {
      const set = listeners.get(name as EventName) ?? new Set();
      listeners.set(name as EventName, set.add(listener));
      return () => set.delete(listener);
    }),
  },
});

Object.assign(window, {
  harness: {
    /** From now on every call works. */
    heal: () => {
      failing.clear();
      release();
    },
    emit,
  },
});

// One run goes on, so that live rows can be seen.
let tick = 0;
const live = executions[1];
if (live && scenario !== 'many') {
  setInterval(() => {
    tick += 1;
    emit('activity.progress', {
      ...live,
      counts: { ...live.counts, read: Math.min(59_000, 20_000 + tick * 900) },
      durationMs: 20_000 + tick * 250,
    });
  }, 250);
}
