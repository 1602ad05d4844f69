import { app, nativeTheme } from 'electron';
import type { APP_CALLS } from '../../../shared/ipc/contract/app.ts';
import { openLink } from '../../links.ts';
import type { HandlerParts } from '../handler-parts.ts';
import type { Handlers } from '../router.ts';

export function appHandlers({ preferences, state }: HandlerParts): Pick<Handlers, keyof typeof APP_CALLS> {
  return {
    'app.info': () => ({
      version: app.getVersion(),
      electron: process.versions.electron ?? '',
      builtOn: { Chromium: process.versions.chrome ?? '', 'Node.js': process.versions.node },
      platform: process.platform,
      isCompatibilityRuntime: Number.parseInt(process.versions.electron ?? '0', 10) < 30,
    }),
    'app.state': state,
    'app.openLink': async ({ url }) => {
      await openLink(url);
      return {};
    },
    'settings.get': () => preferences.get().settings,
    'settings.set': async (change) => {
      const settings = { ...preferences.get().settings, ...change };
      preferences.set({ settings });
      await preferences.written();
      nativeTheme.themeSource = settings.theme;
      return settings;
    },
  };
}
