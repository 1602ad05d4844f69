// A profile with many connections and activities, made by the store itself, for what is measured and tested on the open window.
// `names`: what the first ones are called.
import fs from 'node:fs';
import path from 'node:path';
import { createServer } from 'vite';

const projectRoot = path.resolve(import.meta.dirname, '..', '..');
const DAY_MS = 86_400_000;
const REGIONS = ['EMEA', 'APAC', 'Americas', 'Nordics', 'DACH', 'Iberia', 'Benelux', 'Japan'];
const USES = ['Production', 'Sandbox', 'Support', 'Billing', 'Usage files', 'Surveys', 'Partner exchange'];
const SYSTEMS = [
  { connectorId: 'salesforce', authMethodId: 'oauth', object: 'Account', fields: { orgType: 'production' } },
  { connectorId: 'zendesk', authMethodId: 'oauth', object: 'tickets', fields: { subdomain: 'acme' } },
  {
    connectorId: 's3',
    authMethodId: 'access-key',
    object: 'usage/*.csv',
    fields: { bucket: 'acme', region: 'eu-west-1' },
  },
];

/** @returns how long it took, milliseconds; nothing is done where such a profile is already */
export async function seedProfile(
  folder,
  { connections = 10_000, executions = 1_000_000, names = [], log = () => undefined } = {},
) {
  const mark = path.join(folder, 'seeded.json');
  const wanted = JSON.stringify({ connections, executions, names, form: 1 });
  if (fs.existsSync(mark) && fs.readFileSync(mark, 'utf8') === wanted) return 0;
  fs.rmSync(folder, { recursive: true, force: true });
  const startedAt = performance.now();
  const vite = await createServer({
    root: projectRoot,
    configFile: false,
    logLevel: 'error',
    server: { middlewareMode: true, hmr: false, watch: null },
    optimizeDeps: { noDiscovery: true, include: [] },
  });
  try {
    const load = (file) => vite.ssrLoadModule(`/src/store/${file}`);
    const { openProfile, newId, newActivityId } = await load('profile.ts');
    const { Store } = await load('store.ts');
    const { openDatabase, inTransaction, closeDatabase } = await load('database.ts');
    const { ExecutionRepository } = await load('repositories/executions.ts');
    const { aTenant, aConnection, aJob, anExecution } = await load('testing/records.ts');
    const profile = openProfile(folder);
    const options = { profile, version: '0.1.0', onNotice: () => undefined, log: () => undefined };
    const store = await Store.open(options);
    const tenant = aTenant({ name: 'Acme Corporation' });
    const made = [];
    const random = randomOf(7);
    store.change(() => {
      store.tenants.insert(tenant);
      for (let index = 0; index < connections; index += 1) {
        const connection = aConnection(tenant.id, { ...connectionOf(index, random), ...nameOf(names[index]) });
        store.connections.insert(connection);
        const job = aJob(connection, { id: newId(), name: `Sync ${index}`, sourceObject: SYSTEMS[index % 3].object });
        store.jobs.insert(job);
        if (index % 9 === 0) store.connectionList.setTags(connection.id, ['EU', index % 2 ? 'prod' : 'test']);
        made.push({ connection, job });
      }
    }, null);
    await store.close();
    log(`${connections} connections`);
    const db = openDatabase(path.join(profile.data, 'history.db'), 'history');
    const repository = new ExecutionRepository(db, () => undefined);
    const now = Date.now();
    const each = Math.max(1, Math.floor(executions / connections));
    for (let run = each; run > 0; run -= 1) {
      inTransaction(db, () => {
        for (const [index, { connection, job }] of made.entries())
          repository.insert(anExecution(connection, job, executionOf(index, run, now, newActivityId)));
      });
      if (run % 20 === 0) log(`${(each - run) * connections} activities`);
    }
    closeDatabase(db);
    // Closed once more by the store, so that the app finds the files as its own version left them.
    await (await Store.open(options)).close();
    fs.writeFileSync(path.join(folder, 'preferences.json'), JSON.stringify({ lastTenant: tenant.id }));
    fs.writeFileSync(mark, wanted);
  } finally {
    await vite.close();
  }
  return performance.now() - startedAt;
}

/** The profile of the window's figures. Kept between runs: making it takes minutes. */
export async function profileOfMany() {
  const folder = path.join(projectRoot, '.bench', 'window-profile');
  await seedProfile(folder, { log: (text) => process.stderr.write(`  seeding: ${text}\n`) });
  return folder;
}

function connectionOf(index, random) {
  const { connectorId, authMethodId, fields } = SYSTEMS[index % 3];
  const name = `${USES[Math.floor(random() * USES.length)]} ${REGIONS[index % REGIONS.length]} ${String(index).padStart(5, '0')}`;
  const since = '2026-03-01T09:00:00.000Z';
  const state =
    index % 50 === 0
      ? { kind: 'disconnected', since, reason: 'user_deactivated', detail: 'The user is suspended.' }
      : index % 97 === 0
        ? { kind: 'draft' }
        : index % 61 === 0
          ? { kind: 'revoked', since, remote: 'done' }
          : { kind: 'active', since };
  const account = `user${index % 400}@acme.example`;
  const org = `acme-${index}.example.com`;
  const scopes = ['api', 'refresh_token'];
  const authorization =
    state.kind === 'draft'
      ? null
      : { account, accountId: account, org, orgId: org, scopes, missingScopes: [], grantedAt: since };
  return { connectorId, authMethodId, name, fields, state, authorization };
}

const nameOf = (name) => (name === undefined ? {} : { name });

/** The newest runs are hours old, the others a day apart; one connection in 40 has failed lately. */
function executionOf(index, run, now, newActivityId) {
  const startedMs = now - (run - 1) * DAY_MS - 3_600_000 - (index % 600) * 60_000;
  const startedAt = new Date(startedMs).toISOString();
  const endedAt = new Date(startedMs + 40_000).toISOString();
  const hasFailed = run === 1 ? index % 40 === 0 : (index + run) % 50 === 0;
  const failure = {
    class: 'reauthorize_deactivated',
    message: 'The authorized user was deactivated.',
    advice: 'Re-authorize as another admin.',
  };
  return {
    id: newActivityId(startedMs),
    startedAt,
    endedAt,
    durationMs: 40_000,
    status: hasFailed ? 'failed' : 'success',
    failure: hasFailed ? failure : null,
  };
}

function randomOf(seed) {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}
