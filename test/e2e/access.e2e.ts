// Every page and dialog of the real app under axe-core, in the light and in the dark: no violation, and nothing on the console
// (a refusal of the content security policy would stand there).
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { expect, type Locator, type Page, test } from '@playwright/test';
import { seedProfile } from '../bench/seed.mjs';
import { launchApp, type RunningApp } from '../support/app.ts';
import { watchLayoutShifts } from '../support/layout-shift.ts';

let running: RunningApp;
let page: Page;
let folder: string;
const said: string[] = [];

test.setTimeout(600_000);

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
  await putAxe();
});

test.afterAll(async () => {
  await running.close();
  fs.rmSync(folder, { recursive: true, force: true });
});

interface Finding {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}
declare global {
  interface Window {
    readonly axe: { run(where: string | Document, options: object): Promise<{ violations: Finding[] }> };
  }
}

/** The builder puts axe into the page anew for every look; once is enough, and takes a third of the time. */
async function putAxe(): Promise<void> {
  const builder = createRequire(import.meta.url).resolve('@axe-core/playwright');
  await page.evaluate(fs.readFileSync(createRequire(builder).resolve('axe-core/axe.min.js'), 'utf8'));
}

/** What axe has against the page, a line per element. What is behind a dialog cannot be reached, and is looked at by itself. */
async function violations(name: string): Promise<string[]> {
  const lines: string[] = [];
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', scheme);
    const found = await page.evaluate(async (isDark) => {
      const top = [...document.querySelectorAll('[role="dialog"], [role="menu"]')].at(-1);
      // Only colours differ in the dark.
      const rules = isDark ? { runOnly: ['color-contrast'] } : {};
      const where = top ? `[role="${top.getAttribute('role')}"]` : document;
      return (await window.axe.run(where, { resultTypes: ['violations'], ...rules })).violations;
    }, scheme === 'dark');
    for (const { id, nodes } of found)
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

/** Closes whatever is open, topmost first; one Esc for each, as another one would mean the chosen rows. */
async function closeAll(): Promise<void> {
  const open = page.locator('[role="dialog"], [role="menu"]');
  for (let left = await open.count(); left > 0; left = await open.count()) {
    await page.keyboard.press('Escape');
    await expect(open).not.toHaveCount(left);
  }
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

test('nothing moves by itself: while the list comes, first a part and then all of it, and when rows are chosen', async () => {
  await page.reload();
  await expect(page.locator('[data-list-state="whole"]')).toBeVisible();
  const first = page.locator('[data-connection-id]').first();
  const before = await first.boundingBox();
  await first.getByRole('checkbox').click();
  await expect(page.getByRole('region', { name: 'Chosen connections' })).toBeVisible();
  expect(await first.boundingBox()).toEqual(before);
  await page.keyboard.press('Escape');
  const shifts = await watchLayoutShifts(page, 'load');
  expect(await shifts()).toEqual([]);
  await putAxe();
});

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
    ['trash', () => press('Trash').then(() => dialog().waitFor())],
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
      () =>
        press('Acme Corporation').then(() =>
          page
            .getByRole('menuitem', { name: 'Add your tenant' })
            .click()
            .then(() => dialog().waitFor()),
        ),
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
