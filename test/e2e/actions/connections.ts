// What a person does on the Connections page, in the words of the screen.
import { type ElectronApplication, expect, type Locator, type Page } from '@playwright/test';

/** People the practice servers know; each has the password `practice-<name>-1`. */
export type Person = 'dana' | 'lee' | 'robin';

export async function openPractice(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Open the practice tenant' }).click();
  await expect(page.getByRole('heading', { name: 'Connections', exact: true })).toBeVisible();
}

export async function goTo(page: Page, name: 'Connections' | 'Jobs' | 'Activity' | 'Data' | 'Settings'): Promise<void> {
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name }).click();
  await expect(page.getByRole('heading', { name, exact: true, level: 1 })).toBeVisible();
}

/** The row of a connection on the Connections page. */
export function rowOf(page: Page, name: string): Locator {
  return page
    .getByRole('region', { name: 'External Connections' })
    .getByRole('listitem', { name: new RegExp(`^${name}`) });
}

/** Opens "Create Connection" with the connector chosen. */
export async function startConnection(page: Page, connector: string, name?: string): Promise<Locator> {
  await page.getByRole('button', { name: 'Create Connection' }).first().click();
  const dialog = page.getByRole('dialog', { name: 'Create Connection' });
  await dialog.getByRole('option', { name: connector, exact: true }).click();
  if (name !== undefined) await dialog.getByRole('textbox', { name: 'Name of the Connection' }).fill(name);
  return dialog;
}

/** Presses what opens the log-in window, and answers that window. */
export async function logInWindow(app: ElectronApplication, press: () => Promise<void>): Promise<Page> {
  const window = await logInPage(app, press);
  await window.waitForLoadState();
  return window;
}

/**
 * The log-in page that `open` brings. It begins with an empty page in a process that does not stay, and on a busy machine the window of
 * a flow that has just ended may be told only now: both have no address of their own.
 */
export async function logInPage(app: ElectronApplication, open: () => Promise<unknown>): Promise<Page> {
  const before = new Set(app.windows());
  await open();
  const found = (): Page | undefined =>
    app.windows().find((page) => !before.has(page) && !page.isClosed() && /^https?:/.test(page.url()));
  await expect.poll(() => found() !== undefined).toBe(true);
  return found() as Page;
}

export async function logInAs(window: Page, person: Person, password = `practice-${person}-1`): Promise<void> {
  await window.getByLabel(/username|email/i).fill(`${person}@acme.example`);
  await window.getByLabel(/password/i).fill(password);
  await window.getByRole('button').first().click();
  await window.getByRole('button', { name: 'Allow' }).click();
}

/** Creates a connection by logging in; done when its row says Connected. */
export async function createByLogIn(
  app: ElectronApplication,
  page: Page,
  connector: string,
  { name, person = 'dana' }: { name?: string; person?: Person } = {},
): Promise<Locator> {
  const dialog = await startConnection(page, connector, name);
  const window = await logInWindow(app, () => dialog.getByRole('button', { name: 'Authorize' }).click());
  await logInAs(window, person);
  const row = rowOf(page, name ?? connector);
  await expect(row).toContainText('Connected');
  return row;
}

/** Points an open connection dialog at a server of the test instead of the app's own practice server. */
export async function pointAt(dialog: Locator, baseUrl: string, loginBaseUrl = baseUrl): Promise<void> {
  const advanced = dialog.getByRole('button', { name: 'Advanced' });
  if ((await advanced.getAttribute('aria-expanded')) === 'false') await advanced.click();
  await dialog.getByRole('textbox', { name: 'API base URL' }).fill(baseUrl);
  const login = dialog.getByRole('textbox', { name: 'Login base URL' });
  if (await login.isVisible()) await login.fill(loginBaseUrl);
}

/** Saves an open dialog of a connection that works by keys; done when its row says Connected. */
export async function saveConnected(page: Page, dialog: Locator, name: string): Promise<Locator> {
  await dialog.getByRole('button', { name: 'Save' }).click();
  const row = rowOf(page, name);
  await expect(row).toContainText('Connected');
  return row;
}
