// The app on a copy of the profile of many, with one of its connections authorized at a practice server and reading from the
// benchmark's own server. Everything is asked through the page, as the page itself does.
import fs from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { call } from './calls.mjs';
import { openWindow } from './open-window.mjs';
import { ALL_HERE } from './person.mjs';
import { newProfile, removeProfile, startPractice } from './processes.mjs';
import { profileOfMany } from './seed.mjs';

const PASSPHRASE = 'a passphrase for the benchmark';

/**
 * Opens it for as long as `work` takes.
 * @param {(app: {window: object, sync: () => Promise<{records: number, seconds: number}>}) => Promise<any>} work
 */
export async function withConnectedApp({ url, withMain = false }, work) {
  const profile = newProfile();
  fs.cpSync(await profileOfMany(), profile, { recursive: true });
  const draft = draftOf(profile);
  const practice = await startPractice();
  const window = await openWindow({ profile, withMain });
  try {
    await window.until(ALL_HERE);
    await authorize(window, draft, { url, practice });
    return await work({ window, sync: () => sync(window, draft) });
  } finally {
    await window.close();
    practice.stop();
    removeProfile(profile);
  }
}

/** The tenant's limits allow no further connection, so one of those that nobody has authorized yet. */
function draftOf(profile) {
  const db = new Database(path.join(profile, 'data', 'config.db'), { readonly: true });
  const draft = db
    .prepare(
      "SELECT id, name, version FROM connections WHERE connector_id = 'salesforce' AND state ->> 'kind' = 'draft' LIMIT 1",
    )
    .get();
  db.close();
  return draft;
}

async function authorize(window, { id, name, version }, { url, practice }) {
  const method = { connectorId: 'salesforce', authMethodId: 'oauth' };
  if ((await call(window, 'vault.status')).state === 'unset')
    await call(window, 'vault.setPassphrase', { passphrase: PASSPHRASE });
  await call(window, 'oauthApps.save', { ...method, ...practice.samples.oauthApp });
  const input = {
    ...method,
    name,
    fields: { orgType: 'production' },
    secrets: {},
    overrides: { apiBaseUrl: url, loginBaseUrl: practice.baseUrl, allowPrivateNetwork: true },
  };
  await call(window, 'connections.update', { id, version, input });
  const [outcome] = await Promise.all([
    call(window, 'connections.authorize', { id, way: 'window' }),
    window.pageAt(practice.baseUrl).then(logIn),
  ]);
  if (outcome.kind !== 'authorized') throw new Error(`The log-in ended with ${outcome.kind}.`);
}

async function logIn(page) {
  const press = (button) => `(() => {
    const button = ${button};
    if (!button) return false;
    setTimeout(() => button.click());
    return true;
  })()`;
  await page.until("document.querySelector('#password') !== null");
  await page.evaluate(`document.querySelector('#login').value = 'dana@acme.example';
    document.querySelector('#password').value = 'practice-dana-1';`);
  await page.evaluate(press("document.querySelector('form button')"));
  await page.until(press("document.querySelector('button[value=allow]')"));
}

let jobs = 0;

/** Reads all the server has with a job of its own, into the local cache, with the fields that the headless program takes. */
async function sync(window, { id }) {
  const asked = { id, role: 'source', object: 'Account' };
  const { fields } = await call(window, 'connections.fields', asked);
  jobs += 1;
  const { job } = await call(window, 'jobs.create', {
    name: `Account ${jobs}`,
    connectionId: id,
    sourceObject: 'Account',
    mapping: fields.map(({ name, type, isKey }) => ({
      target: name,
      type,
      from: { kind: 'direct', path: name },
      required: isKey,
    })),
    keyColumn: 'Id',
    mode: 'full',
    cursorField: 'SystemModstamp',
    lookbackSeconds: 0,
    filter: [],
    destination: { kind: 'cache' },
    isEnabled: true,
  });
  return runToItsEnd(window, job.id);
}

async function runToItsEnd(window, jobId) {
  const { execution, seconds } = await window.evaluate(`new Promise((resolve, reject) => {
    const from = performance.now();
    const stop = window.patchbay.events.activity.progress((text) => {
      const execution = JSON.parse(text);
      if (execution.jobId !== '${jobId}' || execution.endedAt === null) return;
      stop();
      resolve({ execution, seconds: (performance.now() - from) / 1000 });
    });
    window.patchbay.calls.jobs.runNow('${JSON.stringify({ id: jobId })}').then((text) => {
      const answer = JSON.parse(text);
      if (!answer.ok) reject(new Error(answer.error.message));
    });
  })`);
  const { status, failure, counts } = execution;
  if (status !== 'success') throw new Error(`The sync ended with ${status}: ${failure?.message}`);
  return { records: counts.read, seconds, rps: counts.read / seconds };
}
