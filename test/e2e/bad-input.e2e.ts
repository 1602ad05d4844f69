// What goes wrong for a person: each ends in a clear message at its place, nothing half done, and the app usable.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, type Locator, type Page, test } from '@playwright/test';
import { walkThroughLogIn } from '../../src/core/connections/testing/person.ts';
import { launchApp, type RunningApp } from '../support/app.ts';
import { type OpenedLinks, watchOpenedLinks } from '../support/opened-links.ts';
import { aWebPage, type Gateway, type Practice, startGateway, startPractice } from '../support/practice.ts';
import {
  goTo,
  logInAs,
  logInWindow,
  openPractice,
  pointAt,
  rowOf,
  saveConnected,
  startConnection,
} from './actions/connections.ts';
import {
  answerSaveDialog,
  choose,
  closeActivity,
  countOf,
  jobRow,
  openActivity,
  openData,
  runNow,
  runUntil,
  saveJob,
  startJob,
} from './actions/jobs.ts';
import { removeConnection } from './actions/lifecycle.ts';
import { answerWithMarkup, expectNothingTaken, MARKUP } from './attacks/markup.ts';

test.describe('on a machine with a keyring', () => {
  // The later ones use the connections of the earlier ones.
  test.describe.configure({ mode: 'serial' });

  let running: RunningApp;
  let page: Page;
  let website: Practice;
  let salesforce: Practice;
  /** What the app takes for Salesforce. */
  let gateway: Gateway;
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'patchbay-bad-input-'));
  let links: OpenedLinks;

  test.beforeAll(async () => {
    links = watchOpenedLinks(folder);
    running = await launchApp({ env: { ...links.env } });
    page = running.page;
    website = await startGateway(null, aWebPage);
    salesforce = await startPractice('salesforce', { records: 100 });
    gateway = await startGateway(salesforce.baseUrl);
    await openPractice(page);
  });
  test.afterAll(async () => {
    await running.close();
    for (const server of [website, gateway, salesforce]) await server.close();
    fs.rmSync(folder, { recursive: true });
  });
  test.beforeEach(() => goTo(page, 'Connections'));

  /** Leaves the form; what was typed is kept as a draft, which the next one must not begin with. */
  async function giveUp(dialog: Locator): Promise<void> {
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await expect(dialog).toBeHidden();
    await page.getByRole('button', { name: 'Create Connection' }).first().click();
    await dialog.getByRole('button', { name: 'Discard' }).click();
    await page.keyboard.press('Escape');
    await expect(dialog).toBeHidden();
  }

  /** The log-in of a new Salesforce connection, waiting for somebody to answer it. */
  async function startLogIn(): Promise<{ dialog: Locator; window: Page }> {
    const dialog = await startConnection(page, 'Salesforce', 'Salesforce trial');
    await pointAt(dialog, gateway.baseUrl, salesforce.baseUrl);
    const window = await logInWindow(running.app, () => dialog.getByRole('button', { name: 'Authorize' }).click());
    return { dialog, window };
  }

  test('a cancelled window, a refused consent and a wrong password are told apart, and the next try works', async () => {
    const { dialog, window } = await startLogIn();
    await window.close();
    await expect(dialog.getByText('The log-in was cancelled. Nothing has changed.')).toBeVisible();
    const again = dialog.getByRole('button', { name: 'Authorize' });
    const second = await logInWindow(running.app, () => again.click());
    await second.getByLabel(/username/i).fill('dana@acme.example');
    await second.getByLabel(/password/i).fill('not the password');
    await second.getByRole('button', { name: 'Log In', exact: true }).click();
    await expect(second.getByRole('alert')).toBeVisible();
    await second.getByLabel(/username/i).fill('dana@acme.example');
    await second.getByLabel(/password/i).fill('practice-dana-1');
    await second.getByRole('button', { name: 'Log In', exact: true }).click();
    await second.getByRole('button', { name: 'Deny' }).click();
    await expect(dialog.getByRole('alert')).toContainText(/refused|denied|declined|not allowed/i);
    const third = await logInWindow(running.app, () => again.click());
    await logInAs(third, 'dana');
    await expect(rowOf(page, 'Salesforce trial')).toContainText('Connected');
  });

  test('a log-in at a host that cannot be reached names it, and leaves a draft', async () => {
    const gone = await startGateway(null);
    await gone.close();
    const dialog = await startConnection(page, 'Zendesk', 'Support elsewhere');
    await pointAt(dialog, gone.baseUrl);
    await dialog.getByRole('button', { name: 'Authorize' }).click();
    const { host } = new URL(gone.baseUrl);
    await expect(dialog.getByRole('alert').last()).toContainText(`${host} could not be reached`);
    await dialog.getByRole('button', { name: 'Cancel', exact: true }).click();
    await expect(rowOf(page, 'Support elsewhere')).toContainText('Not authorized');
    await removeConnection(page, 'Support elsewhere');
  });

  test('where no window will do, the system browser logs in and comes back, once', async () => {
    const dialog = await startConnection(page, 'Zendesk');
    const window = await logInWindow(running.app, () => dialog.getByRole('button', { name: 'Authorize' }).click());
    const closed = window.waitForEvent('close');
    await dialog.getByRole('button', { name: 'Open in browser instead' }).click();
    await closed;
    await expect.poll(() => links.all().length).toBe(1);
    const address = new URL(links.all()[0] ?? '');
    expect(address.searchParams.get('code_challenge_method')).toBe('S256');
    const callback = new URL(address.searchParams.get('redirect_uri') ?? '');
    expect(callback.hostname).toBe('127.0.0.1');
    const junk = await fetch(`${callback}?code=stolen&state=guessed`);
    expect(await junk.text()).not.toContain('stolen');
    const back = await walkThroughLogIn(address.href, 'dana');
    const answer = await fetch(back);
    expect(answer.status).toBe(200);
    expect(await answer.text()).not.toContain(new URL(back).searchParams.get('code') ?? 'no code');
    await expect(rowOf(page, 'Zendesk')).toContainText('Connected');
    expect(running.app.windows()).toHaveLength(1);
    // Nobody listens there any more.
    await expect(fetch(back)).rejects.toThrow('fetch failed');
  });

  test('a host that cannot be reached is named by the test', async () => {
    const dialog = await startConnection(page, 'S3', 'S3 elsewhere');
    await pointAt(dialog, 'http://127.0.0.1:9');
    await dialog.getByRole('button', { name: 'Test Connection' }).click();
    await expect(dialog.getByText(/127\.0\.0\.1:9/).last()).toBeVisible();
    await expect(dialog).toContainText('Check the network, the proxy and the address in the Advanced section.');
    await giveUp(dialog);
  });

  test('a wrong key is refused at its field, and nothing is saved', async () => {
    const dialog = await startConnection(page, 'S3', 'S3 wrong key');
    await dialog.getByRole('textbox', { name: 'Secret access key' }).fill('wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await expect(dialog.getByRole('alert').first()).toBeVisible();
    await expect(dialog.getByRole('textbox', { name: 'Name of the Connection' })).toHaveValue('S3 wrong key');
    await giveUp(dialog);
    await expect(rowOf(page, 'S3 wrong key')).toBeHidden();
  });

  test('a web page where an API was expected is told as such', async () => {
    const dialog = await startConnection(page, 'Gainsight API');
    await pointAt(dialog, website.baseUrl);
    await dialog.getByRole('button', { name: 'Save' }).click();
    await expect(dialog.getByRole('alert').first()).toContainText(/web page|HTML/);
    await giveUp(dialog);
  });

  test('broken rows of a file are listed with their place and exported; the others arrive', async () => {
    await saveConnected(page, await startConnection(page, 'S3'), 'S3');
    const dialog = await startJob(page, { name: 'Invoices', connection: 'S3', object: 'invoices-with-errors.csv' });
    await dialog.getByLabel('Key column').selectOption('invoice_id');
    await saveJob(dialog);
    await runUntil(page, 'Invoices', 'Partial Success');
    const activity = await openActivity(page, 'Invoices');
    const rejected = activity.getByRole('region', { name: 'Rejected records' });
    await expect(rejected.getByRole('row')).toHaveCount(5);
    await expect(rejected).toContainText(/invoices-with-errors\.csv, row 3/);
    const file = path.join(running.profile, '..', 'rejected.csv');
    await answerSaveDialog(running.app, file);
    await rejected.getByRole('button', { name: 'Export rejected as CSV' }).click();
    await expect(page.getByText(/Saved .*rejected\.csv/)).toBeVisible();
    expect(fs.readFileSync(file, 'utf8').trim().split('\n').length).toBeGreaterThanOrEqual(5);
    await closeActivity(page);
  });

  test('a file in another encoding than the connection says is refused where it is chosen', async () => {
    const form = await startConnection(page, 'S3', 'S3 Latin');
    await form.getByLabel('Encoding').selectOption('utf-8');
    await saveConnected(page, form, 'S3 Latin');
    await goTo(page, 'Jobs');
    await page.getByRole('button', { name: 'Create Job' }).click();
    const dialog = page.getByRole('dialog', { name: 'Create Job' });
    await choose(dialog, 'Source connection', 'S3 Latin');
    await choose(dialog, 'Source object', 'regions-utf16.csv');
    await expect(dialog.getByRole('alert')).toContainText('begins with the mark of UTF-16LE');
    await expect(dialog.getByRole('alert')).toContainText('Choose UTF-16LE as the encoding.');
    await page.keyboard.press('Escape');
    await expect(dialog).toBeHidden();
  });

  test('a type chosen by hand says what it would lose, on real records', async () => {
    await goTo(page, 'Jobs');
    await page.getByRole('button', { name: 'Create Job' }).click();
    const dialog = page.getByRole('dialog', { name: 'Create Job' });
    await dialog.getByLabel('Name of the Job').fill('Accounts by file');
    await choose(dialog, 'Source connection', 'S3 Latin');
    await choose(dialog, 'Source object', 'accounts.csv');
    await expect(dialog.getByLabel('Source field, row 5')).toHaveValue('postal_code');
    await dialog.getByLabel('Type, row 5').selectOption('integer');
    await expect(dialog.getByText(/sample records would be rejected.*“0\d+” would become \d+\./)).toBeVisible();
    await dialog.getByLabel('Convert anyway, row 5').check();
    await expect(dialog.getByText(/sample records change: “0\d+” becomes \d+\./)).toBeVisible();
    await dialog.getByLabel('Type, row 5').selectOption('datetime');
    await dialog.getByLabel('Date formats, row 5').fill('DD/MM/YY');
    await dialog.getByRole('combobox', { name: 'Time zone, row 5' }).fill('Europe/Berlin');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await expect(dialog.getByText('YY leaves the century open.')).toBeVisible();
    await dialog.getByLabel('Type, row 5').selectOption('text');
    await dialog.getByRole('button', { name: 'Date formats and time zone, row 7' }).click();
    await dialog.getByRole('combobox', { name: 'Time zone, row 7' }).fill('Europe/Berlin');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await expect(dialog).toBeHidden();
    await jobRow(page, 'Accounts by file').getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('menuitem', { name: 'Edit Job' }).click();
    const again = page.getByRole('dialog', { name: 'Edit Job' });
    await expect(again.getByText('ISO 8601, Europe/Berlin')).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(again).toBeHidden();
  });

  test('a source that answers with a web page later fails the run, with the step that helps', async () => {
    const row = await runNow(page, 'Company Sync_Salesforce trial');
    await expect(row).toContainText('Success');
    gateway.instead = aWebPage;
    await runNow(page, 'Company Sync_Salesforce trial');
    await expect(jobRow(page, 'Company Sync_Salesforce trial')).toContainText('Failed');
    const activity = await openActivity(page, 'Company Sync_Salesforce trial');
    await activity.getByRole('button', { name: 'Edit Connection' }).click();
    await expect(page.getByRole('dialog', { name: 'Edit Connection' })).toBeVisible();
    await page.keyboard.press('Escape');
    await closeActivity(page);
  });

  test('markup from a source is text in rows, rejected records and log lines', async () => {
    const requests: string[] = [];
    page.on('request', (request) => requests.push(request.url()));
    gateway.instead = (request, response) => void answerWithMarkup(salesforce.baseUrl, request, response);
    await runNow(page, 'Company Sync_Salesforce trial');
    await expect(jobRow(page, 'Company Sync_Salesforce trial')).toContainText('Partial Success');
    const activity = await openActivity(page, 'Company Sync_Salesforce trial');
    const rejected = activity.getByRole('region', { name: 'Rejected records' });
    await expect(rejected).toContainText('data-hit');
    await expectNothingTaken(page);
    await closeActivity(page);
    await openData(page, 'Company Sync_Salesforce trial');
    await page.getByRole('searchbox', { name: 'Search rows' }).fill('data-hit');
    const table = page.getByRole('table', { name: /^Rows of Company Sync/ });
    await expect(table.getByRole('row').nth(1)).toContainText('data-hit');
    await expect(page.getByText(`${MARKUP.length / 2} of`)).toBeVisible();
    // All of them are drawn at some time.
    await table.evaluate(async (scroller) => {
      for (let top = 0; top < scroller.scrollHeight; top += scroller.clientHeight) {
        scroller.scrollTop = top;
        await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
      }
    });
    await expect(table.getByRole('row').last()).toContainText('data-hit');
    await expectNothingTaken(page);
    expect(requests.filter((url) => !url.startsWith('patchbay://'))).toEqual([]);
    gateway.instead = null;
  });

  /** A start from its beginning to a list that shows its rows. */
  async function startAndRead(): Promise<void> {
    await running.kill();
    await running.relaunch();
    page = running.page;
    await expect(rowOf(page, 'S3 Latin')).toContainText('Connected');
  }

  test('with the keyring locked everything can be read, and the vault says what to do', async () => {
    running.keyring?.lock();
    await startAndRead();
    // gnome-keyring first asks in a window of its own, which here nobody answers.
    const closed = /Unlock your keyring to use stored credentials\.|The vault is locked\./;
    await expect(page.getByRole('region', { name: 'Notices' })).toContainText(closed);
    await expect(rowOf(page, 'S3 Latin')).toContainText('Connected');
    await goTo(page, 'Jobs');
    const run = jobRow(page, 'Invoices').getByRole('button', { name: 'Run now' });
    await expect(run).toHaveAccessibleDescription(/The (vault is locked|system keyring has not answered)/);
    await openData(page, 'Invoices');
    await expect(page.getByRole('status').filter({ hasText: '3 rows' })).toBeVisible();
    await running.keyring?.takeAway();
    await startAndRead();
    await running.keyring?.bringBack();
    await running.relaunch();
    page = running.page;
    // The file has not changed, so its broken rows are not met again: they stay rejected until they are read well or are gone.
    await runUntil(page, 'Invoices', 'Partial Success');
  });
});

test('without a keyring a passphrase protects the keys; after a kill a run waits for it, and goes on', async () => {
  const running = await launchApp({ keyring: 'none' });
  const large = await startPractice('s3', { records: 200_000 });
  try {
    await openPractice(running.page);
    const notices = running.page.getByRole('region', { name: 'Notices' });
    await notices.getByRole('button', { name: 'Set a passphrase' }).click();
    const dialog = running.page.getByRole('dialog', { name: 'Protect your credentials' });
    await dialog
      .getByLabel(/^Passphrase/)
      .first()
      .fill('three quiet ferries at dusk');
    await dialog
      .getByLabel(/again|repeat/i)
      .first()
      .fill('three quiet ferries at dusk');
    await dialog.getByRole('button', { name: 'Set passphrase' }).click();
    await expect(dialog).toBeHidden();
    const form = await startConnection(running.page, 'S3');
    await pointAt(form, large.baseUrl);
    await saveConnected(running.page, form, 'S3');
    const job = await startJob(running.page, { name: 'Accounts', connection: 'S3', object: 'accounts.csv' });
    await job.getByLabel('Key column').selectOption('account_id');
    await saveJob(job);
    const row = await runNow(running.page, 'Accounts');
    await expect(row).toContainText(/\d,000 rows/);
    await running.kill();
    await running.relaunch();
    await goTo(running.page, 'Jobs');
    await expect(jobRow(running.page, 'Accounts')).toContainText('the vault to be unlocked');
    await running.page.getByRole('button', { name: 'Unlock vault' }).click();
    const unlock = running.page.getByRole('dialog', { name: 'Unlock vault' });
    await unlock.getByLabel('Passphrase').first().fill('three quiet ferries at dawn');
    await unlock.getByRole('button', { name: 'Unlock' }).click();
    await expect(unlock.getByText('This is not the vault passphrase.')).toBeVisible();
    await unlock.getByLabel('Passphrase').first().fill('three quiet ferries at dusk');
    await unlock.getByRole('button', { name: 'Unlock' }).click();
    await expect(unlock).toBeHidden();
    await expect(jobRow(running.page, 'Accounts')).toContainText('Success');
    const activity = await openActivity(running.page, 'Accounts');
    await expect(countOf(activity, 'New')).toHaveText('200,000');
  } finally {
    await running.close();
    await large.close();
  }
});
