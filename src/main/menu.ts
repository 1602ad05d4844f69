import { Menu, type MenuItemConstructorOptions } from 'electron';
import type { MenuCommand } from '../shared/ipc/contract/connection-list.ts';

const isMac = process.platform === 'darwin';
const line: MenuItemConstructorOptions = { type: 'separator' };

/** The native menu: the platform's usual shortcuts and nothing that opens developer tools in a shipped build. */
export function setApplicationMenu(isPackaged: boolean, choose: (command: MenuCommand) => void): void {
  const item = (id: MenuCommand, label: string, accelerator?: string): MenuItemConstructorOptions => ({
    id,
    label,
    ...(accelerator === undefined ? {} : { accelerator }),
    click: () => choose(id),
  });
  const file: MenuItemConstructorOptions[] = [
    item('createConnection', 'Create Connection…', 'CmdOrCtrl+N'),
    line,
    item('settings', 'Settings', 'CmdOrCtrl+,'),
    line,
    { role: isMac ? 'close' : 'quit' },
  ];
  const go: MenuItemConstructorOptions[] = [
    item('palette', 'Go to…', 'CmdOrCtrl+K'),
    item('search', 'Search on This Page', 'CmdOrCtrl+F'),
    line,
    item('connections', 'Connections', 'CmdOrCtrl+1'),
    item('jobs', 'Jobs', 'CmdOrCtrl+2'),
    item('activity', 'Activity', 'CmdOrCtrl+3'),
    item('data', 'Data', 'CmdOrCtrl+4'),
  ];
  const view: MenuItemConstructorOptions[] = [
    { role: 'resetZoom' },
    { role: 'zoomIn' },
    { role: 'zoomOut' },
    line,
    { role: 'togglefullscreen' },
    ...(isPackaged ? [] : [line, { role: 'toggleDevTools' } as const]),
  ];
  const template: MenuItemConstructorOptions[] = [
    ...(isMac ? [{ role: 'appMenu' } as const] : []),
    { label: 'File', submenu: file },
    { role: 'editMenu' },
    { label: 'Go', submenu: go },
    { label: 'View', submenu: view },
    { role: 'windowMenu' },
    { role: 'help', submenu: [item('shortcuts', 'Keyboard Shortcuts')] },
  ];
  Menu.setApplicationMenu(Menu.buildFromTemplate(template));
}
