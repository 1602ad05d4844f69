// What a person does with a connection's menu, and with credentials that come and go.
import { type ElectronApplication, expect, type Locator, type Page } from '@playwright/test';
import {
  ACTION_NAMES,
  CONNECTION_ACTIONS,
  type ConnectionAction,
  offer,
} from '../../../src/shared/connection/actions.ts';
import type { ConnectionStateKind } from '../../../src/shared/connection/state.ts';
import { goTo, logInAs, logInWindow, type Person, rowOf } from './connections.ts';

/** The three ways to a row's menu, used in turn where many actions are tried. */
const WAYS = ['button', 'keyboard', 'right click'] as const;
export type MenuWay = (typeof WAYS)[number];

async function openMenu(page: Page, name: string, way: MenuWay): Promise<Locator> {
  const row = rowOf(page, name);
  if (way === 'button') await row.getByRole('button', { name: 'More actions' }).click();
  else if (way === 'keyboard') await row.press('Shift+F10');
  else await row.click({ button: 'right', position: { x: 200, y: 10 } });
  const menu = page.getByRole('menu', { name: /^Actions for/ });
  await expect(menu.getByRole('menuitem').first()).toBeFocused();
  return menu;
}

/** Chooses an action in the menu of a row; who came by keyboard goes on by keyboard. */
export async function chooseAction(
  page: Page,
  name: string,
  action: ConnectionAction,
  way: MenuWay = 'button',
): Promise<void> {
  const menu = await openMenu(page, name, way);
  const item = menu.getByRole('menuitem', { name: ACTION_NAMES[action], exact: true });
  if (way !== 'keyboard') return item.click();
  const isThere = (): Promise<boolean> => item.evaluate((element) => element === document.activeElement);
  for (let moves = 0; moves < CONNECTION_ACTIONS.length && !(await isThere()); moves += 1)
    await page.keyboard.press('ArrowDown');
  await expect(item).toBeFocused();
  await page.keyboard.press('Enter');
}

export const dialogOf = (page: Page, action: ConnectionAction): Locator =>
  page.getByRole('dialog', { name: ACTION_NAMES[action], exact: true });

/** The menu offers exactly what the table says, and each refusal says why. */
export async function expectMenu(page: Page, name: string, state: ConnectionStateKind): Promise<void> {
  const menu = await openMenu(page, name, 'button');
  for (const action of CONNECTION_ACTIONS) {
    const item = menu.getByRole('menuitem', { name: ACTION_NAMES[action], exact: true });
    const offered = offer(state, action);
    if (offered.offered) await expect(item).toBeEnabled();
    else {
      await expect(item).toHaveAttribute('aria-disabled', 'true');
      await expect(item).toHaveAccessibleDescription(offered.reason);
    }
  }
  await page.keyboard.press('Escape');
  await expect(menu).toBeHidden();
}

/** Each offered action leads where it says, and back without a change. */
export async function tryMenu(page: Page, name: string, state: ConnectionStateKind, runs: number): Promise<void> {
  await expectMenu(page, name, state);
  const offered = CONNECTION_ACTIONS.filter((action) => offer(state, action).offered);
  for (const [place, action] of offered.entries()) {
    await chooseAction(page, name, action, WAYS[place % WAYS.length]);
    if (action === 'viewJobs') await expectJobsOf(page, name);
    else if (action === 'viewActivities') await expectActivitiesOf(page, name, runs);
    else {
      const dialog = dialogOf(page, action);
      await expect(dialog).toBeVisible();
      await dialog.getByRole('button', { name: 'Cancel', exact: true }).click();
      await expect(dialog).toBeHidden();
    }
  }
}

const filter = (page: Page): Locator => page.getByRole('combobox', { name: 'Filter by connection' });

/** The Jobs page shows the jobs of this connection and no others. */
async function expectJobsOf(page: Page, name: string): Promise<void> {
  await expect(page.getByRole('heading', { name: 'Jobs', exact: true, level: 1 })).toBeVisible();
  await expect(filter(page)).toHaveValue(name);
  const jobs = page.getByRole('table', { name: 'Jobs' }).getByRole('row').filter({ hasNotText: 'Job name' });
  await expect(jobs).not.toHaveCount(0);
  await expect(jobs.filter({ hasNotText: name })).toHaveCount(0);
  await goTo(page, 'Connections');
}

/** The Activity page shows the runs of this connection and no others. */
async function expectActivitiesOf(page: Page, name: string, runs: number): Promise<void> {
  await expect(page.getByRole('heading', { name: 'Activity', exact: true, level: 1 })).toBeVisible();
  await expect(filter(page)).toHaveValue(name);
  await expect(page.getByRole('row', { name: /Sync_/ })).toHaveCount(runs);
  await goTo(page, 'Connections');
}

export async function openRevoke(page: Page, name: string): Promise<Locator> {
  await chooseAction(page, name, 'revoke');
  return dialogOf(page, 'revoke');
}

/** Deletes it, with its name typed where that is asked for. */
export async function removeConnection(page: Page, name: string, way?: MenuWay): Promise<void> {
  await chooseAction(page, name, 'delete', way);
  const dialog = dialogOf(page, 'delete');
  const remove = dialog.getByRole('button', { name: 'Delete', exact: true });
  await expect(dialog.getByText('cached row')).toBeVisible();
  await expect(remove).toBeDisabled();
  await dialog.getByRole('textbox').fill(name);
  await remove.click();
  await expect(rowOf(page, name)).toHaveCount(0);
}

export async function openTrash(page: Page): Promise<Locator> {
  await page.getByRole('button', { name: 'Trash' }).click();
  return page.getByRole('dialog', { name: 'Trash' });
}

export async function rehearse(page: Page, what: string): Promise<void> {
  await page.getByRole('button', { name: /Practice tenant/ }).click();
  await page.getByRole('menuitem', { name: 'Rehearse…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Rehearse' });
  await dialog.getByRole('button', { name: what }).click();
  await expect(dialog.getByRole('status')).toContainText('done at');
  await dialog.getByRole('button', { name: 'Close' }).last().click();
}

/** Runs the first job of a connection, or the first whose name matches. */
export async function runJob(
  page: Page,
  row: Locator,
  result: 'Success' | 'Failed',
  name: RegExp = /Sync_/,
): Promise<void> {
  await row.getByRole('button', { name: 'View Jobs' }).click();
  const job = page.getByRole('row', { name }).first();
  await job.getByRole('button', { name: 'Run now' }).click();
  await expect(job).toContainText(result);
  await goTo(page, 'Connections');
}

export interface LogIn {
  readonly person: Person;
  readonly password?: string | undefined;
  /** Somebody else than before: it is said, and accepted. */
  readonly isOther?: boolean | undefined;
}

/** Logs in from an open dialog of Authorize or Re-Authorize; done when it has closed. */
export async function authorizeIn(app: ElectronApplication, dialog: Locator, logIn: LogIn): Promise<void> {
  const press = dialog.getByRole('button', { name: /^(Re-)?Authorize$/ });
  await logInAs(await logInWindow(app, () => press.click()), logIn.person, logIn.password);
  if (logIn.isOther) {
    await expect(dialog.getByRole('alert')).toContainText('Another account has logged in');
    await dialog.getByRole('button', { name: 'Use the new account' }).click();
  }
  await expect(dialog).toBeHidden();
}
