// A source that seems to have lost most of its records, in the real app: the rows stay until a person says otherwise.
import { expect, type Page, test } from '@playwright/test';
import type { CallOutput } from '../../src/shared/ipc/contract.ts';
import { launchApp, type RunningApp } from '../support/app.ts';
import { createByLogIn, goTo, openPractice } from './actions/connections.ts';
import { closeActivity, openActivity, openData, runUntil } from './actions/jobs.ts';
import { call } from './actions/settings.ts';

test.describe.configure({ mode: 'serial' });

const JOB = 'Company Sync_Salesforce';
let running: RunningApp;
test.beforeAll(async () => {
  running = await launchApp();
  await openPractice(running.page);
  await createByLogIn(running.app, running.page, 'Salesforce');
});
test.afterAll(() => running.close());

/** A filter that nothing passes looks like a source that answers with nothing. */
async function filterAll(page: Page): Promise<void> {
  const { rows } = await call<CallOutput<'jobs.list'>>(page, 'jobs.list', {});
  const job = rows.find((row) => row.job.name === JOB)?.job;
  if (job === undefined) throw new Error('There is no such job.');
  const { id, tenantId, origin, templateId, createdAt, updatedAt, version, ...settings } = job;
  const filter = [{ field: 'Name', operator: 'eq', value: 'nobody is called so' }];
  await call(page, 'jobs.update', { id, version, settings: { ...settings, filter } });
}

test('the run is partial, the rows stay, and are marked once that is agreed to', async () => {
  const { page } = running;
  await runUntil(page, JOB, 'Success');
  await openData(page, JOB);
  const counted = page.getByText(/^[\d,]+ rows$/);
  const rows = (await counted.textContent()) ?? '';
  await filterAll(page);
  await runUntil(page, JOB, 'Partial Success');
  await openData(page, JOB);
  await expect(counted).toHaveText(rows);

  const activity = await openActivity(page, JOB);
  await activity.getByRole('button', { name: `Mark ${rows} as deleted…` }).click();
  const dialog = page.getByRole('dialog', { name: 'Mark Rows as Deleted' });
  await expect(dialog).toContainText('Nothing changes at the source or at the destination.');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await activity.getByRole('button', { name: `Mark ${rows} as deleted…` }).click();
  await dialog.getByRole('button', { name: /^Mark [\d,]+ as deleted$/ }).click();
  await expect(dialog).toBeHidden();
  await expect(activity).toContainText('That is decided since');
  await closeActivity(page);

  await openData(page, JOB);
  await expect(page.getByText('Run the job to see its rows.')).toBeVisible();
  await goTo(page, 'Activity');
  await page.getByRole('tab', { name: 'Update Activities' }).click();
  await expect(page.getByText('Rows marked as deleted').first()).toBeVisible();
  await runUntil(page, JOB, 'Success');
});
