// Credentials that come and go: the second journey, revoke, trash, edit. (Every menu action: situations.e2e.ts.) One app.
import { expect, type Locator, test } from '@playwright/test';
import type { Connection } from '../../src/shared/connection/connection.ts';
import { launchApp, type RunningApp } from '../support/app.ts';
import { startGateway, startPractice } from '../support/practice.ts';
import {
  createByLogIn,
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
  chooseAction,
  dialogOf,
  expectMenu,
  openRevoke,
  openTrash,
  rehearse,
  removeConnection,
  runJob,
} from './actions/lifecycle.ts';
import { call } from './actions/settings.ts';

test.describe.configure({ mode: 'serial' });

let running: RunningApp;
test.beforeAll(async () => {
  running = await launchApp();
});
test.afterAll(() => running.close());

test('an info icon leads to a deactivated user, to re-authorization as another one, to a green run, and goes', async () => {
  const { app, page } = running;
  await openPractice(page);
  const row = await createByLogIn(app, page, 'Zendesk');
  const icon = row.getByRole('button', { name: /Failed activities in the last 24 hours/ });
  await runJob(page, row, 'Success');
  await expect(icon).toHaveCount(0);
  await rehearse(page, 'Deactivate Dana');
  await runJob(page, row, 'Failed');
  await expect(row).toContainText('Disconnected');
  await expect(row).toContainText('The authorized user was deactivated');
  await icon.click();
  const failed = page.getByRole('row', { name: /Sync_Zendesk/ });
  await expect(failed).toHaveCount(1);
  await expect(failed).toContainText('Failed');
  await failed.click();
  await expect(page.getByRole('dialog', { name: 'Execution Activity' })).toContainText(/suspended|deactivated/i);
  await page.keyboard.press('Escape');
  await goTo(page, 'Connections');

  await row.getByRole('button', { name: 'Re-Authorize' }).click();
  const dialog = page.getByRole('dialog', { name: 'Re-Authorize Connection' });
  await expect(dialog).toContainText('dana@acme.example');
  await expect(dialog).toContainText('Re-authorize as another admin');
  const window = await logInWindow(app, () => dialog.getByRole('button', { name: 'Re-Authorize' }).click());
  await logInAs(window, 'lee');
  await expect(dialog.getByRole('alert')).toContainText('Another account has logged in');
  await dialog.getByRole('button', { name: 'Use the new account' }).click();
  await expect(row).toContainText('lee@acme.example');
  await expect(row).toContainText('Connected');
  await runJob(page, row, 'Success');
  await expect(icon).toHaveCount(0);
  await rehearse(page, 'Back to normal');
});

test('a connection that is not authorized, and what an edit of its name would change', async () => {
  const { page } = running;
  const dialog = await startConnection(page, 'Salesforce', 'Sales');
  await dialog.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(rowOf(page, 'Sales')).toContainText('Not authorized');
  await rowOf(page, 'Sales').getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: 'Edit Connection' }).click();
  const edit = page.getByRole('dialog', { name: 'Edit Connection' });
  await edit.getByRole('textbox', { name: 'Name of the Connection' }).fill('Sales EMEA');
  await expect(edit.getByRole('region', { name: 'What changes' })).toContainText('Sales EMEA');
  await edit.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(rowOf(page, 'Sales EMEA')).toBeVisible();
});

test('an edit that another has overtaken loses nothing: both are shown, and the person chooses', async () => {
  const { page } = running;
  await rowOf(page, 'Sales EMEA').getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: 'Edit Connection' }).click();
  const edit = page.getByRole('dialog', { name: 'Edit Connection' });
  await edit.getByRole('textbox', { name: 'Name of the Connection' }).fill('Sales North');
  const { rows } = await call<{ rows: { connection: { id: string; name: string } }[] }>(page, 'connections.list', {});
  const id = rows.find(({ connection }) => connection.name === 'Sales EMEA')?.connection.id;
  const { row } = await call<{ row: { connection: Connection } }>(page, 'connections.get', { id });
  const { connectorId, authMethodId, fields, overrides, version } = row.connection;
  const input = { connectorId, authMethodId, fields: { ...fields, apiVersion: '61.0' }, overrides, secrets: {} };
  await call(page, 'connections.update', { id, version, input: { ...input, name: 'Sales South' } });
  await edit.getByRole('button', { name: 'Save', exact: true }).click();
  const conflict = edit.getByRole('alert').filter({ hasText: 'was changed meanwhile' });
  await expect(conflict.getByRole('list', { name: 'Changed by both' })).toContainText('stored now Sales South');
  await expect(conflict).toContainText('Taken over as it is stored now: API version');
  await expect(edit.getByRole('textbox', { name: 'API version' })).toHaveValue('61.0');
  await conflict.getByRole('button', { name: 'Keep my Name of the Connection' }).click();
  await edit.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(rowOf(page, 'Sales North')).toBeVisible();
});

test('a new host needs a new authorization, and the dialog says so before it is saved', async () => {
  const { page } = running;
  const row = rowOf(page, 'Zendesk');
  await row.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: 'Edit Connection' }).click();
  const edit = page.getByRole('dialog', { name: 'Edit Connection' });
  await edit.getByRole('button', { name: 'Advanced' }).click();
  await edit.getByRole('textbox', { name: 'API base URL' }).fill('http://127.0.0.1:9/elsewhere');
  const changes = edit.getByRole('region', { name: 'What changes' });
  await expect(changes).toContainText('is never sent to http://127.0.0.1:9');
  await expect(changes).toContainText('asks for a new one');
  const app = edit.getByRole('group', { name: 'OAuth app of this tenant' });
  await app.getByRole('textbox', { name: 'Client id' }).fill('another-app');
  await expect(app.getByRole('status')).toContainText('"Zendesk" was authorized by the client id before');
  await edit.getByRole('button', { name: 'Cancel', exact: true }).click();
  await expect(row).toContainText('Connected');
});

test('revoke shows both results, and its menu afterwards is that of a revoked connection', async () => {
  const { page } = running;
  const row = rowOf(page, 'Zendesk');
  const dialog = await openRevoke(page, 'Zendesk');
  await dialog.getByRole('checkbox', { name: 'Only until a date, with a reminder' }).check();
  await expect(dialog.getByLabel('Remind me to authorize it again')).toHaveValue(/^20\d\d-\d\d-\d\dT\d\d:00$/);
  await dialog.getByRole('button', { name: 'Revoke', exact: true }).click();
  const results = dialog.getByRole('list', { name: 'Results' });
  await expect(results).toContainText('Here: revoked.');
  await expect(results).toContainText('At Zendesk: The provider has confirmed it.');
  await dialog.getByRole('button', { name: 'Done' }).click();
  await expect(row).toContainText('Revoked');
  await expect(row).toContainText('until');
  await expectMenu(page, 'Zendesk', 'revoked');
});

test('a reminder that has come due leads to the connection, is put off, and ends when it stays revoked', async () => {
  const { app, page } = running;
  const { rows } = await call<{ rows: { connection: { id: string; name: string } }[] }>(page, 'connections.list', {});
  const id = rows.find(({ connection }) => connection.name === 'Zendesk')?.connection.id;
  const due = Date.now() + 1000;
  await call(page, 'connections.setReminder', { id, until: new Date(due).toISOString() });
  await expect.poll(() => Date.now() > due).toBe(true);
  // The page's clock goes in long steps; a page that is loaded looks at once.
  await page.reload();
  const notices = page.getByRole('region', { name: 'Notices' });
  await expect(notices).toContainText('Zendesk was revoked until');
  // What main says when the system's own reminder is followed.
  await app.evaluate(({ BrowserWindow }, text) => {
    for (const window of BrowserWindow.getAllWindows()) window.webContents.send('connections.reminderChosen', text);
  }, JSON.stringify({ id }));
  const dialog = page.getByRole('dialog', { name: 'Re-Authorize Connection' });
  await dialog.getByRole('button', { name: 'Change the reminder' }).click();
  await dialog.getByLabel('Remind me to authorize it again').fill('2001-01-01T09:00');
  await dialog.getByRole('button', { name: 'Save the date' }).click();
  await expect(dialog.getByText('Choose a date and time within the next year.')).toBeVisible();
  await dialog.getByRole('button', { name: 'Cancel', exact: true }).click();
  await notices.getByRole('button', { name: 'Keep revoked' }).click();
  await expect(notices).toHaveCount(0);
  await expect(rowOf(page, 'Zendesk')).not.toContainText('until');
});

test('a deleted connection waits in the trash and comes back to be authorized again', async () => {
  const { app, page } = running;
  const row = rowOf(page, 'Zendesk');
  await removeConnection(page, 'Zendesk');
  const trash = await openTrash(page);
  await expect(trash.getByRole('listitem', { name: 'Zendesk' })).toContainText('kept until');
  await trash.getByRole('button', { name: 'Restore Zendesk' }).click();
  await expect(row).toContainText('Revoked');
  await row.getByRole('button', { name: 'Re-Authorize' }).click();
  const again = page.getByRole('dialog', { name: 'Re-Authorize Connection' });
  const window = await logInWindow(app, () => again.getByRole('button', { name: 'Re-Authorize' }).click());
  await logInAs(window, 'lee');
  await expect(row).toContainText('Connected');
  await goTo(page, 'Activity');
  await page.getByRole('tab', { name: 'Update Activities' }).click();
  for (const action of ['Connection restored', 'Connection deleted', 'Connection revoked', 'Connection re-authorized'])
    await expect(page.getByText(action).first()).toBeVisible();
});

test('S3 is re-authorized with another access key; revoked, it says what stays valid in AWS and is renamed without a key', async () => {
  const { page } = running;
  await goTo(page, 'Connections');
  const row = await saveConnected(page, await startConnection(page, 'S3'), 'S3');
  const open = async (action: 'edit' | 'reAuthorize'): Promise<Locator> => {
    await chooseAction(page, 'S3', action);
    return dialogOf(page, action);
  };
  const dialog = await open('reAuthorize');
  const id = dialog.getByRole('textbox', { name: 'Access key ID' });
  const press = (): Promise<void> => dialog.getByRole('button', { name: 'Re-Authorize', exact: true }).click();
  await expect(id).toHaveValue('AKIAPRACTICE0000007Q2X');
  await id.fill('!');
  await press();
  await expect(id).toHaveAccessibleDescription(/Enter the access key ID/);
  await expect(id).toBeFocused();
  await id.fill('AKIAPRACTICE0000009K4Z');
  await dialog.getByLabel('Secret access key').fill('practice/other+key/of/acme');
  await press();
  await expect(dialog.getByRole('alert')).toContainText('another account or key ID');
  await dialog.getByRole('button', { name: 'Use the new account' }).click();
  await expect(row).toContainText('Access key …9K4Z');

  const revoke = await openRevoke(page, 'S3');
  await expect(revoke).toContainText('The access key stays valid in AWS');
  await revoke.getByRole('button', { name: 'Revoke', exact: true }).click();
  await expect(revoke.getByRole('list', { name: 'Results' })).toContainText('At S3: The access key stays valid in AWS');
  await revoke.getByRole('button', { name: 'Done' }).click();
  const edit = await open('edit');
  await edit.getByRole('textbox', { name: 'Name of the Connection' }).fill('S3 exports');
  await page.keyboard.press('Enter');
  await expect(rowOf(page, 'S3 exports')).toContainText('Revoked');

  await rowOf(page, 'S3 exports').getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: 'Delete Connection' }).click();
  const remove = page.getByRole('dialog', { name: 'Delete Connection' });
  await remove.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(page.getByText('S3 exports is in the trash. The access key stays valid in AWS.')).toBeVisible();
  await page.getByRole('button', { name: 'Dismiss this message' }).click();
});

test('a revocation stops the run under way, and a provider that cannot be reached is told at the next start', async () => {
  const practice = await startPractice('zendesk', { records: 20_000, latencyMs: 400 });
  const gateway = await startGateway(practice.baseUrl);
  try {
    const { page } = running;
    await goTo(page, 'Connections');
    await removeConnection(page, 'Zendesk');
    const create = await startConnection(page, 'Zendesk', 'Far away');
    await pointAt(create, gateway.baseUrl);
    const window = await logInWindow(running.app, () => create.getByRole('button', { name: 'Authorize' }).click());
    await logInAs(window, 'lee');
    await expect(rowOf(page, 'Far away')).toContainText('Connected');
    await rowOf(page, 'Far away').getByRole('button', { name: 'View Jobs' }).click();
    // The one of many pages: the others have ended before anybody could revoke.
    const job = page.getByRole('row', { name: /Ticket Sync_Far away/ });
    await job.getByRole('button', { name: 'Run now' }).click();
    await expect(job).toContainText(/Running|read/);
    await goTo(page, 'Connections');
    gateway.instead = (request) => void request.socket.destroy();
    const dialog = await openRevoke(page, 'Far away');
    await dialog.getByRole('button', { name: 'Revoke', exact: true }).click();
    const results = dialog.getByRole('list', { name: 'Results' });
    await expect(results).toContainText('could not be reached yet');
    await results.getByRole('button', { name: 'Try again' }).click();
    await expect(results).toContainText('could not be reached yet');
    await dialog.getByRole('button', { name: 'Done' }).click();
    await goTo(page, 'Activity');
    const run = page.getByRole('row', { name: /Ticket Sync_Far away/ });
    await expect(run).toContainText('Stopped');
    await goTo(page, 'Connections');
    gateway.instead = null;
    // What is being typed when the app goes is there again.
    const typing = await startConnection(page, 'S3', 'Half typed');
    await typing.getByRole('textbox', { name: 'Bucket' }).fill('half-typed-bucket');
    await expect
      .poll(() => call(page, 'drafts.list', {}))
      .toMatchObject({ drafts: [{ values: { name: 'Half typed' } }] });
    await running.relaunch();
    await expect(rowOf(running.page, 'Far away')).toContainText('Revoked here and at the provider');
    await running.page.getByRole('button', { name: 'Create Connection' }).first().click();
    const again = running.page.getByRole('dialog', { name: 'Create Connection' });
    await expect(again.getByText('This is your draft')).toBeVisible();
    await expect(again.getByRole('textbox', { name: 'Bucket' })).toHaveValue('half-typed-bucket');
    await again.getByRole('button', { name: 'Discard' }).click();
    await expect(again.getByText('This is your draft')).toHaveCount(0);
    await expect(again.getByRole('textbox', { name: 'Name of the Connection' })).toHaveValue('S3');
    await again.getByRole('button', { name: 'Cancel', exact: true }).click();
  } finally {
    await gateway.close();
    await practice.close();
  }
});

test('another keyring takes the credential away and says so; the old one brings it back', async () => {
  const { keyring } = running;
  if (keyring === undefined) throw new Error('This app was started without a keyring.');
  const key = await startConnection(running.page, 'Gainsight API', 'Key');
  await saveConnected(running.page, key, 'Key');
  const { restore } = await keyring.change();
  await running.relaunch();
  const row = () => rowOf(running.page, 'Key');
  await expect(row()).toContainText('The credential cannot be read on this machine');
  await restore();
  await running.relaunch();
  await expect(row()).toContainText('Connected');
});

test('closing the main window ends the app, also while a log-in window is open', async () => {
  const { app, page } = running;
  await chooseAction(page, 'Sales North', 'authorize');
  const dialog = dialogOf(page, 'authorize');
  await logInWindow(app, () => dialog.getByRole('button', { name: 'Authorize' }).click());
  expect(app.windows()).toHaveLength(2);
  const ended = app.waitForEvent('close');
  const main = await app.browserWindow(page);
  await main.evaluate((window) => window.close()).catch(() => undefined);
  await ended;
});
