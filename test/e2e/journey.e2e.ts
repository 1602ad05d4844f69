// The first journeys, as a person takes them. The numbers are those of the tour in README.md, whose every sentence is tried here;
// its last, a run that is killed, by kill.e2e.ts.
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, type Locator, type Page, test } from '@playwright/test';
import { launchApp, type RunningApp } from '../support/app.ts';
import { watchLayoutShifts } from '../support/layout-shift.ts';
import { startGateway } from '../support/practice.ts';
import {
  createByLogIn,
  goTo,
  logInAs,
  logInWindow,
  type Person,
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
  openJob,
  runNow,
  runUntil,
  saveJob,
  startJob,
} from './actions/jobs.ts';
import { chooseAction, dialogOf, openTrash, rehearse, removeConnection } from './actions/lifecycle.ts';
import { call } from './actions/settings.ts';

test.describe.configure({ mode: 'serial' });

let running: RunningApp;
test.beforeAll(async () => {
  running = await launchApp();
});
test.afterAll(() => running.close());

/** Most actions of a person (a click, or a field typed into) from the first start to the first rows. */
const MOST_ACTIONS = 8;

test('1 to 3: from the first start to the first rows of Salesforce in at most 8 actions', async () => {
  const { app, page } = running;
  let actions = 0;
  const click = async (target: Locator): Promise<void> => {
    actions += 1;
    await target.click();
  };
  await click(page.getByRole('button', { name: 'Open the practice tenant' }));
  await click(page.getByRole('button', { name: 'Connect Salesforce' }));
  const dialog = page.getByRole('dialog', { name: 'Create Connection' });
  const window = await logInWindow(app, () => click(dialog.getByRole('button', { name: 'Authorize' })));
  await click(window.getByRole('button', { name: 'Log in as Dana' }));
  await click(window.getByRole('button', { name: 'Allow' }));
  const row = rowOf(page, 'Salesforce');
  await expect(row).toContainText('Connected');
  await expect(row).toContainText('dana@acme.example');
  await expect(row).toContainText('Acme');
  const next = page.getByRole('region', { name: 'Next step' });
  await click(next.getByRole('button', { name: 'Run its 3 jobs' }));
  await expect(next).toContainText(/of 3 jobs done|all 3 jobs have run/);
  await click(next.getByRole('button', { name: 'View data' }));
  await expect(
    page
      .getByRole('table', { name: /^Rows of .*_Salesforce/ })
      .getByRole('row')
      .nth(1),
  ).toBeVisible();
  expect(actions).toBeLessThanOrEqual(MOST_ACTIONS);
  await goTo(page, 'Connections');
  await expect(next).toContainText('all 3 jobs have run');
  await next.getByRole('button', { name: 'Dismiss' }).click();
  await expect(next).toHaveCount(0);
});

test('3: the rows are searched and exported, the activity has the counts, and nothing moves while a job runs', async () => {
  const { app, page, profile } = running;
  const activity = await openActivity(page, 'Company Sync_Salesforce');
  await expect(countOf(activity, 'New')).toHaveText('320');
  await expect(activity.getByRole('list', { name: 'Log lines' })).toContainText('Read to the end: 320 records');
  await activity.getByRole('button', { name: 'View data' }).click();
  await expect(page.getByRole('table', { name: /^Rows of Company Sync_Salesforce/ })).toBeVisible();
  await expect(page.getByRole('status').filter({ hasText: '320 rows' })).toBeVisible();
  await page.getByRole('searchbox', { name: 'Search rows' }).fill('northwind tr');
  await expect(page.getByText(/^\d+ of 320 rows$/)).toBeVisible();
  const shown = Number((await page.getByText(/^\d+ of 320 rows$/).textContent())?.split(' ')[0]);
  const file = path.join(profile, '..', 'companies.csv');
  await answerSaveDialog(app, file);
  await page.getByRole('button', { name: 'Export CSV' }).click();
  await expect(page.getByText(/Saved .*companies\.csv/)).toBeVisible();
  const lines = fs.readFileSync(file, 'utf8').trim().split(/\r?\n/);
  expect(lines[0]).toContain('SFDC_Account_ID__gc,Name,');
  expect(shown).toBeGreaterThan(0);
  expect(lines.length).toBe(1 + shown);
  expect(lines.slice(1).every((line) => line.includes('Northwind Travel'))).toBe(true);
  await goTo(page, 'Jobs');
  await expect(jobRow(page, 'Company Sync_Salesforce')).toBeVisible();
  const shifts = await watchLayoutShifts(page, 'now');
  await runUntil(page, 'Company Sync_Salesforce', 'Success');
  expect(await shifts(), 'what moved by itself until the end of the run').toEqual([]);
});

test('Zendesk: authorized in the window, with tokens that rotate', async () => {
  const { app, page } = running;
  await goTo(page, 'Connections');
  await page.getByRole('button', { name: 'Create Connection' }).first().click();
  await expect(page.getByRole('option', { name: 'Salesforce', exact: true })).toHaveAccessibleDescription(
    /1 of 1 CRM in use: "Salesforce" holds the slot/,
  );
  await page.keyboard.press('Escape');
  const second = await startConnection(page, 'Salesforce');
  await expect(second.getByRole('button', { name: 'Open the limits' })).toBeVisible();
  await second.getByRole('button', { name: 'Save' }).click();
  await expect(second.getByRole('combobox', { name: 'Connector' })).toHaveAccessibleDescription(
    /may have 1 CRM connection; "Salesforce" holds the slot.*Settings > Tenant/,
  );
  await second.getByRole('button', { name: 'Cancel' }).click();
  await createByLogIn(app, page, 'Zendesk');
  await goTo(page, 'Jobs');
  await runUntil(page, 'Ticket Sync_Zendesk', 'Success');
});

test('S3: files read by access keys, through a job of one’s own', async () => {
  const { page } = running;
  await goTo(page, 'Connections');
  await saveConnected(page, await startConnection(page, 'S3'), 'S3');
  const dialog = await startJob(page, { name: 'Usage by day', connection: 'S3', object: 'usage/usage-' });
  await dialog.getByLabel('Key column').selectOption('usage_id');
  await saveJob(dialog);
  await runUntil(page, 'Usage by day', 'Success');
  await openData(page, 'Usage by day');
  await expect(page.getByRole('status').filter({ hasText: '280 rows' })).toBeVisible();
});

test('4: Salesforce accounts are delivered to Gainsight Company', async () => {
  const { page } = running;
  await goTo(page, 'Connections');
  await saveConnected(page, await startConnection(page, 'Gainsight API'), 'Gainsight API');
  const dialog = await openJob(page, 'Company Sync_Salesforce');
  await dialog.getByRole('radio', { name: 'A Gainsight object' }).click();
  await choose(dialog, 'Destination object', 'Company');
  await choose(dialog, 'Match keys', 'SFDC_Account_ID__gc');
  await page.keyboard.press('Tab');
  await saveJob(dialog);
  await runUntil(page, 'Company Sync_Salesforce', 'Success');
  const activity = await openActivity(page, 'Company Sync_Salesforce');
  await expect(countOf(activity, 'Delivered')).toHaveText('320');
  await expect(countOf(activity, 'Refused')).toHaveText('0');
  await closeActivity(page);
});

test('5 and 6: Dana is deactivated, the run fails and says why; re-authorized as Lee it succeeds, and the icon goes', async () => {
  const { app, page } = running;
  await rehearse(page, 'Deactivate Dana');
  await runUntil(page, 'Company Sync_Salesforce', 'Failed', 60_000);
  await goTo(page, 'Connections');
  const row = rowOf(page, 'Salesforce');
  await expect(row).toContainText('Disconnected');
  await expect(row).toContainText('The authorized user was deactivated');
  const icon = row.getByRole('button', { name: 'Failed activities in the last 24 hours' });
  await icon.click();
  await expect(page.getByRole('row', { name: /Company Sync_Salesforce/ })).toHaveCount(1);
  await goTo(page, 'Connections');
  const dialog = await reAuthorizeAs(app, page, 'lee', () => row.getByRole('button', { name: 'Re-Authorize' }).click());
  await expect(dialog.getByRole('alert')).toContainText('Another account has logged in');
  await expect(dialog.getByRole('alert')).toContainText('Nothing has been replaced yet');
  await dialog.getByRole('button', { name: 'Use the new account' }).click();
  await expect(row).toContainText('lee@acme.example');
  await runUntil(page, 'Company Sync_Salesforce', 'Success');
  await goTo(page, 'Connections');
  await expect(icon).toHaveCount(0);
});

test('7: who logs in again and may read less is told what, and the account before is kept', async () => {
  const { app, page } = running;
  await rehearse(page, 'Back to normal');
  await rehearse(page, 'Deny Account');
  const row = rowOf(page, 'Salesforce');
  const dialog = await reAuthorizeAs(app, page, 'dana', async () => {
    await row.getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('menuitem', { name: 'Re-Authorize Connection' }).click();
  });
  await expect(dialog.getByRole('alert')).toContainText('1 object cannot be read');
  await expect(dialog.getByRole('alert')).toContainText(/Account.*Used by Company Sync_Salesforce/);
  await dialog.getByRole('button', { name: 'Keep the account before' }).click();
  await dialog.getByRole('button', { name: 'Cancel', exact: true }).click();
  await expect(row).toContainText('lee@acme.example');
  await expect(row).toContainText('Connected');
  await rehearse(page, 'Back to normal');
});

/** Opens the dialog by `open`, and logs in through its window. */
async function reAuthorizeAs(
  app: RunningApp['app'],
  page: Page,
  person: Person,
  open: () => Promise<void>,
): Promise<Locator> {
  await open();
  const dialog = page.getByRole('dialog', { name: 'Re-Authorize Connection' });
  const window = await logInWindow(app, () =>
    dialog.getByRole('button', { name: 'Re-Authorize', exact: true }).click(),
  );
  await logInAs(window, person);
  return dialog;
}

test('a destination is deleted with the jobs named that load through it, and leaves the trash for good', async () => {
  const { page } = running;
  await goTo(page, 'Connections');
  await chooseAction(page, 'Gainsight API', 'delete');
  const dialog = dialogOf(page, 'delete');
  await expect(dialog).toContainText('Other jobs load through it and will not run any more: Company Sync_Salesforce');
  await dialog.getByRole('button', { name: 'Cancel', exact: true }).click();
  await removeConnection(page, 'Gainsight API');
  const trash = await openTrash(page);
  const entry = trash.getByRole('listitem', { name: 'Gainsight API' });
  await entry.getByRole('button', { name: 'Remove Gainsight API for good' }).click();
  await expect(entry).toContainText('This cannot be undone.');
  await entry.getByRole('button', { name: 'Keep' }).click();
  await entry.getByRole('button', { name: 'Remove Gainsight API for good' }).click();
  await entry.getByRole('button', { name: 'Remove for good' }).click();
  await expect(trash).toContainText('No connection has been deleted in the last 30 days.');
  await trash.getByRole('button', { name: 'Close' }).last().click();
  await goTo(page, 'Jobs');
  const run = jobRow(page, 'Company Sync_Salesforce').getByRole('button', { name: 'Run now' });
  await expect(run).toBeDisabled();
  await expect(run).toHaveAccessibleDescription('The destination’s connection no longer exists. Edit the job.');
});

test('a run that ends while another tenant is shown changes nothing on screen', async () => {
  const { page, profile } = running;
  await goTo(page, 'Connections');
  const dialog = await startConnection(page, 'S3', 'Held files');
  await dialog.getByRole('button', { name: 'Advanced' }).click();
  const gateway = await startGateway(await dialog.getByRole('textbox', { name: 'API base URL' }).inputValue());
  await pointAt(dialog, gateway.baseUrl);
  await saveConnected(page, dialog, 'Held files');
  const job = await startJob(page, { name: 'Held', connection: 'Held files', object: 'usage/usage-' });
  await job.getByLabel('Key column').selectOption('usage_id');
  await saveJob(job);
  const held: http.ServerResponse[] = [];
  gateway.instead = (_request, response) => void held.push(response);
  await runNow(page, 'Held');
  await expect.poll(() => held.length).toBeGreaterThan(0);
  const { tenants } = await call<{ tenants: { id: string }[] }>(page, 'tenants.list', {});
  await call(page, 'tenants.create', { name: 'Globex', domain: 'globex.gainsightcloud.com', products: [] });
  await goTo(page, 'Connections');
  await expect(page.getByRole('button', { name: /^Globex/ })).toBeVisible();
  await expect(page.getByText('No jobs running')).toBeVisible();

  gateway.instead = refused;
  for (const response of held) refused(response.req, response);
  const history = new DatabaseSync(path.join(profile, 'data', 'history.db'), { readOnly: true });
  const newest = history.prepare('SELECT id, status FROM executions ORDER BY seq DESC LIMIT 1');
  await expect.poll(() => newest.get()?.status).toBe('failed');
  const { id } = newest.get() ?? {};
  history.close();
  // What main has sent before this answer has arrived before it.
  await expect(call(page, 'activity.execution', { id })).rejects.toThrow('belongs to another tenant');
  await expect(page.locator('[data-connection-id]')).toHaveCount(0);
  await call(page, 'tenants.select', { id: tenants[0]?.id });
  await expect(rowOf(page, 'Held files')).toContainText('Disconnected');
  await gateway.close();
});

/** What S3 answers where the user may not read. */
const refused = (_request: unknown, response: http.ServerResponse): void =>
  void response
    .writeHead(403, { 'content-type': 'application/xml' })
    .end('<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>');

test('without a mouse: a connection is created and tested, a job run, Settings read, and the focus comes back', async () => {
  const { page } = running;
  const { keyboard } = page;
  /** Tab until the focus is there, as a person would. */
  const tabTo = async (target: Locator): Promise<void> => {
    await expect(target).toBeVisible();
    for (let steps = 0; steps < 60; steps += 1) {
      if (await target.evaluate((element) => element === document.activeElement)) return;
      await keyboard.press('Tab');
    }
    await expect(target).toBeFocused();
  };
  const palette = async (words: string): Promise<void> => {
    await keyboard.press('Control+k');
    await expect(page.getByRole('combobox', { name: 'Go to a page, connection or action' })).toBeFocused();
    await keyboard.type(words);
    await keyboard.press('Enter');
  };

  await palette('connections page');
  const opener = page.getByRole('button', { name: 'Create Connection' });
  await tabTo(opener);
  await keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Create Connection' });
  await expect(dialog).toBeVisible();
  await keyboard.press('Escape');
  await expect(opener).toBeFocused();
  await keyboard.press('Enter');
  await expect(dialog.getByRole('combobox', { name: 'Connector' })).toBeFocused();
  await keyboard.type('gainsight api');
  await keyboard.press('Enter');
  await tabTo(dialog.getByRole('textbox', { name: 'Name of the Connection' }));
  await keyboard.press('Control+a');
  await keyboard.type('By keyboard');
  await tabTo(dialog.getByRole('button', { name: 'Test Connection' }));
  await keyboard.press('Enter');
  await expect(dialog.getByText(/passed/i).first()).toBeVisible();
  await tabTo(dialog.getByRole('button', { name: 'Save' }));
  await keyboard.press('Enter');
  await expect(dialog).toBeHidden();
  await expect(rowOf(page, 'By keyboard')).toContainText('Connected');
  await expect(rowOf(page, 'By keyboard')).toBeFocused();

  await palette('jobs page');
  const run = jobRow(page, 'Usage by day').getByRole('button', { name: 'Run now' });
  await tabTo(run);
  await keyboard.press('Enter');
  await expect(jobRow(page, 'Usage by day').getByRole('button', { name: 'Stop' })).toBeHidden();
  await expect(jobRow(page, 'Usage by day')).toContainText('Success');

  await palette('vault settings');
  await tabTo(page.getByRole('tab', { name: 'Vault' }));
  await keyboard.press('ArrowRight');
  await expect(page.getByRole('tabpanel', { name: 'Network' })).toContainText('authorities of your company');
});

test('connections of the practice tenant find their servers when somebody has taken the port', async () => {
  await goTo(running.page, 'Connections');
  await rowOf(running.page, 'S3').getByRole('button', { name: 'More actions' }).click();
  await running.page.getByRole('menuitem', { name: 'Edit Connection' }).click();
  const address = running.page.getByRole('textbox', { name: 'API base URL', includeHidden: true });
  const { port } = new URL(await address.inputValue());
  await running.kill();
  const somebody = http.createServer((_request, response) => response.end('Not a practice server.'));
  // Another app of these tests may have been quicker: that is somebody too.
  await new Promise<void>((resolve) =>
    somebody.once('error', () => resolve()).listen(Number(port), '127.0.0.1', resolve),
  );
  try {
    await running.relaunch();
    await runUntil(running.page, 'Usage by day', 'Success');
    const activity = await openActivity(running.page, 'Usage by day');
    await expect(activity.getByRole('list', { name: 'Log lines' })).toContainText('0 of 7 files are to be read.');
  } finally {
    somebody.close();
  }
});
