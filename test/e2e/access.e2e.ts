// Every page and dialog of the real app under axe-core, in the light and in the dark: no violation, and nothing on the console
// (a refusal of the content security policy would stand there).
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { expect, type Locator, type Page, test } from '@playwright/test';
import { seedProfile } from '../bench/seed.mjs';
import { launchApp, type RunningApp } from '../support/app.ts';

let running: RunningApp;
let page: Page;
let folder: string;
const said: string[] = [];

test.setTimeout(180_000);

test.beforeAll(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'pb-access-'));
  const profile = path.join(folder, 'profile');
  await seedProfile(profile, { connections: 100, executions: 300 });
  running = await launchApp({ profile, keyring: 'none' });
  page = running.page;
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && said.push(message.text()));
  page.on('pageerror', (error) => said.push(error.message));
  await page.setViewportSize({ width: 1280, height: 800 });
  await expect(page.locator('[data-connection-id]').first()).toBeVisible();
});

test.afterAll(async () => {
  await running.close();
  fs.rmSync(folder, { recursive: true, force: true });
});

/** What axe has against the page, a line per element. Only colours differ in the dark. */
async function violations(name: string): Promise<string[]> {
  const lines: string[] = [];
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    // Electron has no second page for axe to work in.
    const axe = new AxeBuilder({ page }).setLegacyMode(true);
    // What is behind a dialog cannot be reached, and is looked at by itself.
    const top = ['[role="dialog"]', '[role="menu"]'];
    for (const selector of top) if ((await page.locator(selector).count()) > 0) axe.include(selector);
    if (scheme === 'dark') axe.withRules(['color-contrast']);
    const found = await axe.analyze();
    for (const { id, nodes } of found.violations)
      for (const node of nodes)
        lines.push(`${name}, ${scheme}: ${id}: ${node.html.slice(0, 160)} ${node.failureSummary?.slice(0, 200)}`);
  }
  return lines;
}

const dialog = (): Locator => page.getByRole('dialog').last();
const goTo = (hash: string) =>
  page.evaluate((to) => {
    window.location.hash = to;
  }, hash);

/** Closes whatever is open, topmost first. */
async function closeAll(): Promise<void> {
  for (let tries = 0; tries < 6; tries += 1) {
    if ((await page.getByRole('dialog').count()) + (await page.getByRole('menu').count()) === 0) return;
    await page.keyboard.press('Escape');
    await page.waitForTimeout(60);
  }
  await expect(page.getByRole('dialog')).toHaveCount(0);
}

async function look(views: readonly (readonly [name: string, open: () => Promise<unknown>])[]): Promise<void> {
  const found: string[] = [];
  for (const [name, open] of views) {
    await test.step(name, async () => {
      await open();
      found.push(...(await violations(name)));
      await closeAll();
    });
  }
  expect(found).toEqual([]);
  expect(said).toEqual([]);
}

const row = (state: string): Locator => page.locator('[data-connection-id]').filter({ hasText: state }).first();
const press = (name: string) => page.getByRole('button', { name }).first().click();

async function chooseInMenu(state: string, item: string): Promise<void> {
  await row(state).getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: item, exact: true }).click();
  await dialog().getByRole('heading').first().waitFor();
}

async function create(connector: string): Promise<void> {
  await press('Create Connection');
  await dialog().getByText(connector, { exact: true }).first().click();
  await dialog().getByRole('textbox', { name: 'Name of the Connection' }).waitFor();
}

async function bulk(name: string): Promise<void> {
  await page.getByRole('region', { name: 'Chosen connections' }).getByRole('button', { name, exact: true }).click();
  await dialog().getByRole('heading').first().waitFor();
}

test('the Connections page and its dialogs', async () => {
  await look([
    ['connections', async () => undefined],
    ['menu of a connection', () => row('Connected').getByRole('button', { name: 'More actions' }).click()],
    ['tenant menu', () => press('Acme Corporation')],
    ['filter menu', () => press('Connector:')],
    ['create: picker', () => press('Create Connection').then(() => dialog().waitFor())],
    ['create: log-in', () => create('Salesforce')],
    ['create: keys', () => create('S3')],
    ['edit', () => chooseInMenu('Connected', 'Edit Connection')],
    ['authorize', () => chooseInMenu('Not authorized', 'Authorize Connection')],
    ['re-authorize', () => chooseInMenu('Disconnected', 'Re-Authorize Connection')],
    ['revoke', () => chooseInMenu('Connected', 'Revoke Connection')],
    ['delete', () => chooseInMenu('Connected', 'Delete Connection')],
    ['palette', () => page.keyboard.press('Control+k').then(() => page.getByRole('option').first().waitFor())],
    ['shortcuts', () => page.keyboard.press('?').then(() => dialog().waitFor())],
    ['set a passphrase', () => press('Set a passphrase').then(() => dialog().waitFor())],
  ]);
});

test('chosen rows, what is done to them, groups, an empty search', async () => {
  await row('Connected').getByRole('checkbox').click();
  await row('Not authorized').getByRole('checkbox').click();
  await look([
    ['chosen', async () => undefined],
    [
      'bulk: test',
      () =>
        bulk('Test').then(() =>
          dialog()
            .getByText(/did not pass/)
            .waitFor(),
        ),
    ],
    ['bulk: revoke', () => bulk('Revoke')],
    ['bulk: tags', () => bulk('Tags')],
    ['bulk: export', () => bulk('Export')],
    ['bulk: delete', () => bulk('Delete')],
  ]);
  await page.keyboard.press('Escape');
  await press('Group:');
  await page.getByRole('menuitemradio', { name: 'Tag' }).click();
  await look([['groups', async () => undefined]]);
  await page.getByRole('searchbox').fill('nothing has this name');
  await look([['nothing found', () => page.getByText('No connection matches').waitFor()]]);
  await page.getByRole('searchbox').fill('');
});

test('the other pages and their dialogs', async () => {
  await look([
    ['jobs', () => goTo('#/jobs').then(() => page.getByRole('button', { name: 'Run now' }).first().waitFor())],
    ['menu of a job', () => page.getByRole('button', { name: 'More actions' }).first().click()],
    ['create job', () => press('Create Job').then(() => dialog().waitFor())],
    [
      'edit job',
      () =>
        page
          .getByRole('row')
          .nth(1)
          .press('Enter')
          .then(() => dialog().waitFor()),
    ],
    ['activity', () => goTo('#/activity/executions').then(() => page.getByRole('row').nth(3).waitFor())],
    [
      'an activity',
      () =>
        page
          .getByRole('row')
          .nth(1)
          .press('Enter')
          .then(() => dialog().waitFor()),
    ],
    ['updates', () => goTo('#/activity/updates').then(() => page.getByRole('tab', { selected: true }).waitFor())],
    ['data', () => goTo('#/data').then(() => page.getByRole('heading', { level: 1, name: 'Data' }).waitFor())],
    [
      'add tenant',
      () => press('Acme Corporation').then(() => page.getByRole('menuitem', { name: 'Add your tenant' }).click()),
    ],
  ]);
});

test('every section of the settings', async () => {
  await goTo('#/settings/general');
  await expect(page.getByRole('heading', { level: 1, name: 'Settings' })).toBeVisible();
  const tabs = page.getByRole('tab');
  await tabs.first().waitFor();
  const names = await tabs.evaluateAll((all) => all.map((each) => each.textContent ?? ''));
  expect(names.length).toBeGreaterThan(4);
  await look(
    names.map((name) => [
      name,
      async () => {
        await tabs.filter({ hasText: name }).click();
        await expect(page.getByRole('tabpanel', { name })).not.toBeEmpty();
      },
    ]),
  );
});
