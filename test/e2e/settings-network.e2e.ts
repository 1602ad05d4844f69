// The company's way out: everything through its proxy, to servers signed by its own authority. Main's calls, the worker's
// run and the log-in window each take it, and none of them before the authority was added.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from '@playwright/test';
import { launchApp, type RunningApp } from '../support/app.ts';
import { makeAuthority } from '../support/certificates.ts';
import { startProxy, type TestProxy } from '../support/proxy.ts';
import { startTlsFront, type TlsFront } from '../support/tls-front.ts';
import { goTo, logInAs, logInWindow, openPractice, rowOf, startConnection } from './actions/connections.ts';
import { jobRow } from './actions/jobs.ts';
import { call, chooseFile, openSettings } from './actions/settings.ts';

const HOST = 'systems.acme.test';
test.describe.configure({ mode: 'serial' });

let running: RunningApp;
let proxy: TestProxy;
let front: TlsFront;
let folder: string;

test.beforeAll(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'patchbay-network-'));
  const root = makeAuthority('Acme Root');
  const issuing = root.issue({ name: 'Acme Issuing', isAuthority: true });
  const leaf = issuing.issue({ name: HOST, altName: `DNS:${HOST}` });
  fs.writeFileSync(path.join(folder, 'root.pem'), root.cert);
  front = await startTlsFront({ key: leaf.key, cert: leaf.cert + issuing.cert }, HOST);
  // No name server knows the host: without the proxy there is no way to it.
  proxy = await startProxy((host) => (host === HOST ? '127.0.0.1' : null));
  running = await launchApp({ args: [`--proxy-server=127.0.0.1:${proxy.port}`] });
});
test.afterAll(async () => {
  await running.close();
  await front.close();
  await proxy.close();
  fs.rmSync(folder, { recursive: true, force: true });
});

test('the test button, a log-in in the window and a run go through the proxy and trust the added authority', async () => {
  const { app, page } = running;
  await openPractice(page);
  const dialog = await startConnection(page, 'Salesforce');
  await dialog.getByRole('button', { name: 'Advanced' }).click();
  // The front stands before the practice system; the connection knows the front alone.
  front.target = await dialog.getByRole('textbox', { name: 'API base URL' }).inputValue();
  const company = `https://${HOST}:${front.port}`;
  await dialog.getByRole('textbox', { name: 'API base URL' }).fill(company);
  await dialog.getByRole('textbox', { name: 'Login base URL' }).fill(company);
  const isPrivate = dialog.getByRole('checkbox', { name: 'Allow private network addresses' });
  if (await isPrivate.isChecked()) await isPrivate.uncheck();
  await dialog.getByRole('button', { name: 'Authorize' }).click();
  // The secret of the practice app was entered for the practice system; another host gets it when it is typed for that one.
  const alert = page.getByRole('dialog').getByRole('alert').first();
  await expect(alert).toContainText(`entered for 127.0.0.1, and this connection logs in at ${HOST}:${front.port}`);
  expect(proxy.asked).toEqual([]);
  await page.getByRole('dialog').getByLabel('Client secret').fill('practice-salesforce-app-secret');
  await page.getByRole('dialog').getByRole('button', { name: 'Authorize' }).click();
  await expect(alert).toContainText(/could not prove who it is|certificate/);
  for (const name of ['Cancel', 'Close']) {
    const button = page.getByRole('dialog').getByRole('button', { name, exact: true }).first();
    if (await button.isVisible()) await button.click();
  }

  const network = await openSettings(page, 'Network');
  await network.getByRole('textbox', { name: 'Address' }).fill(company);
  await network.getByRole('button', { name: 'Test', exact: true }).click();
  await expect(network.getByRole('status').last()).toContainText('Not reached');
  await expect(network.getByRole('status').last()).toContainText('add the certificate of its authority');
  await chooseFile(app, path.join(folder, 'root.pem'));
  await network.getByRole('button', { name: 'Add from a PEM file' }).click();
  await expect(network).toContainText('O=Acme Test, CN=Acme Root');
  await network.getByRole('button', { name: 'Test', exact: true }).click();
  await expect(network.getByRole('status').last()).toContainText(`Reached through the proxy 127.0.0.1:${proxy.port}`);

  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Connections' }).click();
  const row = rowOf(page, 'Salesforce');
  const tunnels = proxy.asked.length;
  const window = await logInWindow(app, async () => {
    await row.getByRole('button', { name: 'Authorize' }).click();
    const again = page.getByRole('dialog').getByRole('button', { name: 'Authorize', exact: true });
    await again.click({ timeout: 3_000 }).catch(() => undefined);
  });
  expect(new URL(window.url()).host).toBe(`${HOST}:${front.port}`);
  await logInAs(window, 'dana');
  await expect(row).toContainText('Connected');
  expect(proxy.asked.slice(tunnels)).toContain(`${HOST}:${front.port}`);

  const { rows } = await call<{ rows: { job: { id: string; name: string } }[] }>(page, 'jobs.list', {});
  const job = rows.find(({ job: { name } }) => name.startsWith('Company Sync'));
  const before = proxy.asked.length;
  const { activityId } = await call<{ activityId: string }>(page, 'jobs.runNow', { id: job?.job.id });
  await expect
    .poll(async () => (await call<{ status: string }>(page, 'activity.execution', { id: activityId })).status)
    .toBe('success');
  expect(proxy.asked.slice(before)).toContain(`${HOST}:${front.port}`);
});

test('offline, what needs the network says so and waits; the rest is edited and saved; back online it goes on by itself', async () => {
  const { app, page } = running;
  await app.evaluate(({ net }) => {
    Object.assign(globalThis, { isOnlineOfElectron: net.isOnline });
    net.isOnline = () => false;
  });
  await page.reload();
  const banner = page.getByRole('region', { name: 'Notices' });
  await expect(banner).toContainText('Offline.');
  const row = rowOf(page, 'Salesforce');
  await row.getByRole('checkbox').click();
  const chosen = page.getByRole('region', { name: 'Chosen connections' });
  await expect(chosen.getByRole('button', { name: 'Test', exact: true })).toHaveAccessibleDescription(
    'This machine is offline. Testing needs the network.',
  );
  await chosen.getByRole('button', { name: 'Test', exact: true }).press('Enter');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await page.keyboard.press('Escape');

  await row.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: 'Edit Connection' }).click();
  const dialog = page.getByRole('dialog', { name: 'Edit Connection' });
  const testButton = dialog.getByRole('button', { name: 'Test Connection' });
  await expect(testButton).toBeDisabled();
  await expect(dialog).toContainText('This machine is offline.');
  // What points into the company's own network may be there all the same.
  const isPrivate = dialog.getByRole('checkbox', { name: 'Allow private network addresses' });
  if (!(await isPrivate.isVisible())) await dialog.getByRole('button', { name: 'Advanced' }).click();
  await isPrivate.check();
  await expect(testButton).toBeEnabled();
  await isPrivate.uncheck();
  await dialog.getByRole('textbox', { name: 'Name of the Connection' }).fill('Salesforce, renamed offline');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(rowOf(page, 'Salesforce, renamed offline')).toContainText('Connected');

  await goTo(page, 'Jobs');
  const run = jobRow(page, 'Company Sync').getByRole('button', { name: 'Run now' });
  await expect(run).toHaveAttribute('aria-disabled', 'true');
  await expect(run).toHaveAccessibleDescription('This machine is offline. Run it when the network is back.');
  await app.evaluate(({ net }) => {
    net.isOnline = (globalThis as unknown as { isOnlineOfElectron: () => boolean }).isOnlineOfElectron;
  });
  // Main looks every five seconds.
  await expect(banner).toBeHidden();
  await expect(run).not.toHaveAttribute('aria-disabled');
});
