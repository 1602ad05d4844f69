// npm run screenshots: the pictures of README.md, taken of the real app on the practice tenant.
import fs from 'node:fs';
import path from 'node:path';
import type { Page } from '@playwright/test';
import { createByLogIn, goTo, openPractice, startConnection } from '../e2e/actions/connections.ts';
import { launchApp } from '../support/app.ts';

const folder = path.resolve(import.meta.dirname, '..', '..', 'docs', 'images');
fs.mkdirSync(folder, { recursive: true });
const take = (page: Page, name: string) => page.screenshot({ path: path.join(folder, `${name}.png`) });

const running = await launchApp();
try {
  const { app, page } = running;
  await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.setContentSize(1280, 800));
  await openPractice(page);
  await createByLogIn(app, page, 'Salesforce', { name: 'Salesforce Production' });
  await createByLogIn(app, page, 'Zendesk', { name: 'Zendesk Support', person: 'lee' });
  for (const connector of ['S3', 'Gainsight API']) {
    const dialog = await startConnection(page, connector);
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'hidden' });
  }
  await goTo(page, 'Jobs');
  for (const job of [/^Company Sync_Salesforce/, /^Company Person Sync_Salesforce/, /Zendesk Support/]) {
    const row = page.getByRole('row', { name: job }).first();
    await row.getByRole('button', { name: 'Run now' }).click();
    await row.getByText('Success').waitFor({ timeout: 60_000 });
  }
  await goTo(page, 'Connections');
  await page.mouse.move(700, 780);
  for (const scheme of ['light', 'dark'] as const) {
    await goTo(page, 'Settings');
    await page.getByRole('radio', { name: new RegExp(scheme, 'i') }).check({ force: true });
    await goTo(page, 'Connections');
    await page.waitForTimeout(500);
    await take(page, `connections-${scheme}`);
  }
  await goTo(page, 'Settings');
  await page.getByRole('radio', { name: /light/i }).check({ force: true });
  await goTo(page, 'Activity');
  await page
    .getByRole('row', { name: /^[^S].*Company Sync_Salesforce/ })
    .first()
    .click();
  await page.waitForTimeout(500);
  await take(page, 'activity-light');
} finally {
  await running.close();
}
process.stdout.write('docs/images has the new pictures.\n');
