// A run that is interrupted: by a kill of everything, by a quit, by a person. It goes on as the same activity, and in the end
// exactly the source's rows are there.
import { expect, type Page, test } from '@playwright/test';
import { launchApp, type RunningApp } from '../support/app.ts';
import { type Practice, startPractice } from '../support/practice.ts';
import { goTo, logInAs, logInWindow, openPractice, pointAt, rowOf, startConnection } from './actions/connections.ts';
import { closeActivity, countOf, jobRow, openActivity, openData, runNow } from './actions/jobs.ts';

const ACCOUNTS = 40_000;
const JOB = 'Company Sync_Salesforce';
const CONTACTS = 'Company Person Sync_Salesforce';
let running: RunningApp;
let source: Practice;

test.beforeAll(async () => {
  running = await launchApp();
  source = await startPractice('salesforce', { records: ACCOUNTS, latencyMs: 350 });
});
test.afterAll(async () => {
  await running.close();
  await source.close();
});

/** Waits until the run has stored more of the rows than this, percent. */
async function storedMoreThan(page: Page, percent: number): Promise<void> {
  await goTo(page, 'Jobs');
  const shown = jobRow(page, JOB).getByText(/^\d+ % of 40,000$/);
  await expect
    .poll(async () => Number((await shown.textContent())?.split(' ')[0]), { intervals: [50] })
    .toBeGreaterThan(percent);
}

test('a run that is killed, then quit, goes on as the same activity and doubles nothing', async () => {
  test.setTimeout(90_000);
  await openPractice(running.page);
  const dialog = await startConnection(running.page, 'Salesforce');
  await pointAt(dialog, source.baseUrl);
  await logInAs(
    await logInWindow(running.app, () => dialog.getByRole('button', { name: 'Authorize' }).click()),
    'dana',
  );
  await expect(rowOf(running.page, 'Salesforce')).toContainText('Connected', { timeout: 20_000 });
  await runNow(running.page, JOB);
  await storedMoreThan(running.page, 10);
  await running.kill();
  await running.relaunch();
  await storedMoreThan(running.page, 25);
  await running.relaunch();
  const { page } = running;
  await goTo(page, 'Jobs');
  await expect(jobRow(page, JOB)).toContainText('Success', { timeout: 30_000 });
  const activity = await openActivity(page, JOB);
  await expect(page.getByRole('table', { name: 'Execution Activities' }).getByRole('row')).toHaveCount(2);
  await expect(countOf(activity, 'Read')).toHaveText('40,000');
  await expect(countOf(activity, 'New')).toHaveText('40,000');
  await expect(countOf(activity, 'Pages')).toHaveText('20');
  await expect(activity.getByText('Patchbay was started again; the run goes on from its checkpoint.')).toHaveCount(2);
  await closeActivity(page);
  await openData(page, JOB);
  await expect(page.getByRole('status').filter({ hasText: '40,000 rows' })).toBeVisible();
});

test('a run that is stopped keeps its rows, and the next one goes on behind them', async () => {
  const { page } = running;
  const row = await runNow(page, CONTACTS);
  await expect(row).toContainText(/[1-9][\d,]* (rows|% of)/);
  await row.getByRole('button', { name: 'Stop' }).click();
  await expect(row).toContainText('Stopped');
  await row.getByRole('button', { name: 'Run now' }).click();
  await expect(row).toContainText(/[1-9][\d,]* (rows|% of)/);
  const activity = await openActivity(page, CONTACTS);
  await expect(activity.getByText(/^It goes on where the run before it ended, behind page \d+\.$/)).toBeVisible();
  await activity.getByRole('button', { name: 'Stop' }).click();
  await expect(activity.getByText('Stopped', { exact: true })).toBeVisible();
  await expect(activity.getByText('It was stopped by hand.')).toBeVisible();
});
