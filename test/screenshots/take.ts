// npm run screenshots: the pictures of README.md, taken of the real app on the practice tenant.
import fs from 'node:fs';
import path from 'node:path';
import type { Page } from '@playwright/test';
import { createByLogIn, goTo, openPractice, startConnection } from '../e2e/actions/connections.ts';
import { launchApp } from '../support/app.ts';

const SIZE = { width: 1280, height: 800 };
const folder = path.resolve(import.meta.dirname, '..', '..', 'docs', 'images');
fs.mkdirSync(folder, { recursive: true });

/** As text, an SVG around the picture: every way of handing a change on carries it, and every viewer of README.md shows it. */
async function take(page: Page, name: string): Promise<void> {
  const picture = (await page.screenshot()).toString('base64');
  const { width, height } = page.viewportSize() ?? SIZE;
  const image = `<image width="${width}" height="${height}" href="data:image/png;base64,${picture}"/>`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">${image}</svg>\n`;
  fs.writeFileSync(path.join(folder, `${name}.svg`), svg);
}

const running = await launchApp();
try {
  const { app, page } = running;
  await app.evaluate(
    ({ BrowserWindow }, { width, height }) => BrowserWindow.getAllWindows()[0]?.setContentSize(width, height),
    SIZE,
  );
  await openPractice(page);
  await createByLogIn(app, page, 'Salesforce', { name: 'Salesforce Production', person: 'lee' });
  await createByLogIn(app, page, 'Zendesk', { name: 'Zendesk Support' });
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
  // What it looks like when one of them needs somebody.
  await page.getByRole('button', { name: /Practice tenant/ }).click();
  await page.getByRole('menuitem', { name: 'Rehearse…' }).click();
  await page.getByRole('button', { name: 'Deactivate Dana' }).click();
  await page.keyboard.press('Escape');
  const failing = page.getByRole('row', { name: /^Organization Sync_Zendesk/ });
  await failing.getByRole('button', { name: 'Run now' }).click();
  await failing.getByText('Failed').waitFor({ timeout: 60_000 });
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
