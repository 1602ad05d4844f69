import { url as inspectorUrl } from 'node:inspector';
import { join } from 'node:path';
import { app } from 'electron';
import type { MenuCommand } from '../shared/ipc/contract/connection-list.ts';
import { closeBeforeQuit, focusWindow, takeSingleInstance } from './lifecycle.ts';
import { setApplicationMenu } from './menu.ts';
import { registerAppScheme } from './protocol.ts';
import { refuseArguments } from './start-arguments.ts';
import { endAfter, endAsSecond } from './start-failure.ts';
import { createMainWindow, guardAllContents } from './windows.ts';

process.umask(0o077);
const refusal = refuseArguments(process.argv.slice(1), {
  isPackaged: app.isPackaged,
  platform: process.platform,
  isRoot: process.getuid?.() === 0,
  hasInspector: inspectorUrl() !== undefined,
});
// Chromium would write the keys of every connection into the file that it names.
if (app.isPackaged) delete process.env.SSLKEYLOGFILE;
let show: () => void = () => undefined;
// Before the app is there, an error nobody caught ends the start; later it is logged and said, and the app goes on.
let report: (error: unknown) => void = (error) => void endAfter(error);
for (const event of ['uncaughtException', 'unhandledRejection'] as const)
  process.on(event, (error: unknown) => report(error));
if (refusal !== null) {
  process.stderr.write(`${refusal}\n`);
  // Chromium has opened nothing yet, and the instance that may be running hears nothing of this start.
  app.exit(2);
} else if (takeSingleInstance(() => show())) {
  registerAppScheme();
  guardAllContents();
  void app
    .whenReady()
    .then(async () => {
      let choose: (command: MenuCommand) => void = () => undefined;
      setApplicationMenu(app.isPackaged, (command) => choose(command));
      const opening = createMainWindow(join(__dirname, 'preload.cjs'), 'Patchbay');
      // The page's process starts on another core meanwhile, once main has let it begin.
      await opening.launched;
      const { openApp } = await import('./open-app.ts');
      const running = await openApp(opening);
      choose = running.choose;
      report = running.report;
      show = () => focusWindow(running.window());
      closeBeforeQuit(running.close);
    })
    .catch(endAfter);
} else {
  endAsSecond();
}
