import ElectronStore from 'electron-store';
import { z } from 'zod';
import { tenantIdSchema } from '../../shared/ids.ts';
import { settingsSchema } from '../../shared/ipc/contract.ts';

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

export interface PreferenceStore {
  get(): Preferences;
  set(change: Partial<Preferences>): void;
}

/** Window, theme and last tenant. What the file holds is untrusted: a broken value falls back to its default by itself. */
export function openPreferences(folder: string): PreferenceStore {
  const store = new ElectronStore({
    name: 'preferences',
    cwd: folder,
    clearInvalidConfig: true,
    configFileMode: 0o600,
  });
  let current = preferencesSchema.parse(store.store);
  return {
    get: () => current,
    set: (change) => {
      current = preferencesSchema.parse({ ...current, ...change });
      store.store = { ...current };
    },
  };
}
