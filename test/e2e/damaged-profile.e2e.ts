// A profile that something else has damaged: the window opens, says what was lost, and what was not damaged is there.
import { execFile, execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@playwright/test';
import { launchApp } from '../support/app.ts';
import { unpackOldProfile } from '../support/old-profile.ts';
import { goTo, rowOf } from './actions/connections.ts';
import { call } from './actions/settings.ts';

let profile: string;
const inProfile = (...names: string[]): string => path.join(profile, ...names);
const notice = (text: string | RegExp) => expect.objectContaining({ text: expect.stringMatching(text) });

test.beforeEach(async () => {
  profile = fs.mkdtempSync(path.join(os.tmpdir(), 'patchbay-damaged-'));
  unpackOldProfile(profile);
  // Upgraded and closed cleanly: no journal is left to make up for anything.
  const running = await launchApp({ profile, keyring: 'none' });
  await expect(rowOf(running.page, 'S3')).toBeVisible();
  await running.close();
  await expect.poll(() => fs.existsSync(inProfile('data', 'history.db-wal'))).toBe(false);
});
test.afterEach(() => fs.rmSync(profile, { recursive: true, force: true }));

function cut(file: string, bytes: number): void {
  const target = inProfile('data', file);
  fs.truncateSync(target, fs.statSync(target).size - bytes);
}

test('a history with 1,001 bytes cut off: the window opens with what can still be read', async () => {
  cut('history.db', 1001);
  const running = await launchApp({ profile, keyring: 'none' });
  try {
    const { page } = running;
    await expect(rowOf(page, 'S3')).toContainText('Connected');
    expect(await call(page, 'activity.executions', { offset: 0, limit: 10, search: '' })).toMatchObject({ total: 9 });
    const { notices } = await call<{ notices: unknown[] }>(page, 'app.state', {});
    expect(notices).toEqual([notice(/activity history was damaged.*could still be read.*data\/quarantine\/history-/)]);
    expect(fs.readFileSync(inProfile('logs', 'patchbay.log'), 'utf8')).toContain('The activity history is damaged');
  } finally {
    await running.close();
  }
});

test('folders, links, pipes and texts in place of its files: the window opens and names what was lost', async () => {
  const replace = (name: string, make: (target: string) => void): void => {
    fs.rmSync(inProfile(name), { recursive: true, force: true });
    make(inProfile(name));
  };
  replace('data/history.db', (target) => fs.mkdirSync(target));
  replace('data/vault.db', (target) => fs.symlinkSync(inProfile('nowhere'), target));
  replace('data/cache.db-wal', (target) => fs.mkdirSync(target));
  replace('data/cache.lock', (target) => fs.mkdirSync(target));
  replace('data/config.db-wal', (target) => void execFileSync('mkfifo', [target]));
  replace('preferences.json', (target) => void execFileSync('mkfifo', [target]));
  replace('logs', (target) => fs.writeFileSync(target, 'a file'));
  replace('practice/salesforce.json', (target) => fs.writeFileSync(target, 'not JSON'));
  replace('practice/zendesk.json', (target) => fs.mkdirSync(target));
  replace('data/backups', (target) => fs.writeFileSync(target, 'a file'));
  const running = await launchApp({ profile, keyring: 'none' });
  try {
    const { page } = running;
    // Without its preferences it does not know which tenant was on screen.
    await call(page, 'tenants.select', { id: '1tr9dhga1k8r0j7twp3v' });
    await page.reload();
    await goTo(page, 'Connections');
    await expect(rowOf(page, 'S3')).toBeVisible();
    const { notices } = await call<{ notices: unknown[] }>(page, 'app.state', {});
    expect(notices).toEqual(
      expect.arrayContaining([
        notice(/In place of the activity history was a folder\..*data\/quarantine\/history-/),
        notice(/In place of the credential store was a link that leads nowhere\./),
        notice(/In place of the journal of the file with tenants, connections and jobs was not a file\./),
      ]),
    );
    // The practice servers run, and the worker has its files.
    await expect.poll(() => call(page, 'connectors.list', {})).toMatchObject({ practice: expect.anything() });
    const tables = () => call(page, 'data.tables', {}).catch((error: Error) => error.message);
    const table = expect.objectContaining({ jobName: 'Company Sync_Salesforce', rows: 320 });
    await expect.poll(tables, { timeout: 20_000 }).toEqual({ tables: expect.arrayContaining([table]) });
    expect(fs.readFileSync(inProfile('logs', 'patchbay.log'), 'utf8')).toContain('starts');
  } finally {
    await running.close();
  }
});

test('a file in place of the data folder: a dialog, stderr and the log say so, and nothing is written there', async () => {
  fs.rmSync(inProfile('data'), { recursive: true });
  fs.writeFileSync(inProfile('data'), 'mine');
  const script = path.join(import.meta.dirname, '..', '..', 'scripts', 'launch-spec.mjs');
  const { stdout } = await promisify(execFile)(process.execPath, [script, '--profile', profile]);
  const spec = JSON.parse(stdout) as {
    executablePath: string;
    args: string[];
    env: Record<string, string>;
    cwd: string;
  };
  const child = spawn(spec.executablePath, spec.args, {
    cwd: spec.cwd,
    env: spec.env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  try {
    await expect.poll(() => said, { timeout: 20_000 }).toContain('The profile folder can’t be used.');
    expect(said).toContain('data is a file, but Patchbay needs a folder there.');
    expect(fs.readFileSync(inProfile('logs', 'patchbay.log'), 'utf8')).toContain('Patchbay could not start');
    expect(fs.readFileSync(inProfile('data'), 'utf8')).toBe('mine');
  } finally {
    child.kill('SIGKILL');
  }
});
