import { app } from 'electron';
import { compose } from './app/compose.ts';
import { closeBeforeQuit, focusWindow, takeSingleInstance } from './app/lifecycle.ts';
import { setApplicationMenu } from './app/menu.ts';
import { registerAppScheme } from './app/protocol.ts';
import { guardAllContents } from './app/windows.ts';

process.umask(0o077);
let show: () => void = () => undefined;
if (takeSingleInstance(() => show())) {
  registerAppScheme();
  guardAllContents();
  void app.whenReady().then(async () => {
    setApplicationMenu(app.isPackaged);
    const running = await compose();
    show = () => focusWindow(running.window());
    closeBeforeQuit(running.close);
  });
} else app.exit(0);
