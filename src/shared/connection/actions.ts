import type { ConnectionStateKind } from './state.ts';

export const CONNECTION_ACTIONS = [
  'edit',
  'delete',
  'authorize',
  'revoke',
  'reAuthorize',
  'viewJobs',
  'viewActivities',
] as const;
export type ConnectionAction = (typeof CONNECTION_ACTIONS)[number];

export const ACTION_NAMES: Readonly<Record<ConnectionAction, string>> = {
  edit: 'Edit Connection',
  delete: 'Delete Connection',
  authorize: 'Authorize Connection',
  revoke: 'Revoke Connection',
  reAuthorize: 'Re-Authorize Connection',
  viewJobs: 'View Jobs',
  viewActivities: 'View Activities',
};

export type Offer = { offered: true } | { offered: false; reason: string };
const YES: Offer = { offered: true };
const no = (reason: string): Offer => ({ offered: false, reason });

const ALREADY = no('It is authorized already. Use Re-Authorize to change the user.');
const NOT_YET = no('It is not authorized yet. Use Authorize first.');
const WAS_BEFORE = no('It was authorized before. Use Re-Authorize, which keeps its jobs and history.');

type Row = Readonly<Record<ConnectionAction, Offer>>;
const ALWAYS = { edit: YES, delete: YES, viewJobs: YES, viewActivities: YES } as const;

/** State x action -> offered, or the reason why not. Main and the menu read the same table. */
const TABLE: Readonly<Record<ConnectionStateKind, Row>> = {
  draft: { ...ALWAYS, authorize: YES, revoke: NOT_YET, reAuthorize: NOT_YET },
  active: { ...ALWAYS, authorize: ALREADY, revoke: YES, reAuthorize: YES },
  disconnected: { ...ALWAYS, authorize: WAS_BEFORE, revoke: YES, reAuthorize: YES },
  revoked: { ...ALWAYS, authorize: WAS_BEFORE, revoke: no('It is revoked already.'), reAuthorize: YES },
};

/** Whether an action may be used in a state; refusals carry the sentence the menu shows. */
export function offer(state: ConnectionStateKind, action: ConnectionAction): Offer {
  return TABLE[state][action];
}
