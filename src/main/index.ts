import { app } from 'electron';
import { compose } from './app/compose.ts';
import { closeBeforeQuit, focusWindow, takeSingleInstance } from './app/lifecycle.ts';
import { setApplicationMenu } from './app/menu.ts';
import { registerAppScheme } from './app/protocol.ts';
import { endAfter } from './app/start-failure.ts';
import { guardAllContents } from './app/windows.ts';

process.umask(0o077);
let show: () => void = () => undefined;
if (takeSingleInstance(() => show())) {
  registerAppScheme();
  guardAllContents();
  void app
    .whenReady()
    .then(async () => {
      setApplicationMenu(app.isPackaged);
      const running = await compose();
      show = () => focusWindow(running.window());
      closeBeforeQuit(running.close);
    })
    .catch(endAfter);
} else {
  process.stderr.write('Patchbay is open already with this profile; its window comes to the front.\n');
  app.exit(0);
}
