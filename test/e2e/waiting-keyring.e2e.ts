// A keyring that does not answer: the window does, says what it waits for, and all works once the keyring has answered.
import { expect, test } from '@playwright/test';
import { launchApp } from '../support/app.ts';
import { startKeyring } from '../support/keyring.ts';
import { openPractice, rowOf, saveConnected, startConnection } from './actions/connections.ts';
import { call } from './actions/settings.ts';

test('a keyring that hangs on a fresh profile, and again on a used one, holds up nothing but credentials', async () => {
  const keyring = await startKeyring();
  keyring.freeze();
  const running = await launchApp({ keyring });
  try {
    const banner = () => running.page.getByText('Unlock your keyring to use stored credentials.').first();
    await openPractice(running.page);
    await expect(banner()).toBeVisible();
    expect(await call(running.page, 'vault.status', {})).toMatchObject({ state: 'waiting' });
    keyring.thaw();
    await expect(banner()).toHaveCount(0);
    expect(await call(running.page, 'vault.status', {})).toMatchObject({ state: 'unlocked', protection: 'keyring' });
    await saveConnected(running.page, await startConnection(running.page, 'S3'), 'S3');

    keyring.freeze();
    await running.relaunch();
    await expect(banner()).toBeVisible();
    await expect(rowOf(running.page, 'S3')).toContainText('Connected');
    keyring.thaw();
    await expect(banner()).toHaveCount(0);
    await expect(rowOf(running.page, 'S3')).toContainText('Connected');
    expect(await call(running.page, 'vault.status', {})).toMatchObject({
      state: 'unlocked',
      unreadable: 0,
    });
  } finally {
    keyring.thaw();
    await running.close();
    await keyring.stop();
  }
});
