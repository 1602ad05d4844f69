import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type ElectronStore from 'electron-store';
import sjson from 'secure-json-parse';
import { z } from 'zod';
import { tenantIdSchema } from '../shared/ids.ts';
import { settingsSchema } from '../shared/ipc/contract.ts';
import { claimFile } from '../store/places.ts';

const preferencesSchema = z.object({
  window: z
    .object({
      x: z.number().optional(),
      y: z.number().optional(),
      width: z.number().min(200).max(20_000),
      height: z.number().min(200).max(20_000),
      isMaximized: z.boolean(),
    })
    .catch({ width: 1280, height: 860, isMaximized: false })
    .default({ width: 1280, height: 860, isMaximized: false }),
  settings: settingsSchema
    .catch({ theme: 'system', authorizationWay: 'connector' })
    .default({ theme: 'system', authorizationWay: 'connector' }),
  lastTenant: tenantIdSchema.nullable().catch(null).default(null),
});
export type Preferences = z.output<typeof preferencesSchema>;

const NAME = 'preferences';

export interface PreferenceStore {
  get(): Preferences;
  /** Holds at once, and is in the file soon after. */
  set(change: Partial<Preferences>): void;
  /** Ends when everything that was set is in the file, and fails when it could not be written. */
  written(): Promise<void>;
}

/**
 * Window, theme and last tenant. What the file holds is untrusted: a broken value falls back to its default by itself. A start
 * only reads; what writes is loaded with the first change, since it is larger than all of the app's own code.
 * @param onFailed told when a change could not be written
 */
export function openPreferences(folder: string, onFailed: (error: unknown) => void): PreferenceStore {
  let current = preferencesSchema.parse(readStored(join(folder, `${NAME}.json`)));
  let file: ElectronStore | null = null;
  let last = Promise.resolve();
  const write = async (): Promise<void> => {
    file ??= await openFile(folder);
    file.store = { ...current };
  };
  return {
    get: () => current,
    set: (change) => {
      current = preferencesSchema.parse({ ...current, ...change });
      last = last.then(write, write);
      last.catch(onFailed);
    },
    written: () => last,
  };
}

async function openFile(folder: string): Promise<ElectronStore> {
  const { default: Store } = await import('electron-store');
  return new Store({ name: NAME, cwd: folder, clearInvalidConfig: true, configFileMode: 0o600 });
}

/** Nothing where there is no file yet, or none that can be read: preferences are no reason not to start. */
function readStored(path: string): object {
  try {
    // Read before the rest of the profile is looked at: what is no file there, such as a pipe, would keep the start waiting for ever.
    claimFile(path);
    if (!existsSync(path)) return {};
    const value: unknown = sjson.parse(readFileSync(path, 'utf8'), undefined, { protoAction: 'remove' });
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
  } catch {
    return {};
  }
}
