/** The app: the application (src/core) on Electron, and its window. */
import { join } from 'node:path';
import { app, type BrowserWindow, nativeTheme, screen, session } from 'electron';
import { Secret } from '../../connectors/catalog.ts';
import { noticeFullDisk } from '../core/jobs/open-runs.ts';
import { type Core, openCore } from '../core/open-core.ts';
import type { MenuCommand } from '../shared/ipc/contract/connection-list.ts';
import type { AppState } from '../shared/ipc/contract.ts';
import { electronPlatform } from './electron-platform.ts';
import { createPush, type Push } from './ipc/events.ts';
import { handlers } from './ipc/handlers/index.ts';
import { registerCalls } from './ipc/router.ts';
import { createTenantGuard } from './ipc/tenant-guard.ts';
import { focusWindow } from './lifecycle.ts';
import { tellPage } from './page-events.ts';
import { openPreferences, type PreferenceStore } from './preferences.ts';
import { serveApp } from './protocol.ts';
import { releaseStartMemory } from './release-memory.ts';
import { followReminder } from './reminder.ts';
import { boundsOnScreen, keepWindowState, workAreas } from './window-state.ts';
import { type OpeningWindow, openApp as showApp } from './windows.ts';

/** How long after the window is shown maintenance, checks and interrupted runs begin, milliseconds. */
const SETTLE_MS = 700;
/** And how long after that the whole list is in the page, milliseconds. */
const IDLE_MS = 2_000;
const UNEXPECTED: AppState['notices'][number] = {
  id: 'unexpected',
  kind: 'warning',
  text: 'Something unexpected happened, and what was under way may be incomplete. Restart Patchbay when something does not work; the log in the profile’s folder has the details.',
};

export interface RunningApp {
  readonly window: () => BrowserWindow | null;
  /** An item of the native menu was chosen. */
  readonly choose: (command: MenuCommand) => void;
  /** Nobody caught it: it is logged and said, and the app goes on. */
  readonly report: (error: unknown) => void;
  readonly close: () => Promise<void>;
}

/** @throws AppError when the profile cannot be opened */
export async function openApp(opening: OpeningWindow): Promise<RunningApp> {
  const build = __dirname;
  let logUnwritten: (error: unknown) => void = () => undefined;
  const preferences = openPreferences(app.getPath('userData'), (error) => logUnwritten(error));
  nativeTheme.themeSource = preferences.get().settings.theme;
  const core = await openCore(electronPlatform(build, preferences));
  const { log, notices } = core.records;
  logUnwritten = (error) => log.error('The preferences could not be written', error);
  let window: BrowserWindow | null = null;
  const push = createPush(() => (window === null || window.isDestroyed() ? [] : [window.webContents]));
  answerPage(core, { preferences, push, window: () => window });
  serveApp(session.defaultSession, join(build, '..', 'renderer', 'main_window'));
  // What the page will ask first: its process is still starting, and there is nothing else to do.
  core.connections.rows.prepare(core.tenants.tenants.list().selected);
  window = opening.window;
  await opening.ready;
  showApp(window, boundsOnScreen(preferences.get().window, workAreas(screen)));
  keepWindowState(window, (kept) => preferences.set({ window: kept }));
  window.on('closed', () => core.access.authorization.cancelAll());
  const stopSettling = settleBehind(window, core);
  return {
    window: () => window,
    choose: (command) => push('app.menuChosen', { command }),
    report: (error) => {
      log.error('Nobody caught an error', error);
      if (!noticeFullDisk(core.records, error)) notices.add(UNEXPECTED);
    },
    close: async () => {
      stopSettling();
      // What could not be written is in the log by now; quitting goes on.
      await preferences.written().catch(() => undefined);
      await core.close();
    },
  };
}

interface PageParts {
  readonly preferences: PreferenceStore;
  readonly push: Push;
  readonly window: () => BrowserWindow | null;
}

/** From now on the page's calls are answered, and it is told what happens. */
function answerPage(core: Core, { preferences, push, window }: PageParts): void {
  const { records, tenants, runs, secrets, maintenance } = core;
  const selected = () => tenants.tenants.list().selected;
  const state = (): AppState => ({
    network: maintenance.isOnline() ? 'online' : 'offline',
    runningJobs: runs.runner.running().filter(({ tenantId }) => tenantId === selected()).length,
    vault: secrets.vault.status(),
    notices: records.notices.list(),
  });
  tellPage(core, push, state);
  records.events.on('reminderChosen', ({ id, tenantId }) =>
    followReminder({ tenants: tenants.tenants, focus: () => focusWindow(window()), push }, { id, tenantId }),
  );
  registerCalls(handlers({ core, preferences, push, state, window, asSecret: (text) => new Secret(text), restart }), {
    onUnexpected: (call, error) => records.log.error(`The call ${call} failed`, error),
    onRefusedSender: (call) => records.log.warn(`A foreign sender called ${call}`),
    guard: createTenantGuard({ store: records.store, selected }),
  });
}

function restart(): void {
  app.relaunch();
  // After the answer has reached the page.
  setTimeout(() => app.quit(), 100);
}

/** What a start does not need begins when the window is shown and its first questions are answered. @returns what ends it */
function settleBehind(window: BrowserWindow, { secrets, records, maintenance }: Core): () => void {
  let settling: NodeJS.Timeout | undefined;
  window.once('show', () => {
    secrets.vault.start();
    // The page is asking for its list now; what can wait a moment would hold up the answers.
    settling = setTimeout(() => {
      settling = setTimeout(() => {
        records.store.releaseCaches();
        releaseStartMemory();
      }, IDLE_MS);
      maintenance.start();
    }, SETTLE_MS);
  });
  return () => clearTimeout(settling);
}
