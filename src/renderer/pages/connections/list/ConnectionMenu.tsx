import { ACTION_NAMES, type ConnectionAction, offer } from '../../../../shared/connection/actions.ts';
import type { ListedRow } from '../../../../shared/ipc/contract/connection-list.ts';
import { ActionMenu, type MenuAction, type MenuAnchor } from '../../../components/ActionMenu.tsx';
import { safeText } from '../../../text/safe-text.ts';
import { runConnectionAction } from './actions.ts';
import { MENU_ORDER } from './menu-order.ts';

const STARTS_GROUP: ReadonlySet<ConnectionAction> = new Set(['viewJobs', 'delete']);

function menuItems(row: ListedRow): MenuAction[] {
  return MENU_ORDER.map((action) => {
    const offered = offer(row.connection.state.kind, action);
    return {
      id: action,
      label: ACTION_NAMES[action],
      onSelect: () => runConnectionAction(row, action),
      refusal: offered.offered ? undefined : offered.reason,
      isDangerous: action === 'delete',
      startsGroup: STARTS_GROUP.has(action),
    };
  });
}

interface ConnectionMenuProps {
  readonly row: ListedRow;
  readonly anchor: MenuAnchor;
  readonly returnFocusTo: HTMLElement | null;
  readonly onClose: () => void;
}

export function ConnectionMenu({ row, anchor, returnFocusTo, onClose }: ConnectionMenuProps) {
  return (
    <ActionMenu
      label={`Actions for ${safeText(row.connection.name)}`}
      anchor={anchor}
      items={menuItems(row)}
      returnFocusTo={returnFocusTo}
      onClose={onClose}
    />
  );
}
