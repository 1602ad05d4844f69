// The first journey: from nothing to rows, as a person takes it.
import { expect, test } from '@playwright/test';
import { launchApp, type RunningApp } from '../support/app.ts';
import { createByLogIn, goTo, openPractice } from './actions/connections.ts';

let running: RunningApp;
test.beforeAll(async () => {
  running = await launchApp();
});
test.afterAll(() => running.close());

test('a Salesforce connection is created, authorized in the window, and its accounts are read', async () => {
  const { app, page } = running;
  await openPractice(page);
  const row = await createByLogIn(app, page, 'Salesforce');
  await expect(row).toContainText('dana@acme.example');
  await expect(row).toContainText('Acme');
  await row.getByRole('button', { name: 'View Jobs' }).click();
  const job = page.getByRole('row', { name: /^Company Sync_Salesforce/ });
  await job.getByRole('button', { name: 'Run now' }).click();
  await expect(job).toContainText('Success', { timeout: 60_000 });
  await goTo(page, 'Activity');
  await expect(page.getByRole('row', { name: /Company Sync_Salesforce/ })).toContainText('Success');
  await goTo(page, 'Data');
  await page.getByRole('combobox', { name: 'Table' }).click();
  await page.getByRole('option', { name: /^Company Sync_Salesforce/ }).click();
  await expect(page.getByRole('row')).not.toHaveCount(1);
});
