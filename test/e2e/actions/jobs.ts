// What a person does with jobs, activities and data, in the words of the screen.
import { type ElectronApplication, expect, type Locator, type Page } from '@playwright/test';
import { goTo } from './connections.ts';

export function jobRow(page: Page, name: string): Locator {
  return page.getByRole('table', { name: 'Jobs' }).getByRole('row', { name: new RegExp(`^${escaped(name)}`) });
}

/** Presses "Run now" on the Jobs page. */
export async function runNow(page: Page, name: string): Promise<Locator> {
  await goTo(page, 'Jobs');
  const row = jobRow(page, name);
  await row.getByRole('button', { name: 'Run now' }).click();
  return row;
}

/** Runs a job to its end. */
export async function runUntil(page: Page, name: string, status: string | RegExp, timeout = 120_000): Promise<void> {
  const row = await runNow(page, name);
  await expect(row.getByRole('button', { name: 'Stop' })).toBeHidden({ timeout });
  await expect(row).toContainText(status, { timeout });
}

/** Opens the newest activity of a job. */
export async function openActivity(page: Page, job: string): Promise<Locator> {
  await goTo(page, 'Activity');
  await page
    .getByRole('row', { name: new RegExp(escaped(job)) })
    .first()
    .click();
  const drawer = page.getByRole('dialog', { name: 'Execution Activity' });
  await expect(drawer.getByText(job, { exact: true })).toBeVisible();
  return drawer;
}

export async function closeActivity(page: Page): Promise<void> {
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog', { name: 'Execution Activity' })).toBeHidden();
}

/** A number of the counts of an open activity, as it is shown. */
export function countOf(activity: Locator, name: string): Locator {
  return activity
    .getByRole('region', { name: 'Counts' })
    .locator('div', { has: activity.page().getByText(name, { exact: true }) })
    .locator('dd')
    .last();
}

export async function openJob(page: Page, name: string): Promise<Locator> {
  await goTo(page, 'Jobs');
  await jobRow(page, name).getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: 'Edit Job' }).click();
  return page.getByRole('dialog', { name: 'Edit Job' });
}

/** Opens "Create Job" with a connection and one of its objects chosen, and its fields mapped. */
export async function startJob(
  page: Page,
  job: { name: string; connection: string; object: string },
): Promise<Locator> {
  await goTo(page, 'Jobs');
  await page.getByRole('button', { name: 'Create Job' }).click();
  const dialog = page.getByRole('dialog', { name: 'Create Job' });
  await dialog.getByRole('textbox', { name: 'Name of the Job' }).fill(job.name);
  await choose(dialog, 'Source connection', job.connection);
  await choose(dialog, 'Source object', job.object);
  await expect(dialog.getByRole('textbox', { name: 'Target column, row 1', exact: true })).not.toHaveValue('');
  return dialog;
}

/** Chooses from a list that opens below its field. */
export async function choose(dialog: Locator, label: string, option: string): Promise<void> {
  const field = dialog.getByRole('combobox', { name: label, exact: true });
  await field.focus();
  await field.press('ArrowDown');
  await dialog.page().getByRole('option', { name: option }).filter({ visible: true }).first().click();
}

export async function saveJob(dialog: Locator): Promise<void> {
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog).toBeHidden();
}

/** Opens the rows of a job. */
export async function openData(page: Page, job: string): Promise<void> {
  await goTo(page, 'Data');
  await page.getByRole('combobox', { name: 'Table' }).click();
  await page.getByRole('option', { name: new RegExp(`^${escaped(job)}`) }).click();
}

/** What the person answers to the next save dialogs: this path, or null for Cancel. */
export async function answerSaveDialog(app: ElectronApplication, path: string | null): Promise<void> {
  await app.evaluate(({ dialog }, filePath) => {
    const answer = { canceled: filePath === null, filePath: filePath ?? '' };
    dialog.showSaveDialog = (() => Promise.resolve(answer)) as unknown as typeof dialog.showSaveDialog;
  }, path);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
