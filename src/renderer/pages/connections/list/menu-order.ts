import { CONNECTION_ACTIONS, type ConnectionAction } from '../../../../shared/connection/actions.ts';

/** The original's order, except that what destroys comes last, behind a line. */
export const MENU_ORDER: readonly ConnectionAction[] = [
  ...CONNECTION_ACTIONS.filter((action) => action !== 'delete'),
  'delete',
];
