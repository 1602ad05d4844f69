/**
 * The page alone, on a bridge that answers from memory, in the Electron that this machine has: no axe violation and no console
 * message (a refusal of the content security policy is one) on every page and dialog in both themes, and what depends on main's
 * answers alone. The app as it is: test/e2e.
 */
import { expect as expectOf } from '@playwright/test';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cutOff } from '../support/cut-off.ts';
import { VIEWS, WAITS } from './views.ts';
import { type HarnessWindow, heal, openHarness } from './window.ts';

let harness: HarnessWindow;
beforeAll(async () => {
  harness = await openHarness();
}, 120_000);
afterAll(() => harness?.close());

const press = (name: string | RegExp) => harness.page.getByRole('button', { name }).first().click();
const dialogs = () => harness.page.getByRole('dialog');
const hash = () => new URL(harness.page.url()).hash;

describe('every page and dialog', () => {
  it.each(VIEWS)('$name: no axe violation in either theme, nothing on the console', async ({ at, act, ready }) => {
    const { page } = harness;
    await harness.open(at);
    await act?.(page);
    await ready(page);
    expect(await harness.violations()).toEqual([]);
    // Only colours differ in the dark.
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.locator('html[data-mantine-color-scheme="dark"]').waitFor();
    expect(await harness.violations(['color-contrast'])).toEqual([]);
    expect(harness.said()).toEqual([]);
    // An enlarged small window: 1024 by 700 at 150 %.
    await page.setViewportSize({ width: 683, height: 467 });
    // An open menu moves a moment after the window.
    await expect.poll(() => cutOff(page)).toEqual([]);
  });
});

describe('what main has not answered', () => {
  it.each(WAITS)('%s: says so when it fails, and another try helps', async (call, at, _sentence, ready) => {
    const { page } = harness;
    await harness.open(`?fails=${call}${at}`);
    await expectOf(page.getByRole('alert')).toContainText('The file of the history is damaged.');
    expect(await harness.violations()).toEqual([]);
    await heal(page);
    await page.getByRole('button', { name: 'Try again' }).click();
    await expectOf(page.getByText(ready).first()).toBeVisible();
    await expectOf(page.getByRole('alert')).toHaveCount(0);
  });

  it.each(WAITS)('%s: says so when it takes long', async (call, at, sentence, ready) => {
    const { page } = harness;
    await harness.open(`?hangs=${call}${at}`);
    await expectOf(page.getByText(sentence)).toBeVisible();
    await heal(page);
    await expectOf(page.getByText(ready).first()).toBeVisible();
    await expectOf(page.getByText(sentence)).toHaveCount(0);
  });

  it('a start that fails can be tried again', async () => {
    const { page } = harness;
    await harness.open('?fails=tenants.list');
    await expectOf(page.getByRole('heading', { level: 1 })).toHaveText('Patchbay could not read its data');
    await heal(page);
    await press('Try again');
    await expectOf(page.getByRole('heading', { level: 1 })).toHaveText('Connections');
    await expectOf(page.getByText('Zendesk Support').first()).toBeVisible();
  });
});

describe('without a tenant', () => {
  it('Settings hold what belongs to the machine, and lead back', async () => {
    const { page } = harness;
    await harness.open('?scenario=first-run');
    await page.getByRole('link', { name: 'Settings' }).click();
    await expectOf(page.getByRole('tab')).toHaveText(['General', 'Vault', 'Network', 'Data and backup', 'About']);
    await page.getByRole('tab', { name: 'Data and backup' }).click();
    await expectOf(page.getByRole('button', { name: /^Restore the backup/ }).first()).toBeVisible();
    await expectOf(page.getByRole('button', { name: 'Export connections' })).toHaveCount(0);
    await page.getByRole('link', { name: 'Back' }).click();
    await expectOf(page.getByRole('button', { name: 'Add your tenant' })).toBeVisible();
  });

  it('no shortcut opens what needs one', async () => {
    const { page } = harness;
    await harness.open('?scenario=first-run');
    for (const key of ['c', 'Control+k', '?']) await page.keyboard.press(key);
    await press('Open the practice tenant');
    await expectOf(page.getByRole('heading', { level: 1 })).toHaveText('Connections');
    await expectOf(dialogs()).toHaveCount(0);
    await page.keyboard.press('Control+k');
    await expectOf(page.getByRole('dialog', { name: 'Command palette' })).toBeVisible();
  });
});

describe('the frame', () => {
  it.each([
    ['#/jobs?connection=connection0001', '#/jobs'],
    ['#/data?job=job00000001', '#/data'],
    ['#/activity/executions?job=job00000001', '#/activity/executions'],
  ])('another tenant on %s shows the same page of its own', async (at, after) => {
    const { page } = harness;
    await harness.open(at);
    await press('Acme Corporation');
    await page.getByRole('menuitemradio', { name: /Northwind/ }).click();
    await expectOf(page.getByRole('button', { name: /Northwind Practice/ })).toBeVisible();
    expect(hash()).toBe(after);
  });

  it('an open form keeps the palette away', async () => {
    const { page } = harness;
    await harness.open('');
    await press('Create Connection');
    await expectOf(dialogs()).toHaveCount(1);
    await page.keyboard.press('Control+k');
    await page.keyboard.press('Escape');
    await expectOf(dialogs()).toHaveCount(0);
  });

  it('the status line leads to the vault, the network and the running jobs', async () => {
    await harness.open('');
    const links = harness.page.getByRole('status', { name: 'Status' }).getByRole('link');
    const places = await links.evaluateAll((all) => all.map((each) => each.getAttribute('href')));
    expect(places).toEqual(['#/settings/vault', '#/settings/network', '#/activity/executions?status=running']);
  });

  it.each(['', '#/jobs', '#/activity/executions', '#/activity/updates', '#/data'])(
    'the figures of "%s" say when they were asked for',
    async (at) => {
      await harness.open(at);
      await expectOf(harness.page.getByText(/^as of \d\d:\d\d$/)).toBeVisible();
    },
  );

  it('the palette leads to every section of Settings and to the other tenants', async () => {
    const { page } = harness;
    await harness.open('');
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').fill('settings');
    await expectOf(page.getByRole('option')).toHaveText(
      ['Settings', 'General', 'Tenant', 'OAuth apps', 'Vault', 'Network', 'Data and backup', 'About'].map(
        (name) => new RegExp(`^${name}`),
      ),
    );
    await page.getByRole('combobox').fill('switch to');
    await expectOf(page.getByRole('option')).toHaveText([/^Switch to Northwind Practice/]);
    await page.keyboard.press('Enter');
    await expectOf(page.getByRole('button', { name: /Northwind Practice/ })).toBeVisible();
  });

  it('with reduced motion nothing moves, not even while something is waited for', async () => {
    const { page } = harness;
    await harness.open('?login=waits');
    await press('Re-Authorize');
    await dialogs().getByRole('button', { name: 'Re-Authorize' }).click();
    const moving = () => page.evaluate(() => document.getAnimations().length);
    await expectOf(page.locator('.mantine-Loader-root').first()).toBeVisible();
    expect(await moving()).toBe(0);
    await page.emulateMedia({ reducedMotion: 'no-preference' });
    await expectOf.poll(moving).toBeGreaterThan(0);
  });
});
