// A run that is interrupted: by a kill of everything, by a quit, by a person. It goes on as the same activity, and in the end
// exactly the source's rows are there.
import fs from 'node:fs';
import path from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import Database from 'better-sqlite3';
import { launchApp, type RunningApp } from '../support/app.ts';
import { type Practice, startPractice } from '../support/practice.ts';
import { mountSmallDisk, type SmallDisk } from '../support/small-disk.ts';
import { goTo, logInAs, logInWindow, openPractice, pointAt, rowOf, startConnection } from './actions/connections.ts';
import { closeActivity, countOf, jobRow, openActivity, openData, runNow } from './actions/jobs.ts';

const RECORDS = 40_000;
/** Of the first run, kills and quits in turn. */
const INTERRUPTIONS = Number(process.env.PATCHBAY_TEST_KILLS ?? 5);
const JOB = 'Company Sync_Salesforce';
const CONTACTS = 'Company Person Sync_Salesforce';
let disk: SmallDisk | null = null;
let running: RunningApp;
let source: Practice;

test.beforeAll(async () => {
  // Here and not above: the file is also read only to list its tests.
  disk = mountSmallDisk(256);
  running = await launchApp(disk === null ? {} : { profile: path.join(disk.folder, 'profile') });
  // Slow enough for the run to outlast its interruptions: about twenty pages.
  source = await startPractice('salesforce', { records: RECORDS, latencyMs: 350 * Math.max(1, INTERRUPTIONS / 5) });
});
test.afterAll(async () => {
  try {
    await running.close();
  } finally {
    await source.close();
    disk?.remove();
  }
});

/** What the profile holds of a job: its rows, how many different keys they have, and what SQLite thinks of the file. */
function stored(job: string): unknown {
  const open = (name: string) => new Database(path.join(running.profile, 'data', `${name}.db`), { readonly: true });
  const config = open('config');
  const id = config.prepare('SELECT id FROM jobs WHERE name = ?').pluck().get(job);
  config.close();
  const cache = open('cache');
  const key = cache.prepare('SELECT key_column FROM job_tables WHERE job_id = ?').pluck().get(id);
  const counts = cache.prepare(
    `SELECT count(*) AS rows, count(DISTINCT "${key}") AS keys FROM "rows_${id}" WHERE _gone = 0`,
  );
  const found = { ...(counts.get() as object), check: cache.pragma('integrity_check', { simple: true }) };
  cache.close();
  return found;
}

const logOf = ({ profile }: RunningApp): string => fs.readFileSync(path.join(profile, 'logs', 'patchbay.log'), 'utf8');

/** Waits until the run has stored more of the rows than this, percent. */
async function storedMoreThan(page: Page, percent: number, job = JOB): Promise<void> {
  await goTo(page, 'Jobs');
  const shown = jobRow(page, job).getByText(/^\d+ % of 40,000$/);
  await expect
    .poll(async () => Number((await shown.textContent())?.split(' ')[0]), { intervals: [50] })
    .toBeGreaterThan(percent);
}

test(`a run that is killed and quit ${INTERRUPTIONS} times goes on as the same activity and doubles nothing`, async () => {
  test.setTimeout(300_000 + INTERRUPTIONS * 60_000);
  await openPractice(running.page);
  const dialog = await startConnection(running.page, 'Salesforce');
  await pointAt(dialog, source.baseUrl);
  await logInAs(
    await logInWindow(running.app, () => dialog.getByRole('button', { name: 'Authorize' }).click()),
    'dana',
  );
  await expect(rowOf(running.page, 'Salesforce')).toContainText('Connected');
  await runNow(running.page, JOB);
  await storedMoreThan(running.page, 4);
  for (let n = 0; n < INTERRUPTIONS; n += 1) {
    // At a random moment of a page's journey.
    await running.page.waitForTimeout(Math.random() * 700);
    if (n % 2 === 0) await running.kill();
    await running.relaunch();
    await goTo(running.page, 'Jobs');
    await expect(jobRow(running.page, JOB).getByRole('button', { name: 'Stop' })).toBeVisible();
  }
  const { page } = running;
  await goTo(page, 'Jobs');
  await expect(jobRow(page, JOB)).toContainText('Success', { timeout: 120_000 + INTERRUPTIONS * 10_000 });
  const activity = await openActivity(page, JOB);
  await expect(page.getByRole('table', { name: 'Execution Activities' }).getByRole('row')).toHaveCount(2);
  await expect(countOf(activity, 'Read')).toHaveText('40,000');
  await expect(countOf(activity, 'New')).toHaveText('40,000');
  await expect(countOf(activity, 'Pages')).toHaveText('20');
  await expect(activity.getByText('Patchbay was started again; the run goes on from its checkpoint.')).toHaveCount(
    INTERRUPTIONS,
  );
  await closeActivity(page);
  await openData(page, JOB);
  await expect(page.getByRole('status').filter({ hasText: '40,000 rows' })).toBeVisible();
  expect(stored(JOB)).toEqual({ rows: RECORDS, keys: RECORDS, check: 'ok' });
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
  await closeActivity(page);
});

test('a disk that fills up during a run is told at once, and the run ends exactly once there is space', async () => {
  test.skip(disk === null, 'There is no small disk to fill.');
  test.setTimeout(300_000 + INTERRUPTIONS * 10_000);
  // Main's journals are empty then, and have to grow for what it writes down of the run.
  await running.relaunch();
  const { app, page } = running;
  const row = await runNow(page, CONTACTS);
  await expect(row).toContainText(/[1-9][\d,]* (rows|% of)/);
  disk?.fill();
  await expect(row).toContainText('Waiting: space on the disk');
  const notice = page.getByText(/^The disk is full, so what happens is not saved\. Free some space/);
  await expect(notice).toBeVisible();
  // The app is as usable as before, and no box of Electron's says otherwise.
  await goTo(page, 'Connections');
  await goTo(page, 'Jobs');
  expect(app.windows()).toHaveLength(1);
  expect(running.output()).not.toContain('JavaScript error');
  disk?.free();
  await expect(notice).toBeHidden();
  await expect(row).toContainText('Success', { timeout: 120_000 + INTERRUPTIONS * 10_000 });
  const activity = await openActivity(page, CONTACTS);
  await expect(activity.getByText('There is space on the disk again; the run goes on.')).toBeVisible();
  await closeActivity(page);
  expect(stored(CONTACTS)).toEqual({ rows: 2 * RECORDS, keys: 2 * RECORDS, check: 'ok' });
  expect(logOf(running)).not.toContain('Nobody caught');
});

test('an error that nobody caught is logged and said, and the app goes on', async () => {
  const { app, page } = running;
  await app.evaluate(() => {
    setTimeout(() => {
      throw new Error('nobody caught this error');
    });
    void Promise.reject(new Error('nobody caught this rejection'));
  });
  await expect(
    page.getByText(/^Something unexpected happened, and what was under way may be incomplete/),
  ).toBeVisible();
  const log = logOf(running);
  for (const what of ['error', 'rejection'])
    expect(log).toContain(`Nobody caught an error: Error: nobody caught this ${what}`);
  await goTo(page, 'Connections');
});
