/** What the native menu's items do in the window. */
import type { MenuCommand } from '../shared/ipc/contract/connection-list.ts';
import { focusSearch } from './keyboard.ts';
import { go } from './routes.ts';
import { openDialog, useDialogs } from './stores/dialogs.ts';
import { useSession } from './stores/session.ts';

export function runMenuCommand(command: MenuCommand): void {
  // Before there is a tenant there is nothing to go to but Settings; and a page must not change behind an open dialog.
  if (useSession.getState().tenant === null && command !== 'settings') return;
  if (useDialogs.getState().open.length > 0) return;
  switch (command) {
    case 'createConnection':
    case 'palette':
    case 'shortcuts':
      openDialog({ kind: command });
      return;
    case 'search':
      focusSearch();
      return;
    case 'settings':
      go({ page: 'settings', section: 'general' });
      return;
    case 'activity':
      go({ page: 'activity', tab: 'executions' });
      return;
    case 'connections':
    case 'jobs':
    case 'data':
      go({ page: command });
      return;
  }
}
