import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { TenantId } from '../shared/ids.ts';
import { openPreferences } from './preferences.ts';

// Outside Electron its module is only the path of a program, and asks for it.
process.env.ELECTRON_OVERRIDE_DIST_PATH ??= tmpdir();

let folder: string;
const file = (): string => join(folder, 'preferences.json');
const failed: unknown[] = [];
const open = () => openPreferences(folder, (error) => failed.push(error));
const TENANT = 'tenant000001' as TenantId;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'patchbay-preferences-'));
  failed.length = 0;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('holds a change at once, keeps it for the next start, and for nobody else', async () => {
  const preferences = open();
  preferences.set({ lastTenant: TENANT });
  preferences.set({ window: { width: 1100, height: 700, isMaximized: false } });
  expect(preferences.get().lastTenant).toBe(TENANT);
  await preferences.written();
  expect(open().get()).toMatchObject({ lastTenant: TENANT, window: { width: 1100 } });
  expect(statSync(file()).mode & 0o077).toBe(0);
  expect(failed).toEqual([]);
});

it.each([
  ['nothing', ''],
  ['no JSON', '{"window":'],
  ['a list', '[1]'],
  ['no object', 'null'],
  ['hostile keys', '{"__proto__":{"polluted":true},"window":{"width":-5,"height":1,"isMaximized":0}}'],
])('falls back to the defaults where the file holds %s, and can be written again', async (_what, text) => {
  writeFileSync(file(), text);
  const preferences = open();
  expect(preferences.get()).toEqual({
    window: { width: 1280, height: 860, isMaximized: false },
    settings: { theme: 'system', authorizationWay: 'connector' },
    lastTenant: null,
  });
  expect({}).not.toHaveProperty('polluted');
  preferences.set({ lastTenant: TENANT });
  await preferences.written();
  expect(JSON.parse(readFileSync(file(), 'utf8')).lastTenant).toBe(TENANT);
});

it('puts aside what is no file, before it is read', async () => {
  mkdirSync(file());
  const preferences = open();
  preferences.set({ lastTenant: TENANT });
  await preferences.written();
  expect(open().get().lastTenant).toBe(TENANT);
});

it('says when a change could not be written, and writes the next one with it', async () => {
  const preferences = open();
  rmSync(folder, { recursive: true });
  writeFileSync(folder, 'a file where the folder was');
  preferences.set({ lastTenant: TENANT });
  await expect(preferences.written()).rejects.toThrow();
  expect(failed).toHaveLength(1);
  rmSync(folder);
  preferences.set({ settings: { theme: 'dark', authorizationWay: 'connector' } });
  await preferences.written();
  expect(open().get()).toMatchObject({ lastTenant: TENANT, settings: { theme: 'dark' } });
});
