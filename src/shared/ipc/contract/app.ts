/** Calls about the app itself and its settings. */
import { z } from 'zod';
import { vaultStatusSchema } from '../../vault.ts';
import { call } from './entry.ts';
import { nothing } from './parts.ts';

export const appStateSchema = z.strictObject({
  network: z.enum(['online', 'offline']),
  runningJobs: z.number().int(),
  vault: vaultStatusSchema,
  /** What went wrong at start and what was done about it; shown until dismissed. */
  notices: z.array(z.strictObject({ id: z.string(), kind: z.enum(['info', 'warning']), text: z.string() })),
});
export type AppState = z.infer<typeof appStateSchema>;

export const settingsSchema = z.strictObject({
  theme: z.enum(['system', 'light', 'dark']),
  authorizationWay: z.enum(['connector', 'window', 'browser']),
});
export type Settings = z.infer<typeof settingsSchema>;

export const APP_CALLS = {
  'app.info': call({
    input: nothing,
    output: z.strictObject({
      version: z.string(),
      electron: z.string(),
      /** Versions of what it is built on, by name: Chromium, Node, SQLite. */
      builtOn: z.record(z.string(), z.string()),
      platform: z.string(),
      isCompatibilityRuntime: z.boolean(),
    }),
    subject: 'none',
  }),
  'app.state': call({ input: nothing, output: appStateSchema, subject: 'none' }),
  'app.openLink': call({ input: z.strictObject({ url: z.string().max(2000) }), output: nothing, subject: 'none' }),
  'settings.get': call({ input: nothing, output: settingsSchema, subject: 'none' }),
  'settings.set': call({ input: settingsSchema.partial(), output: settingsSchema, subject: 'none' }),
} as const;
