// The list of connections on the real app: finding, sorting, grouping, choosing, doing one thing to many, all by keyboard too.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, type Locator, type Page, test } from '@playwright/test';
import { seedProfile } from '../bench/seed.mjs';
import { launchApp, type RunningApp } from '../support/app.ts';
import { cutOff } from '../support/cut-off.ts';
import { goTo } from './actions/connections.ts';

const COUNT = 30;
const HOSTILE = [
  '<img src=x onerror=window.hacked=1>',
  `${'Wide name without any end '.repeat(12)}`.slice(0, 300),
  'evil\u202Egnp.exe',
  '👩‍👧‍👦 Team 🚀 Salesforce',
  'شركة أكمي العالمية',
];

let running: RunningApp;
let page: Page;
let folder: string;

test.beforeAll(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'pb-list-'));
  const profile = path.join(folder, 'profile');
  await seedProfile(profile, { connections: COUNT, executions: COUNT * 4, names: HOSTILE });
  running = await launchApp({ profile, keyring: 'none' });
  page = running.page;
  await expect(rows().first()).toBeVisible();
});

test.afterAll(async () => {
  await running.close();
  fs.rmSync(folder, { recursive: true, force: true });
});

const rows = (): Locator => page.getByRole('region', { name: 'External Connections' }).locator('[data-connection-id]');
const tab = (name: string): Locator =>
  page.getByRole('group', { name: 'Filter by state' }).getByRole('button', { name: new RegExp(`^${name}`) });
const countOf = async (name: string): Promise<number> => Number((await tab(name).textContent())?.replace(/\D/g, ''));
const search = (): Locator => page.getByRole('searchbox', { name: 'Search connections' });
const chosen = (): Locator => page.getByRole('region', { name: 'Chosen connections' });
const boxOf = (row: Locator): Locator => row.getByRole('checkbox');

async function pick(menu: string, item: string | RegExp): Promise<void> {
  await page.getByRole('button', { name: new RegExp(`^${menu}:`) }).click();
  await page.getByRole('menu', { name: menu }).getByRole('menuitemradio', { name: item }).click();
}

async function expectCountsAddUp(): Promise<void> {
  const [all = 0, ...parts] = await Promise.all(['All', 'Connected', 'Needs you', 'Revoked'].map(countOf));
  expect(parts.reduce((sum, count) => sum + count, 0)).toBe(all);
}

test('finds by name, connector, org and person; filters by state and connector with counts that add up', async () => {
  await expect(tab('All')).toContainText(String(COUNT));
  await expectCountsAddUp();
  for (const [text, sign, count] of [
    ['acme-7.example', 'acme-7.example.com', 1],
    ['user8@', 'user8@acme.example', 1],
    ['zendesk', 'Zendesk', COUNT / 3],
  ] as const) {
    await page.keyboard.press('/');
    await search().fill(text);
    await expect(rows().first()).toContainText(sign);
    await expect(tab('All')).toHaveText(`All${count}`);
    await expectCountsAddUp();
  }
  await search().press('Escape');
  await expect(search()).toHaveValue('');
  await search().blur();
  await pick('Connector', /^Zendesk/);
  await expect(tab('All')).toContainText(String(COUNT / 3));
  await expectCountsAddUp();
  await tab('Needs you').click();
  expect(await rows().count()).toBe(await countOf('Needs you'));
  await tab('All').click();
  await pick('Connector', /^All/);
});

test('sorts, groups, and finds by a tag', async () => {
  await pick('Sort', 'Name');
  await expect(rows().first()).toContainText('<img src=x');
  await pick('Group', 'Connector');
  await expect(page.getByRole('heading', { level: 3, name: 'S3', exact: true })).toBeVisible();
  await pick('Group', 'Tag');
  await expect(page.getByRole('heading', { level: 3, name: 'EU', exact: true })).toBeVisible();
  await pick('Tag', /^test/);
  await expect(page.getByRole('heading', { level: 3, name: 'No tag' })).toHaveCount(0);
  await pick('Tag', /^All/);
  await pick('Group', 'None');
  await pick('Sort', 'What needs you');
});

test('by keyboard: search, arrows, Enter, the row’s menu', async () => {
  await page.keyboard.press('/');
  await expect(search()).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(rows().nth(0)).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(rows().nth(1)).toBeFocused();
  for (const key of ['Shift+F10', 'ContextMenu']) {
    await page.keyboard.press(key);
    await expect(page.getByRole('menuitem', { name: 'Edit Connection' })).toBeFocused();
    await page.keyboard.press('Escape');
    await expect(rows().nth(1)).toBeFocused();
  }
  await rows()
    .nth(1)
    .click({ button: 'right', position: { x: 200, y: 10 } });
  await expect(page.getByRole('menuitem', { name: 'Edit Connection' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(rows().nth(1)).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog', { name: 'Edit Connection' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
});

test('chooses by box, range and Ctrl+A; tags, tests, revokes and deletes many with a result for each', async () => {
  await boxOf(rows().nth(0)).click();
  await boxOf(rows().nth(2)).click({ modifiers: ['Shift'] });
  await expect(chosen().getByText('3 selected')).toBeVisible();
  await page.keyboard.press('Control+a');
  await expect(chosen().getByText(`${COUNT} selected`)).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(chosen()).toHaveCount(0);

  await search().fill('acme-1');
  await expect(rows()).toHaveCount(11);
  await search().blur();
  await page.keyboard.press('Control+a');
  await chosen().getByRole('button', { name: 'Tags' }).click();
  await page.getByRole('combobox', { name: 'Add a tag' }).fill('Wave 2');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(
    rows()
      .first()
      .getByRole('button', { name: /^Tags:.*Wave 2/ }),
  ).toBeVisible();

  await chosen().getByRole('button', { name: 'Test' }).click();
  const results = page.getByRole('list', { name: 'Results' }).getByRole('listitem');
  await expect(results).toHaveCount(11);
  await expect(page.getByRole('dialog').getByText(/11 did not pass/)).toBeVisible();
  await page.getByRole('button', { name: 'Close' }).last().click();

  await chosen().getByRole('button', { name: 'Revoke' }).click();
  await page.getByRole('button', { name: 'Revoke 11 connections' }).click();
  await expect(page.getByRole('dialog').getByText('11 revoked')).toBeVisible();
  await page.getByRole('button', { name: 'Close' }).last().click();
  await expect(rows().first()).toContainText('Revoked');

  await chosen().getByRole('button', { name: 'Delete' }).click();
  const confirm = page.getByRole('button', { name: 'Delete 11 connections' });
  await expect(confirm).toBeDisabled();
  await page.getByRole('textbox', { name: 'Type "delete 11" to confirm' }).fill('delete 11');
  await confirm.click();
  await expect(page.getByRole('dialog').getByText('11 deleted')).toBeVisible();
  await page.getByRole('button', { name: 'Close' }).last().click();
  await search().fill('');
  await expect(tab('All')).toContainText(String(COUNT - 11));
  await expect(chosen()).toHaveCount(0);
});

test('the info icon says how many failed lately and why, and leads to exactly those', async () => {
  const failing = rows().filter({ has: page.getByRole('button', { name: 'Failed activities in the last 24 hours' }) });
  const icon = failing.first().getByRole('button', { name: 'Failed activities in the last 24 hours' });
  await expect(icon).toHaveAccessibleDescription(
    /1 failed activity in the last 24 hours\. Most often: The authorized user/,
  );
  await icon.hover();
  await expect(page.getByRole('tooltip')).toContainText('Most often');
  await icon.click();
  await expect(page.getByRole('heading', { name: 'Activity', level: 1 })).toBeVisible();
  await expect(page.getByRole('row', { name: /Failed/ })).toHaveCount(1);
  await goTo(page, 'Connections');
});

test('nothing is cut off in a small window, an enlarged one, a usual one and on a large screen', async () => {
  const places = [
    ...['connections', 'jobs', 'activity/executions', 'activity/updates', 'data'].map((place) => [`#/${place}`, '']),
    ...['general', 'tenant', 'oauth-apps', 'network', 'data'].map((section) => [`#/settings/${section}`, '']),
    ['#/connections', 'Create Connection'],
    ['#/jobs', 'Create Job'],
  ] as const;
  const look = async (size: string): Promise<string[]> => {
    const found: string[] = [];
    for (const [hash = '', dialog = ''] of places) {
      await page.evaluate((to) => {
        window.location.hash = to;
      }, hash);
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      if (dialog !== '') {
        await page.getByRole('button', { name: dialog }).first().click();
        await expect(page.getByRole('dialog', { name: dialog })).toBeVisible();
        if (dialog === 'Create Connection') await page.getByRole('option', { name: 'S3', exact: true }).click();
      }
      for (const line of await cutOff(page)) found.push(`${size}, ${hash} ${dialog}: ${line}`);
      const isWider = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
      if (isWider) found.push(`${size}, ${hash} ${dialog}: the page is wider than the window`);
      if (dialog !== '') await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    }
    return found;
  };
  const setZoom = (factor: number) =>
    running.app.evaluate(({ BrowserWindow }, zoom) => {
      const [window] = BrowserWindow.getAllWindows();
      window?.setContentSize(1024, 700);
      window?.webContents.setZoomFactor(zoom);
    }, factor);
  const found: string[] = [];
  await setZoom(1.5);
  await expect.poll(() => page.evaluate(() => window.innerWidth)).toBe(683);
  found.push(...(await look('1024 by 700 at 150 %')));
  await setZoom(1);
  await expect.poll(() => page.evaluate(() => window.innerWidth)).toBe(1024);
  found.push(...(await look('1024 by 700')));
  for (const [width, height] of [
    [1280, 800],
    [3840, 2160],
  ] as const) {
    await page.setViewportSize({ width, height });
    found.push(...(await look(`${width} by ${height}`)));
  }
  expect(found).toEqual([]);
  await goTo(page, 'Connections');
});

test('hostile names are shown as text and break nothing', async () => {
  await page.setViewportSize({ width: 1024, height: 700 });
  await search().fill('');
  await expect(rows().filter({ hasText: '<img src=x' })).toHaveCount(1);
  await expect(rows().filter({ hasText: 'evil[U+202E]gnp.exe' })).toHaveCount(1);
  await expect(page.locator('[data-connection-id] img')).toHaveCount(0);
  expect(await page.evaluate('window.hacked')).toBeUndefined();
  const overflow = await page.evaluate(() => {
    const scroller = document.querySelector('[data-list-state]')?.closest('main');
    const wide = [...document.querySelectorAll('[data-connection-id]')].filter(
      (row) => row.scrollWidth > row.clientWidth,
    );
    return { rows: wide.length, main: scroller ? scroller.scrollWidth - scroller.clientWidth : -1 };
  });
  expect(overflow).toEqual({ rows: 0, main: 0 });
});

test('palette and native menu lead to pages, connections and actions', async () => {
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: 'Go to a page, connection or action' }).fill('evil');
  await page.keyboard.press('Enter');
  await expect(rows().filter({ hasText: 'evil' })).toBeFocused();
  const choose = (id: string) =>
    running.app.evaluate(({ Menu }, item) => Menu.getApplicationMenu()?.getMenuItemById(item)?.click(), id);
  await choose('jobs');
  await expect(page.getByRole('heading', { name: 'Jobs', level: 1 })).toBeVisible();
  await choose('createConnection');
  await expect(page.getByRole('dialog', { name: 'Create Connection' })).toBeVisible();
  await page.keyboard.press('Escape');
  await choose('settings');
  await expect(page.getByRole('heading', { name: 'Settings', level: 1 })).toBeVisible();
  await choose('palette');
  await expect(page.getByRole('dialog', { name: 'Command palette' })).toBeVisible();
  await page.keyboard.press('Escape');
  await choose('shortcuts');
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
});
