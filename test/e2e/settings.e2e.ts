// Tenants and settings on the real app: limits, OAuth apps, export and import, backup and restore, the vault's passphrase.
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from '@playwright/test';
import { launchApp, type RunningApp } from '../support/app.ts';
import { goTo, rowOf, saveConnected, startConnection } from './actions/connections.ts';
import { addTenant, call, chooseFile, openSettings, setPassphrase } from './actions/settings.ts';

const PASSPHRASE = 'correct horse battery';
let running: RunningApp;
let folder: string;
test.describe.configure({ mode: 'serial' });
test.beforeAll(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'patchbay-settings-'));
  // No keyring: the passphrase is what protects.
  running = await launchApp({ keyring: 'none' });
});
test.afterAll(async () => {
  await running.close();
  fs.rmSync(folder, { recursive: true, force: true });
});

/** The newest Update activity, as the page shows it. */
async function newestUpdate(page: RunningApp['page']): Promise<string> {
  const { updates } = await call<{ updates: { action: string; changes: object[] }[] }>(page, 'activity.updates', {
    offset: 0,
    limit: 1,
    search: '',
  });
  return JSON.stringify(updates[0]);
}

test('a tenant is added, its limit raised with the support case, and its OAuth app kept without showing the secret', async () => {
  const { page } = running;
  await addTenant(page, 'Acme', 'acme.gainsightcloud.com');
  await page.getByRole('button', { name: 'Set a passphrase' }).click();
  await setPassphrase(page, PASSPHRASE);

  const tenant = await openSettings(page, 'Tenant');
  await tenant.getByRole('textbox', { name: 'CRM' }).fill('2');
  await tenant.getByRole('button', { name: 'Save limits' }).click();
  await expect(tenant.getByRole('alert')).toContainText('Enter the support case');
  await tenant.getByLabel('Support case').fill('CASE-4711');
  await tenant.getByRole('button', { name: 'Save limits' }).click();
  await expect(tenant.getByText('Saved')).toBeVisible();
  expect(await newestUpdate(page)).toMatch(/Limit: CRM.*"1".*"2".*CASE-4711/);

  const apps = await openSettings(page, 'OAuth apps');
  await apps.getByRole('button', { name: /Set the app of Salesforce/ }).click();
  const dialog = page.getByRole('dialog', { name: /OAuth app/ });
  await dialog.getByLabel('Client id').fill('my-client');
  await dialog.getByLabel('Client secret').fill('my-client-secret');
  await dialog.getByRole('button', { name: 'Save' }).click();
  const card = apps.getByRole('region', { name: /Salesforce/ });
  await expect(card).toContainText('my-client');
  await expect(card).toContainText('Set just now');
  expect(await page.content()).not.toContain('my-client-secret');
});

test('connections go into a file and come out of it in another tenant, with their keys and their jobs off', async () => {
  const { app, page } = running;
  await page.getByRole('button', { name: /Acme/ }).first().click();
  await page.getByRole('menuitem', { name: 'Open the practice tenant' }).click();
  await goTo(page, 'Connections');
  await saveConnected(page, await startConnection(page, 'S3', 'Usage files'), 'Usage files');
  const made = await call<{ rows: { connection: { id: string } }[] }>(page, 'connections.list', {});
  await call(page, 'jobs.create', {
    name: 'Accounts from files',
    connectionId: made.rows[0]?.connection.id,
    sourceObject: 'accounts.csv',
    mapping: [{ target: 'Id', type: 'text', from: { kind: 'direct', path: 'Id' }, required: true }],
    keyColumn: 'Id',
    mode: 'full',
    cursorField: null,
    lookbackSeconds: 0,
    filter: [],
    destination: { kind: 'cache' },
    isEnabled: true,
  });

  const file = path.join(folder, 'connections.json');
  await chooseFile(app, file);
  await rowOf(page, 'Usage files').getByRole('checkbox').click();
  const chosen = page.getByRole('region', { name: 'Chosen connections' });
  await chosen.getByRole('button', { name: 'Export' }).click();
  const out = page.getByRole('dialog', { name: 'Export connections' });
  await expect(out).toContainText('Exports 1 connection with jobs');
  await out.getByRole('button', { name: 'Export', exact: true }).click();
  await expect(out).toContainText('Saved 1 connection with 1 job');
  await out.getByRole('button', { name: 'Done' }).click();
  expect(JSON.parse(fs.readFileSync(file, 'utf8'))).toMatchObject({
    connections: [{ name: 'Usage files' }],
    keys: null,
  });
  await page.keyboard.press('Escape');
  await expect(chosen).toHaveCount(0);

  const data = await openSettings(page, 'Data and backup');
  await data.getByRole('button', { name: 'Export connections' }).click();
  await out.getByLabel('With keys').check();
  await out.getByLabel('Passphrase of the file').fill('the passphrase of a file');
  await out.getByLabel('Type it again').fill('the passphrase of a file');
  await out.getByRole('button', { name: 'Export', exact: true }).click();
  await expect(out).toContainText('Saved 1 connection with 1 job');
  await out.getByRole('button', { name: 'Done' }).click();
  expect(await call(page, 'activity.updates', { offset: 0, limit: 2, search: 'exported' })).toMatchObject({
    total: 2,
    updates: [{ changes: [{}, { after: 'of 1 of them, sealed by a passphrase' }] }, { subject: 'Usage files' }],
  });
  const text = fs.readFileSync(file, 'utf8');
  expect(text).toContain('"bucket": "acme-exports"');
  expect(text).not.toContain('practice/secret');
  expect(fs.statSync(file).mode & 0o077).toBe(0);

  await page
    .getByRole('button', { name: /Practice/ })
    .first()
    .click();
  await page
    .getByRole('menuitemradio', { name: /Acme/ })
    .or(page.getByRole('menuitem', { name: 'Acme' }))
    .first()
    .click();
  await openSettings(page, 'Data and backup');
  await page.getByRole('button', { name: 'Import connections' }).click();
  const dialog = page.getByRole('dialog', { name: 'Import connections' });
  await dialog.getByRole('button', { name: 'Choose a file' }).click();
  await expect(dialog.getByRole('listitem')).toContainText(['New']);
  await dialog.getByLabel('Passphrase of the file').fill('not this one, surely');
  await dialog.getByRole('button', { name: 'Import 1 connection' }).click();
  await expect(dialog.getByRole('alert')).toContainText('does not open the keys');
  await dialog.getByLabel('Passphrase of the file').fill('the passphrase of a file');
  await dialog.getByRole('button', { name: 'Import 1 connection' }).click();
  await expect(dialog).toContainText('Imported and connected');
  await dialog.getByRole('button', { name: 'Show connections' }).click();
  await expect(rowOf(page, 'Usage files')).toContainText('Connected');
  expect(await call(page, 'jobs.list', {})).toMatchObject({
    rows: [{ job: { name: 'Accounts from files', isEnabled: false }, connectionName: 'Usage files' }],
  });

  fs.writeFileSync(file, text.replace('"version": 1', '"version": 7'));
  await openSettings(page, 'Data and backup');
  await page.getByRole('button', { name: 'Import connections' }).click();
  await dialog.getByRole('button', { name: 'Choose a file' }).click();
  await expect(dialog.getByRole('alert')).toContainText('made by a newer version of Patchbay');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
});

test('an older configuration is restored after a restart; what it brings back without a credential says so', async () => {
  const { app, page } = running;
  const data = await openSettings(page, 'Data and backup');
  await data.getByRole('button', { name: 'Back up now' }).click();
  await expect(data.getByText('Backed up and checked')).toBeVisible();
  const [backup] = (await call<{ backups: { id: string }[] }>(page, 'backups.list', {})).backups;
  const { rows } = await call<{ rows: { connection: { id: string; name: string } }[] }>(page, 'connections.list', {});
  await call(page, 'connections.remove', { id: rows[0]?.connection.id, typedName: rows[0]?.connection.name });

  // The new process would not be the test's: it is started by hand.
  await app.evaluate(({ app: main }) => {
    main.relaunch = () => undefined;
  });
  const place = (await call<{ backups: { id: string }[] }>(page, 'backups.list', {})).backups.findIndex(
    ({ id }) => id === backup?.id,
  );
  await goTo(page, 'Connections');
  await openSettings(page, 'Data and backup');
  await data
    .getByRole('button', { name: /^Restore the backup/ })
    .nth(place)
    .click();
  const dialog = page.getByRole('dialog', { name: 'Restore this backup' });
  await expect(dialog).toContainText('Credentials are never part of a backup');
  const ended = app.waitForEvent('close');
  await dialog.getByRole('button', { name: 'Restore and restart' }).click();
  await ended;
  await running.relaunch();
  const notices = running.page.getByRole('region', { name: 'Notices' });
  await expect(notices).toContainText('was restored. Credentials are never part of a backup');
  await notices.getByRole('button', { name: 'Dismiss this notice' }).click();
  await running.page.reload();
  await expect(rowOf(running.page, 'Usage files')).toContainText('Disconnected');
  await expect(running.page.getByText('Credentials are never part of a backup')).toHaveCount(0);
});

test('a forgotten passphrase is given up: what it costs is said, then the vault works again', async () => {
  const { page } = running;
  const vault = await openSettings(page, 'Vault');
  await vault.getByRole('button', { name: 'Forgotten passphrase' }).click();
  const dialog = page.getByRole('dialog', { name: 'Forgotten passphrase' });
  await expect(dialog).toContainText('To be re-authorized');
  await expect(dialog).toContainText('Usage files');
  await expect(dialog).toContainText('Salesforce');
  await dialog.getByLabel('New passphrase').fill('another long passphrase');
  await dialog.getByLabel('Type it again').fill('another long passphrase');
  await dialog.getByRole('button', { name: 'Give up' }).click();
  await expect(dialog.getByRole('alert')).toContainText('forget');
  await dialog.getByLabel('to confirm').fill('forget');
  await dialog.getByRole('button', { name: 'Give up' }).click();
  await expect(dialog).toBeHidden();
  await expect(vault).toContainText('Open');
  const apps = await openSettings(page, 'OAuth apps');
  await expect(apps.getByRole('region', { name: /Salesforce/ })).toContainText('cannot be opened on this machine');
});

test('after the last tenant is removed a backup brings it back; theme, log-in way and window are as they were', async () => {
  const { app, page, profile } = running;
  const tenant = await openSettings(page, 'Tenant');
  await tenant.getByRole('checkbox', { name: 'PX' }).check();
  await tenant.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(tenant.getByText('Saved')).toBeVisible();
  await goTo(page, 'Connections');
  await expect(page.getByRole('region', { name: 'Gainsight Connections' })).toContainText(/PX.*Owned/s);
  const general = await openSettings(page, 'General');
  await general.getByRole('radio', { name: 'Dark' }).check();
  await general.getByRole('radio', { name: 'In the system browser' }).check();
  await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', 'dark');
  const place = { x: 140, y: 60, width: 1100, height: 760 };
  await app.evaluate(({ BrowserWindow }, bounds) => BrowserWindow.getAllWindows()[0]?.setBounds(bounds), place);
  const preferences = path.join(profile, 'preferences.json');
  // Written down while it is open: a crash must not forget it.
  await expect.poll(() => JSON.parse(fs.readFileSync(preferences, 'utf8')).window).toMatchObject(place);

  const { backups } = await call<{ backups: object[] }>(page, 'backups.make', {});
  expect(backups.length).toBeGreaterThan(0);
  const { tenants } = await call<{ tenants: { name: string }[] }>(page, 'tenants.list', {});
  expect(tenants).toHaveLength(2);
  for (const _ of tenants) {
    const section = await openSettings(page, 'Tenant');
    const name = await section.getByRole('textbox', { name: 'Name', exact: true }).inputValue();
    await section.getByRole('button', { name: 'Remove this tenant' }).click();
    const dialog = page.getByRole('dialog', { name: 'Remove tenant' });
    await dialog.getByRole('textbox').fill(name);
    await dialog.getByRole('button', { name: 'Remove', exact: true }).click();
    await expect(dialog).toBeHidden();
  }
  await expect(page.getByRole('button', { name: 'Add your tenant' })).toBeVisible();

  await app.evaluate(({ app: main }) => {
    main.relaunch = () => undefined;
  });
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('tab', { name: 'Data and backup' }).click();
  await page
    .getByRole('button', { name: /^Restore the backup/ })
    .first()
    .click();
  const ended = app.waitForEvent('close');
  await page.getByRole('dialog').getByRole('button', { name: 'Restore and restart' }).click();
  await ended;
  await running.relaunch();
  const back = running.page;
  await expect(back.getByRole('heading', { name: 'Connections', level: 1 })).toBeVisible();
  await expect(rowOf(back, 'Usage files')).toBeVisible();
  await expect(back.locator('html')).toHaveAttribute('data-mantine-color-scheme', 'dark');
  const again = await openSettings(back, 'General');
  await expect(again.getByRole('radio', { name: 'In the system browser' })).toBeChecked();
  await expect((await openSettings(back, 'Tenant')).getByRole('checkbox', { name: 'PX' })).toBeChecked();
  const bounds = () => running.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getBounds());
  expect(await bounds()).toEqual(place);

  // The screen it stood on has been unplugged.
  await running.kill();
  const saved = JSON.parse(fs.readFileSync(preferences, 'utf8'));
  fs.writeFileSync(preferences, JSON.stringify({ ...saved, window: { ...saved.window, x: 9000, y: -7000 } }));
  await running.relaunch();
  const area = await running.app.evaluate(({ screen }) => screen.getPrimaryDisplay().workArea);
  const shown = await bounds();
  expect(shown?.x).toBeGreaterThanOrEqual(area.x);
  expect(shown?.y).toBeGreaterThanOrEqual(area.y);
  expect((shown?.x ?? 0) + (shown?.width ?? 0)).toBeLessThanOrEqual(area.x + area.width);
  expect((shown?.y ?? 0) + (shown?.height ?? 0)).toBeLessThanOrEqual(area.y + area.height);
});

test('a second start brings the window to the front and leaves; a profile of a newer version is not touched', async () => {
  const env = { ...process.env, PATCHBAY_TOKEN: 'canary-token', GITHUB_TOKEN: 'canary-token' };
  const line = ['scripts/launch-spec.mjs', '--profile', running.profile];
  const { stdout } = spawnSync(process.execPath, line, { encoding: 'utf8', env });
  // What is printed may end up in a log of whoever drives the app.
  expect(stdout).not.toContain('canary-token');
  const spec = JSON.parse(stdout) as Spec;
  const start = (until: string) => startUntil(spec, until);
  await running.app.evaluate(({ app }) => {
    app.once('second-instance', () => Object.assign(globalThis, { isSecondSeen: true }));
  });
  const second = await start('open already');
  expect(second).toMatchObject({ status: 0, stderr: expect.stringContaining('Patchbay is open already') });
  expect(await running.app.evaluate(() => 'isSecondSeen' in globalThis)).toBe(true);

  await running.app.close();
  const file = path.join(running.profile, 'data', 'config.db');
  const db = new DatabaseSync(file);
  db.exec('PRAGMA user_version = 9990');
  db.close();
  const before = fs.readFileSync(file);
  const newer = await start('Nothing was changed');
  expect(newer.stderr).toContain('This profile was made by a newer version of Patchbay');
  expect(newer.stderr).toContain('Nothing was changed');
  expect(fs.readFileSync(file).equals(before)).toBe(true);
});

interface Spec {
  readonly executablePath: string;
  readonly args: string[];
  readonly env: Record<string, string>;
  readonly cwd: string;
}

/** Starts the app and waits for its end; one that shows a dialog of the system's is ended once it has said `until`. */
async function startUntil({ executablePath, args, env, cwd }: Spec, until: string) {
  const child = spawn(executablePath, args, { cwd, env, stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
    // A second of grace: what ends by itself is not killed.
    if (stderr.includes(until)) setTimeout(() => child.kill('SIGKILL'), 1_000);
  });
  const limit = setTimeout(() => child.kill('SIGKILL'), 15_000);
  const status = await new Promise<number | null>((resolve) => child.once('exit', resolve));
  clearTimeout(limit);
  return { status, stderr };
}
