// The situations of Re-Authorize on the real app, each from its rehearsal over a failed run to a green one, and every action
// of the menu in every state, by button, keyboard and right click. (A deactivated user: lifecycle.e2e.ts.) One app.
import { expect, type Locator, test } from '@playwright/test';
import type { DisconnectReason } from '../../src/shared/connection/reasons.ts';
import { reasonSentence } from '../../src/shared/failure/rules.ts';
import { launchApp, type RunningApp } from '../support/app.ts';
import { goTo, openPractice, rowOf, startConnection } from './actions/connections.ts';
import {
  authorizeIn,
  chooseAction,
  dialogOf,
  type LogIn,
  openRevoke,
  openTrash,
  rehearse,
  removeConnection,
  runJob,
  tryMenu,
} from './actions/lifecycle.ts';

test.describe.configure({ mode: 'serial' });

const JOB = /Company Sync_/;
let running: RunningApp;
let runs = 0;
test.beforeAll(async () => {
  running = await launchApp();
  await openPractice(running.page);
});
test.afterAll(() => running.close());

async function runSales(row: Locator, result: 'Success' | 'Failed'): Promise<void> {
  await runJob(running.page, row, result, JOB);
  runs += 1;
}

async function saveDraft(connector: string, name: string): Promise<void> {
  const dialog = await startConnection(running.page, connector, name);
  await dialog.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(rowOf(running.page, name)).toContainText('Not authorized');
}

test('a draft is deleted by keyboard, comes back from the trash, and is authorized from its menu', async () => {
  const { app, page } = running;
  await saveDraft('Salesforce', 'Sales');
  await removeConnection(page, 'Sales', 'keyboard');
  const trash = await openTrash(page);
  await trash.getByRole('button', { name: 'Restore Sales' }).click();
  const row = rowOf(page, 'Sales');
  await expect(row).toContainText('Not authorized');
  await chooseAction(page, 'Sales', 'authorize', 'right click');
  await authorizeIn(app, dialogOf(page, 'authorize'), { person: 'lee' });
  await expect(row).toContainText('lee@acme.example');
  await runSales(row, 'Success');
  await saveDraft('Zendesk', 'Help');
  await tryMenu(page, 'Help', 'draft', 0);
});

test('a connected one is given to another admin from its menu', async () => {
  const { app, page } = running;
  await tryMenu(page, 'Sales', 'active', runs);
  await chooseAction(page, 'Sales', 'reAuthorize', 'keyboard');
  await authorizeIn(app, dialogOf(page, 'reAuthorize'), { person: 'dana', isOther: true });
  await expect(rowOf(page, 'Sales')).toContainText('dana@acme.example');
  await expect(rowOf(page, 'Sales')).toContainText('Connected');
});

const SITUATIONS: readonly {
  readonly rehearsal: string;
  readonly reason: DisconnectReason;
  /** What the system answered, as the failed activity shows it. */
  readonly answered: RegExp;
  readonly logIn: LogIn;
  /** What the admin does before, in the state that the situation has led to. */
  readonly meanwhile?: () => Promise<void>;
}[] = [
  {
    rehearsal: 'Withdraw all grants',
    reason: 'authorization_expired',
    answered: /Salesforce (no longer accepts|ended|refused|withdrew).*invalid_grant/,
    logIn: { person: 'dana' },
    meanwhile: async () => {
      const { page } = running;
      await tryMenu(page, 'Sales', 'disconnected', runs);
      await chooseAction(page, 'Sales', 'edit', 'right click');
      const edit = dialogOf(page, 'edit');
      await edit.getByRole('textbox', { name: 'Name of the Connection' }).fill('Sales EMEA');
      await edit.getByRole('button', { name: 'Save', exact: true }).click();
      await expect(rowOf(page, 'Sales EMEA')).toContainText('Disconnected');
    },
  },
  {
    rehearsal: 'End the licence',
    reason: 'licence_ended',
    answered: /no API access.*API_DISABLED_FOR_ORG.*Renew the licence/,
    logIn: { person: 'dana' },
    meanwhile: async () => {
      const { page } = running;
      const revoke = await openRevoke(page, 'Sales');
      await revoke.getByRole('button', { name: 'Revoke', exact: true }).click();
      await expect(revoke.getByRole('list', { name: 'Results' })).toContainText('Here: revoked.');
      await revoke.getByRole('button', { name: 'Done' }).click();
      await expect(rowOf(page, 'Sales')).toContainText('Revoked');
      await tryMenu(page, 'Sales EMEA', 'revoked', runs);
      await rehearse(page, 'Back to normal');
    },
  },
  {
    rehearsal: 'Change Dana’s password',
    reason: 'password_changed',
    answered: /password was changed or expired.*invalid_grant.*Re-authorize with the current password/,
    logIn: { person: 'dana', password: 'practice-dana-1-new' },
  },
  {
    rehearsal: 'Deny API access',
    reason: 'permission_missing',
    answered: /lacks the permission “API Enabled”.*API_CURRENTLY_DISABLED.*re-authorize as a user who has it/,
    logIn: { person: 'lee', isOther: true },
  },
];

for (const { rehearsal, reason, answered, logIn, meanwhile } of SITUATIONS)
  test(`${rehearsal}: the row and the failed activity say it, and a re-authorization mends it`, async () => {
    const { app, page } = running;
    const row = rowOf(page, 'Sales');
    const icon = row.getByRole('button', { name: /Failed activities in the last 24 hours/ });
    await expect(icon).toHaveCount(0);
    await rehearse(page, rehearsal);
    await runSales(row, 'Failed');
    await expect(row).toContainText('Disconnected');
    await expect(row).toContainText(reasonSentence({ reason }));
    await icon.click();
    const failed = page.getByRole('row', { name: JOB });
    await expect(failed).toHaveCount(1);
    await failed.click();
    const activity = page.getByRole('dialog', { name: 'Execution Activity' });
    await expect(activity).toContainText(answered);
    await page.keyboard.press('Escape');
    await goTo(page, 'Connections');
    await meanwhile?.();

    await row.getByRole('button', { name: 'Re-Authorize' }).click();
    const dialog = dialogOf(page, 'reAuthorize');
    await expect(dialog).toContainText('dana@acme.example');
    await authorizeIn(app, dialog, logIn);
    await expect(row).toContainText('Connected');
    await expect(row).toContainText(`${logIn.person}@acme.example`);
    await runSales(row, 'Success');
    await expect(icon).toHaveCount(0);
  });

test('Deny Account: the job fails with the reason, and the connection stays connected', async () => {
  const { app, page } = running;
  const row = rowOf(page, 'Sales');
  await rehearse(page, 'Back to normal');
  await chooseAction(page, 'Sales', 'reAuthorize', 'keyboard');
  await authorizeIn(app, dialogOf(page, 'reAuthorize'), { person: 'dana', isOther: true });
  await expect(row).toContainText('dana@acme.example');
  await rehearse(page, 'Deny Account');
  await runSales(row, 'Failed');
  await expect(row).toContainText('Connected');
  await expect(row).not.toContainText('Disconnected');
  await row.getByRole('button', { name: /Failed activities in the last 24 hours/ }).click();
  await page.getByRole('row', { name: JOB }).click();
  await expect(page.getByRole('dialog', { name: 'Execution Activity' })).toContainText(
    /does not show this object to the authorized user.*INVALID_TYPE.*re-authorize as a user who has it/,
  );
  await page.keyboard.press('Escape');
  await goTo(page, 'Connections');
  await rehearse(page, 'Back to normal');
  await runSales(row, 'Success');
});
