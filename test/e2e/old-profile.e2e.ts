// A profile of version 0.1.0, killed in the middle of a run, opens in this version with all that was in it.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from '@playwright/test';
import { launchApp } from '../support/app.ts';
import { OLD_PASSPHRASE, unpackOldProfile } from '../support/old-profile.ts';
import { goTo, rowOf } from './actions/connections.ts';
import { jobRow, openData } from './actions/jobs.ts';
import { openTrash } from './actions/lifecycle.ts';
import { call } from './actions/settings.ts';

const OPEN_RUN = '01m8q960wce2sstwmmm0rcyy0b';
const S3 = 'ndzfy057fzpt95ex3gn1';

test('a profile of version 0.1.0 opens with nothing lost, and its vault with its passphrase', async () => {
  const profile = fs.mkdtempSync(path.join(os.tmpdir(), 'patchbay-old-'));
  unpackOldProfile(profile);
  const running = await launchApp({ profile, keyring: 'none' });
  try {
    const { page } = running;
    for (const [name, state] of [
      ['S3', 'Connected'],
      ['Gainsight', 'Connected'],
      ['Salesforce', 'Disconnected'],
      ['Support archive', 'Connected'],
      ['Sales EMEA', 'Revoked'],
      ['Sales APAC', 'Not authorized'],
    ] as const)
      await expect(rowOf(page, name)).toContainText(state);
    const trash = await openTrash(page);
    await expect(trash.getByRole('listitem', { name: 'Zendesk' })).toBeVisible();
    await page.keyboard.press('Escape');
    expect((await call<{ rows: unknown[] }>(page, 'jobs.list', {})).rows).toHaveLength(16);
    expect(await call(page, 'drafts.list', {})).toMatchObject({ drafts: [{ values: { name: 'Half typed' } }] });
    const everything = { offset: 0, limit: 100, search: '' };
    expect(await call(page, 'activity.executions', everything)).toMatchObject({ total: 9 });
    expect(await call(page, 'activity.updates', everything)).toMatchObject({ total: 24 });
    expect(await call(page, 'activity.execution', { id: OPEN_RUN })).toMatchObject({
      endedAt: null,
      counts: { read: 1000 },
    });
    const { executions } = await call<{ executions: { id: string; jobName: string }[] }>(
      page,
      'activity.executions',
      everything,
    );
    const delivery = executions.find(({ jobName }) => jobName === 'Companies to Gainsight')?.id;
    expect(await call(page, 'activity.rejected', { id: delivery, offset: 0, limit: 1 })).toMatchObject({ total: 24 });
    await openData(page, 'Company Sync_Salesforce');
    await expect(page.getByRole('status').filter({ hasText: '320 rows' })).toBeVisible();

    await call(page, 'vault.unlock', { passphrase: OLD_PASSPHRASE });
    expect(await call(page, 'vault.status', {})).toMatchObject({ state: 'unlocked', secrets: 9, unreadable: 0 });
    expect(await call(page, 'connections.get', { id: S3 })).toMatchObject({
      secrets: expect.arrayContaining([expect.objectContaining({ name: 'secretAccessKey', isReadable: true })]),
    });
    // The interrupted run goes on as the same activity.
    await goTo(page, 'Jobs');
    await expect(jobRow(page, 'All tickets')).toBeVisible();
    expect(await call(page, 'activity.executions', everything)).toMatchObject({ total: 9 });
    expect(running.output()).not.toContain('damaged');
  } finally {
    await running.close();
    fs.rmSync(profile, { recursive: true, force: true });
  }
});
