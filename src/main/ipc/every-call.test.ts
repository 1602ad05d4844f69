// Every call of the contract with ids of another tenant: none reaches a handler, so nothing is written and nothing answered.
import { afterEach, beforeEach, describe, expect, expectTypeOf, it, vi } from 'vitest';
import { z } from 'zod';
import { openTestProfile, type TestProfile } from '../../core/network/testing/servers.ts';
import { connectionIdSchema, jobIdSchema, type TenantId } from '../../shared/ids.ts';
import { CALLS, type CallName } from '../../shared/ipc/channels.ts';
import type { Call, SubjectKind, SubjectOf } from '../../shared/ipc/contract/entry.ts';
import { CONTRACT } from '../../shared/ipc/contract.ts';
import { aConnection, aJob, anExecution, aTenant } from '../../store/testing/records.ts';
import { createTenantGuard } from './tenant-guard.ts';

// The platform, not our code: outside Electron its module is only the path of a program.
vi.mock('electron', () => ({ app: {}, BrowserWindow: class {}, nativeTheme: {}, protocol: {}, ipcMain: {} }));
const { answer } = await import('./router.ts');
type Handlers = import('./router.ts').Handlers;

const [mine, other] = [aTenant({ name: 'Mine' }), aTenant({ name: 'Other' })];
interface Ids {
  readonly connection: string;
  readonly job: string;
  readonly activity: string;
}
let here: TestProfile;
let ids: { readonly mine: Ids; readonly other: Ids };
let selected: TenantId | null;
let reached: CallName[];

function furnish(tenant: typeof mine): Ids {
  const connection = aConnection(tenant.id);
  const job = aJob(connection);
  const run = anExecution(connection, job);
  const { store } = here;
  store.change(() => {
    store.tenants.insert(tenant);
    store.connections.insert(connection);
    store.jobs.insert(job);
  }, null);
  store.executions.insert(run);
  return { connection: connection.id, job: job.id, activity: run.id };
}

beforeEach(async () => {
  here = await openTestProfile();
  ids = { mine: furnish(mine), other: furnish(other) };
  selected = mine.id;
  reached = [];
});
afterEach(() => here.close());

const page = { offset: 0, limit: 10 };
const form = {
  connectorId: 'example-crm',
  name: 'CRM',
  authMethodId: 'oauth',
  fields: {},
  secrets: {},
  overrides: { allowPrivateNetwork: false },
};
const draftValues = {
  connectorId: 'example-crm',
  name: 'CRM',
  authMethodId: 'oauth',
  fields: {},
  clientId: '',
  apiBaseUrl: '',
  loginBaseUrl: '',
  allowPrivateNetwork: false,
};
const settings = (connection: string, destination = connection) => ({
  name: 'Accounts',
  connectionId: connection,
  sourceObject: 'Account',
  mapping: [{ target: 'Id', type: 'text', from: { kind: 'direct', path: 'Id' }, required: true }],
  keyColumn: 'Id',
  mode: 'full',
  cursorField: null,
  lookbackSeconds: 0,
  filter: [],
  destination: { kind: 'connection', connectionId: destination, object: 'company', keys: ['Id'] },
  isEnabled: true,
});
const byConnection = ({ connection }: Ids) => ({ id: connection });
const byJob = ({ job }: Ids) => ({ id: job });
const byActivity = ({ activity }: Ids) => ({ id: activity });

/** A valid input of every call that names something a tenant owns. */
const INPUTS: Partial<Record<CallName, (named: Ids) => object>> = {
  'connections.get': byConnection,
  'connections.update': ({ connection }) => ({ id: connection, version: 1, input: form }),
  'connections.remove': ({ connection }) => ({ id: connection, typedName: '' }),
  'connections.removalImpact': byConnection,
  'connections.test': ({ connection }) => ({ testId: 'test0000', id: connection, input: form }),
  'connections.authorize': byConnection,
  'connections.previewUpdate': ({ connection }) => ({ id: connection, input: form }),
  'connections.revoke': byConnection,
  'connections.retryRevocation': byConnection,
  'connections.setReminder': ({ connection }) => ({ id: connection, until: null }),
  'connections.objects': ({ connection }) => ({ id: connection, role: 'source' }),
  'connections.fields': ({ connection }) => ({ id: connection, role: 'source', object: 'Account' }),
  'connections.changeTags': ({ connection }) => ({ ids: [ids.mine.connection, connection], add: ['a'], remove: [] }),
  'connections.bulkImpact': ({ connection }) => ({ ids: [ids.mine.connection, connection] }),
  'connections.bulk': ({ connection }) => ({
    bulkId: 'bulk0000',
    action: 'test',
    ids: [ids.mine.connection, connection],
    typed: '',
  }),
  'drafts.keep': ({ connection }) => ({ key: connection, values: draftValues, base: draftValues }),
  'drafts.discard': ({ connection }) => ({ key: connection }),
  'trash.restore': byConnection,
  'trash.remove': byConnection,
  'transfer.export': ({ connection }) => ({ ids: [ids.mine.connection, connection] }),
  'jobs.list': ({ connection }) => ({ connectionId: connection }),
  'jobs.get': byJob,
  'jobs.create': ({ connection }) => settings(connection),
  'jobs.update': ({ job, connection }) => ({ id: job, version: 1, settings: settings(connection) }),
  'jobs.remove': byJob,
  'jobs.runNow': byJob,
  'jobs.stop': byJob,
  'jobs.markMissing': ({ job, activity }) => ({ id: job, finding: activity, rows: 1 }),
  'activity.executions': ({ connection, job }) => ({ ...page, search: '', connectionId: connection, jobId: job }),
  'activity.execution': byActivity,
  'activity.log': byActivity,
  'activity.unread': byActivity,
  'activity.missing': byActivity,
  'activity.rejected': ({ activity }) => ({ id: activity, ...page }),
  'activity.exportRejected': byActivity,
  'activity.updates': ({ connection }) => ({ ...page, search: '', connectionId: connection }),
  'data.rows': ({ job }) => ({ jobId: job, ...page, search: '', sort: null }),
  'data.exportCsv': ({ job }) => ({ jobId: job, search: '' }),
};

const OWNED = new Set<SubjectKind>(['connection', 'job', 'activity']);
const ownedPaths = (name: CallName): string[] => {
  const { subject } = CONTRACT[name];
  return subject === 'none'
    ? []
    : Object.entries<SubjectKind>(subject).flatMap(([path, kind]) => (OWNED.has(kind) ? [path] : []));
};
const guarded = CALLS.filter((name) => ownedPaths(name).length > 0 && !('worksInEveryTenant' in CONTRACT[name]));

/** Calls as the window does; the handlers only write down that they were reached. */
async function send(
  name: CallName,
  input: object,
): Promise<{ ok: boolean; error?: { code: string; message: string } }> {
  const handlers = Object.fromEntries(CALLS.map((one) => [one, () => void reached.push(one)]));
  const text = await answer(name, JSON.stringify(input), handlers as unknown as Handlers, {
    onUnexpected: () => undefined,
    onRefusedSender: () => undefined,
    guard: createTenantGuard({ store: here.store, selected: () => selected }),
  });
  return JSON.parse(text) as { ok: boolean };
}

const REFUSED = { ok: false, error: { code: 'not_found', message: expect.stringContaining('another tenant') } };

describe('a call that names something of another tenant', () => {
  it('is tried below, whichever call it is', () => {
    expect(Object.keys(INPUTS).sort()).toEqual([...guarded].sort());
  });

  it.each(guarded)('%s reaches no handler', async (name) => {
    const input = INPUTS[name];
    if (input === undefined) throw new Error('No input to try');
    expect(await send(name, input(ids.other))).toEqual(REFUSED);
    expect(reached).toEqual([]);
    selected = null;
    expect(await send(name, input(ids.other))).toEqual(REFUSED);
    expect(reached).toEqual([]);
    // The same input about this tenant is valid, so it was the guard that refused it.
    selected = mine.id;
    await send(name, input(ids.mine));
    expect(reached).toEqual([name]);
  });

  it('is refused for each of its ids alone', async () => {
    const { connection, job } = ids.mine;
    const foreign = ids.other.connection;
    for (const input of [settings(connection, foreign), settings(foreign, connection)]) {
      expect(await send('jobs.create', input)).toEqual(REFUSED);
      expect(await send('jobs.update', { id: job, version: 1, settings: input })).toEqual(REFUSED);
    }
    expect(await send('activity.executions', { ...page, search: '', jobId: ids.other.job })).toEqual(REFUSED);
    expect(reached).toEqual([]);
  });

  it('goes through in every tenant only where it ends something and answers nothing', () => {
    const everywhere = CALLS.filter((name) => 'worksInEveryTenant' in CONTRACT[name]);
    expect(everywhere).toEqual(['connections.cancelAuthorization']);
    for (const name of everywhere) expect(CONTRACT[name].output.safeParse({})).toEqual({ success: true, data: {} });
  });
});

describe('the subject of a call', () => {
  it('has to name every id of its input, or the contract does not compile', () => {
    const nested = z.strictObject({
      id: jobIdSchema,
      inner: z.strictObject({ connections: z.array(connectionIdSchema).optional(), theirId: z.string() }),
      text: z.string(),
    });
    expectTypeOf<SubjectOf<z.output<typeof nested>>>().toEqualTypeOf<{
      readonly id: 'job';
      readonly 'inner.connections[]': 'connection';
      readonly 'inner.theirId': SubjectKind;
    }>();
    expectTypeOf<SubjectOf<{ text: string; fields: Record<string, string>; more: number[] }>>().toEqualTypeOf<'none'>();

    const input = z.strictObject({ id: connectionIdSchema });
    type Entry = Call<typeof input, z.ZodObject>;
    expectTypeOf<{ id: 'connection' }>().toExtend<Entry['subject']>();
    expectTypeOf<'none'>().not.toExtend<Entry['subject']>();
    expectTypeOf<{ id: 'none' }>().not.toExtend<Entry['subject']>();
    expectTypeOf<undefined>().not.toExtend<Entry['subject']>();
  });
});
