/** What each action of a connection's menu does in the window. */
import type { ConnectionAction } from '../../../shared/connection/actions.ts';
import type { ConnectionRow } from '../../../shared/ipc/contract.ts';
import { go } from '../../routes.ts';
import { openDialog } from '../../stores/dialogs.ts';

export function runConnectionAction(row: ConnectionRow, action: ConnectionAction): void {
  const { id } = row.connection;
  switch (action) {
    case 'edit':
      return openDialog({ kind: 'editConnection', id });
    case 'delete':
      return openDialog({ kind: 'deleteConnection', id });
    case 'authorize':
    case 'reAuthorize':
      return openDialog({ kind: 'authorizeConnection', id });
    case 'revoke':
      return openDialog({ kind: 'revokeConnection', id });
    case 'viewJobs':
      return go({ page: 'jobs', connectionId: id });
    case 'viewActivities':
      return go({ page: 'activity', tab: 'executions', connectionId: id });
  }
}

export function viewFailures(row: ConnectionRow): void {
  go({ page: 'activity', tab: 'executions', connectionId: row.connection.id, failedLast24Hours: true });
}
