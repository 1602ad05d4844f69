/** Every page and dialog that the harness can show, and how to get there. */
import type { Page } from '@playwright/test';

export interface View {
  readonly name: string;
  /** What follows the harness's address: its scenario and the page's own address. */
  readonly at: string;
  readonly act?: (page: Page) => Promise<unknown>;
  readonly ready: (page: Page) => Promise<unknown>;
}

const dialog = (page: Page) => page.getByRole('dialog').waitFor();
const press = (name: string) => (page: Page) => page.getByRole('button', { name }).first().click();
const menu = (name: string) => async (page: Page) => {
  await press('More actions')(page);
  await page.getByRole('menuitem', { name, exact: true }).click();
};
const choose = (connector: string) => async (page: Page) => {
  await press('Create Connection')(page);
  await page.getByRole('option', { name: connector }).click();
};
const see = (text: string) => (page: Page) => page.getByText(text).first().waitFor();

export const VIEWS: readonly View[] = [
  { name: 'first run', at: '?scenario=first-run', ready: see('Add your tenant') },
  {
    name: 'first run, form',
    at: '?scenario=first-run',
    act: press('Add your tenant'),
    ready: (page) => page.getByLabel('Domain').waitFor(),
  },
  { name: 'settings before the first tenant', at: '?scenario=first-run#/settings/data', ready: see('Back up now') },
  { name: 'no start', at: '?fails=tenants.list', ready: see('Try again') },
  { name: 'connections', at: '', ready: see('Zendesk Support') },
  { name: 'connections, hostile names', at: '?scenario=hostile', ready: see('Zendesk Support') },
  { name: 'connections, none', at: '?scenario=none', ready: see('Connect another system') },
  { name: 'connections, offline', at: '?scenario=offline', ready: see('Offline.') },
  { name: 'connections, practice tenant', at: '?scenario=practice', ready: see('Practice tenant') },
  { name: 'connections, vault locked', at: '?scenario=locked', ready: see('The vault is locked.') },
  {
    name: 'menu of a connection',
    at: '',
    act: press('More actions'),
    ready: (page) => page.getByRole('menu').waitFor(),
  },
  { name: 'tenant menu', at: '', act: press('Acme Corporation'), ready: (page) => page.getByRole('menu').waitFor() },
  {
    name: 'add tenant',
    at: '',
    act: async (page) => {
      await press('Acme Corporation')(page);
      await page.getByRole('menuitem', { name: 'Add your tenant' }).click();
    },
    ready: (page) => page.getByLabel('Domain').waitFor(),
  },
  { name: 'create: picker', at: '', act: press('Create Connection'), ready: dialog },
  {
    name: 'create: OAuth connector',
    at: '?scenario=practice',
    act: choose('Salesforce'),
    ready: (page) => page.getByLabel('Client id').waitFor(),
  },
  {
    name: 'create: errors and Advanced',
    at: '',
    act: async (page) => {
      await choose('S3')(page);
      await press('Advanced')(page);
      await page.getByRole('button', { name: 'Save' }).click();
    },
    ready: see('Enter Bucket.'),
  },
  {
    name: 'create: test',
    at: '?test=fails',
    act: async (page) => {
      await choose('Zendesk')(page);
      await page.getByLabel('Subdomain').fill('acme');
      await press('Test Connection')(page);
    },
    ready: see('Sample read'),
  },
  {
    name: 'connected: its next step',
    at: '',
    act: async (page) => {
      await choose('S3')(page);
      await page.getByLabel('Bucket').fill('acme-exports');
      await page.getByLabel('Region').fill('eu-central-1');
      await page.getByLabel('Access key id').fill('AKIA0000000000000000');
      await page.getByLabel('Secret access key', { exact: true }).fill('made-up');
      await press('Save')(page);
    },
    ready: see('Run its 3 jobs'),
  },
  {
    name: 'edit',
    at: '',
    act: menu('Edit Connection'),
    ready: (page) => page.getByLabel('Name of the Connection').waitFor(),
  },
  {
    name: 'delete',
    at: '',
    act: menu('Delete Connection'),
    ready: (page) => page.getByRole('dialog').getByText('cached rows').waitFor(),
  },
  { name: 'revoke', at: '', act: menu('Revoke Connection'), ready: dialog },
  { name: 're-authorize', at: '', act: press('Re-Authorize'), ready: dialog },
  {
    name: 're-authorize, offline',
    at: '?scenario=offline',
    act: press('Re-Authorize'),
    ready: see('This machine is offline.'),
  },
  {
    name: 're-authorize: another account',
    at: '',
    act: async (page) => {
      await press('Re-Authorize')(page);
      await page.getByRole('dialog').getByRole('button', { name: 'Re-Authorize' }).click();
    },
    ready: see('3 of 41 mapped fields lost'),
  },
  {
    name: 'edit: what changes',
    at: '',
    act: async (page) => {
      await menu('Edit Connection')(page);
      await page.getByLabel('Name of the Connection').fill('Another name');
    },
    ready: see('asks for a new one'),
  },
  {
    name: 'revoke: results',
    at: '',
    act: async (page) => {
      await menu('Revoke Connection')(page);
      await page.getByLabel('Only until a date, with a reminder').check();
      await page.getByRole('dialog').getByRole('button', { name: 'Revoke', exact: true }).click();
    },
    ready: see('Try again'),
  },
  { name: 'trash', at: '', act: press('Trash'), ready: see('Old Help Desk') },
  {
    name: 'rehearse',
    at: '?scenario=practice',
    act: async (page) => {
      await page
        .getByRole('button', { name: /Practice/ })
        .first()
        .click();
      await page.getByRole('menuitem', { name: 'Rehearse…' }).click();
    },
    ready: see('Deactivate Dana'),
  },
  { name: 'protect the vault', at: '?scenario=no-vault', act: press('Set a passphrase'), ready: dialog },
  { name: 'unlock the vault', at: '?scenario=locked', act: press('Unlock vault'), ready: dialog },
  { name: 'jobs', at: '#/jobs', ready: see('Company Sync') },
  { name: 'create job', at: '#/jobs', act: press('Create Job'), ready: dialog },
  {
    name: 'edit job',
    at: '#/jobs',
    act: (page) => page.getByRole('row', { name: /User Sync/ }).press('Enter'),
    ready: (page) => page.getByRole('dialog').getByLabel('Target column, row 4').waitFor(),
  },
  {
    name: 'delete job',
    at: '#/jobs',
    act: async (page) => {
      await press('More actions')(page);
      await page.getByRole('menuitem', { name: 'Delete Job' }).click();
    },
    ready: dialog,
  },
  { name: 'execution activities', at: '#/activity/executions', ready: see('Partial Success') },
  {
    name: 'execution that has not read everything',
    at: '#/activity/executions?open=activity000002',
    ready: see('Not read'),
  },
  { name: 'execution detail', at: '#/activity/executions?open=activity000003', ready: see('Rejected records') },
  {
    name: 'execution detail, rows missing',
    at: '#/activity/executions?open=activity000002',
    ready: see('Mark 1,260 rows as deleted…'),
  },
  {
    name: 'mark rows as deleted',
    at: '#/activity/executions?open=activity000002',
    act: press('Mark 1,260 rows as deleted…'),
    ready: see('leave the Data page'),
  },
  { name: 'update activities', at: '#/activity/updates', ready: see('Re-authorized') },
  { name: 'data', at: '#/data', ready: see('Company 1') },
  { name: 'data, not run yet', at: '#/data?job=job00000005', ready: see('Run the job to see its rows.') },
  { name: 'settings, general', at: '#/settings/general', ready: see('Theme') },
  { name: 'settings, tenant', at: '#/settings/tenant', ready: see('Limits') },
  { name: 'settings, OAuth apps', at: '#/settings/oauth-apps', ready: see('patchbay_acme') },
  { name: 'settings, OAuth app', at: '#/settings/oauth-apps', act: press('Edit the app'), ready: dialog },
  {
    name: 'settings, remove an OAuth app',
    at: '#/settings/oauth-apps',
    act: press('Remove the app'),
    ready: dialog,
  },
  { name: 'settings, remove the tenant', at: '#/settings/tenant', act: press('Remove this tenant'), ready: dialog },
  { name: 'settings, network', at: '#/settings/network', ready: see('Acme Old Root CA') },
  { name: 'settings, data and backup', at: '#/settings/data', ready: see('Back up now') },
  {
    name: 'settings, restore',
    at: '#/settings/data',
    act: (page) =>
      page
        .getByRole('button', { name: /^Restore the backup/ })
        .first()
        .click(),
    ready: dialog,
  },
  {
    name: 'export connections',
    at: '#/settings/data',
    act: async (page) => {
      await press('Export connections')(page);
      await page.getByLabel('With keys').check();
    },
    ready: (page) => page.getByLabel('Passphrase of the file').waitFor(),
  },
  {
    name: 'import connections',
    at: '#/settings/data',
    act: async (page) => {
      await press('Import connections')(page);
      await press('Choose a file')(page);
    },
    ready: see('Name is taken'),
  },
  {
    name: 'import connections, results',
    at: '#/settings/data',
    act: async (page) => {
      await press('Import connections')(page);
      await press('Choose a file')(page);
      await press('Import 2 connections')(page);
    },
    ready: see('Imported, not authorized'),
  },
  {
    name: 'forgotten passphrase',
    at: '?scenario=locked#/settings/vault',
    act: press('Forgotten passphrase'),
    ready: see('To be re-authorized'),
  },
  { name: 'settings, vault', at: '#/settings/vault', ready: see('gnome_libsecret') },
  { name: 'settings, about', at: '#/settings/about', ready: see('25.1.1') },
  {
    name: 'palette',
    at: '',
    act: (page) => page.keyboard.press('Control+k'),
    ready: (page) => page.getByRole('option').first().waitFor(),
  },
  { name: 'shortcuts', at: '', act: (page) => page.keyboard.press('?'), ready: dialog },
];

/** What is asked of main on a page, what is said while it takes long, and what is there in the end. */
export const WAITS: readonly (readonly [call: string, at: string, sentence: string, ready: string])[] = [
  ['connections.list', '', 'Reading the connections…', 'Zendesk Support'],
  ['jobs.list', '#/jobs', 'Reading the jobs…', 'Company Sync'],
  ['activity.executions', '#/activity/executions', 'Reading the executions…', 'Partial Success'],
  ['activity.updates', '#/activity/updates', 'Reading the changes…', 'Re-authorized'],
  ['data.tables', '#/data', 'Reading the tables…', 'Company 1'],
  ['data.rows', '#/data', 'Reading the rows…', 'Company 1'],
  ['oauthApps.list', '#/settings/oauth-apps', 'Reading the OAuth apps…', 'patchbay_acme'],
  ['network.get', '#/settings/network', 'Reading the authorities…', 'Acme Old Root CA'],
  ['backups.list', '#/settings/data', 'Reading the backups…', 'Restore'],
];
