/** What Electron gives the application. */
import { join } from 'node:path';
import { app, Notification, net, powerMonitor, safeStorage, session } from 'electron';
import type { Platform } from '../core/platform.ts';
import { safeStorageOf } from '../core/vault/keyring.ts';
import type { Connection } from '../shared/connection/connection.ts';
import { openLink } from './links.ts';
import { openAuthorizationWindow } from './login-window/window.ts';
import type { PreferenceStore } from './preferences.ts';
import { forkPractice, forkWorker } from './processes.ts';

/** @param build folder of the bundles */
export function electronPlatform(build: string, preferences: PreferenceStore): Platform {
  return {
    application: { name: app.name, version: app.getVersion() },
    profile: app.getPath('userData'),
    operatingSystem: process.platform,
    keyring: safeStorageOf({ safeStorage }),
    passwordStore: app.commandLine.getSwitchValue('password-store'),
    selectedTenant: {
      get: () => preferences.get().lastTenant,
      set: (lastTenant) => preferences.set({ lastTenant }),
    },
    network: {
      isOnline: () => net.isOnline(),
      resolveProxy: (url) => session.defaultSession.resolveProxy(url),
    },
    logIn: {
      openWindow: openAuthorizationWindow,
      openBrowser: (url) => openLink(url, { allowLoopbackHttp: true }),
    },
    processes: {
      startWorker: () => forkWorker(join(build, 'worker.cjs')),
      startPractice: forkPractice,
      networkThread: join(build, 'network-thread.cjs'),
      readerThread: join(build, 'reader-thread.cjs'),
      checkThread: join(build, 'check-thread.cjs'),
    },
    clock: { now: () => Date.now(), monotonic: () => performance.now() },
    remind,
    onWake: (listener) => void powerMonitor.on('resume', listener),
  };
}

/** The window has a banner too; this is for when nobody looks at it. */
function remind({ name }: Connection, onClick: () => void): void {
  if (!Notification.isSupported()) return;
  const reminder = new Notification({
    title: 'Authorize it again?',
    body: `"${name}" was revoked until now. Re-authorize it when the reason is over.`,
  });
  reminder.on('click', onClick);
  reminder.show();
}
