/** What each action of a connection's menu does in the window. */
import type { ConnectionAction } from '../../../../shared/connection/actions.ts';
import type { ListedRow } from '../../../../shared/ipc/contract/connection-list.ts';
import { go } from '../../../routes.ts';
import { openDialog } from '../../../stores/dialogs.ts';

export function runConnectionAction(row: ListedRow, action: ConnectionAction): void {
  const { id } = row.connection;
  switch (action) {
    case 'edit':
      openDialog({ kind: 'editConnection', id });
      return;
    case 'delete':
      openDialog({ kind: 'deleteConnection', id });
      return;
    case 'authorize':
    case 'reAuthorize':
      openDialog({ kind: 'authorizeConnection', id });
      return;
    case 'revoke':
      openDialog({ kind: 'revokeConnection', id });
      return;
    case 'viewJobs':
      go({ page: 'jobs', connectionId: id });
      return;
    case 'viewActivities':
      go({ page: 'activity', tab: 'executions', connectionId: id });
      return;
  }
}

export function viewFailures(row: ListedRow): void {
  go({ page: 'activity', tab: 'executions', connectionId: row.connection.id, failedLast24Hours: true });
}
