// What a person does in Settings, and what stands in for the system's own dialogs.
import { type ElectronApplication, expect, type Locator, type Page } from '@playwright/test';
import { goTo } from './connections.ts';

export type Section = 'General' | 'Tenant' | 'OAuth apps' | 'Vault' | 'Network' | 'Data and backup' | 'About';

export async function openSettings(page: Page, section: Section): Promise<Locator> {
  await goTo(page, 'Settings');
  await page.getByRole('tab', { name: section }).click();
  return page.getByRole('tabpanel', { name: section });
}

/** The next file the system's dialogs give, for opening and for saving. */
export async function chooseFile(app: ElectronApplication, path: string): Promise<void> {
  await app.evaluate(({ dialog }, chosen) => {
    dialog.showOpenDialog = async () => ({ canceled: false, filePaths: [chosen] });
    dialog.showSaveDialog = async () => ({ canceled: false, filePath: chosen });
  }, path);
}

/** Calls main as the page does, for what other tests click through. */
export async function call<T>(page: Page, name: string, input: object): Promise<T> {
  return page.evaluate(
    async ([group, member, text]) => {
      const calls = (
        window as unknown as { patchbay: { calls: Record<string, Record<string, (json: string) => Promise<string>>> } }
      ).patchbay.calls;
      const answer = JSON.parse((await calls[group ?? '']?.[member ?? '']?.(text ?? '')) ?? 'null');
      if (!answer?.ok) throw new Error(`${group}.${member}: ${answer?.error?.message}`);
      return answer.value;
    },
    [...name.split('.'), JSON.stringify(input)],
  );
}

export async function addTenant(page: Page, name: string, domain: string): Promise<void> {
  await page.getByRole('button', { name: 'Add your tenant' }).first().click();
  const form = page.getByRole('dialog').or(page.locator('main'));
  await form.getByLabel('Name', { exact: true }).first().fill(name);
  await form.getByLabel('Domain').first().fill(domain);
  await page.getByRole('button', { name: 'Add tenant' }).click();
  await expect(page.getByRole('heading', { name: 'Connections', exact: true })).toBeVisible();
}

export async function setPassphrase(page: Page, passphrase: string): Promise<void> {
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Passphrase', { exact: true }).fill(passphrase);
  await dialog.getByLabel('Type it again').fill(passphrase);
  await dialog.getByRole('button', { name: 'Set passphrase' }).click();
  await expect(dialog).toBeHidden();
}
