/**
 * What a failure means, one row a class: for the connection, for a run, for the person who reads it. The application, the engine, the
 * connectors and the page all read this table (through rules.ts) and have none of their own. A class without a row does not compile.
 */
import type { FailureClass } from '../activity/activity.ts';
import type { DisconnectReason } from '../connection/reasons.ts';
import type { ErrorCode } from '../errors.ts';

/** What a failure speaks of; `route` is everything between this machine and the system. */
export type FailureSubject =
  | 'authorization'
  | 'rights'
  | 'limits'
  | 'request'
  | 'answer'
  | 'system'
  | 'route'
  | 'address'
  | 'rows'
  | 'machine'
  | 'person';

/** What a button, a command or a diagnosis offers next. */
export type NextAction = 'reAuthorize' | 'editConnection' | 'editJob' | 'runNow';

export interface Cause {
  /** The reason that a connection is disconnected for; null = the credential may still be good, and the connection stays as it is. */
  readonly disconnects: DisconnectReason | null;
  /** `soon`: the same call is repeated and a run waits for it; `later`: it passes, but no run waits that long; `no`: somebody has to act. */
  readonly passes: 'soon' | 'later' | 'no';
  readonly speaksOf: FailureSubject;
  /** Codes of errors that mean the same; the first is the one that a form or dialog is told. */
  readonly codes: readonly ErrorCode[];
  /** What happened, without a full stop. */
  readonly what: string;
  /** What a run that goes on by itself says that it is waiting for. */
  readonly waitingFor?: string;
  /** What to do next, in one sentence or two. */
  readonly advice: string;
  /** The advice of a connection that is disconnected, where it differs. */
  readonly adviceDisconnected?: string;
  readonly next: NextAction;
}

export const CAUSES: Readonly<Record<FailureClass, Cause>> = {
  reauthorize_expired: {
    disconnects: 'authorization_expired',
    passes: 'no',
    speaksOf: 'authorization',
    codes: [],
    what: 'The authorization expired or was withdrawn',
    advice: 'Re-authorize the connection. If access was revoked for an investigation, wait until it is over.',
    next: 'reAuthorize',
  },
  reauthorize_permission: {
    disconnects: 'permission_missing',
    passes: 'no',
    speaksOf: 'rights',
    codes: [],
    what: 'The authorized user lacks a permission',
    advice:
      'Give the authorized user the missing permission in the source system, or re-authorize as a user who has it.',
    adviceDisconnected:
      'Give the user the missing permission in the source system, or re-authorize as a user who has it.',
    next: 'reAuthorize',
  },
  reauthorize_deactivated: {
    disconnects: 'user_deactivated',
    passes: 'no',
    speaksOf: 'authorization',
    codes: [],
    what: 'The authorized user was deactivated',
    advice: 'Re-authorize as another admin, for example when the admin who authorized it has left.',
    next: 'reAuthorize',
  },
  reauthorize_password: {
    disconnects: 'password_changed',
    passes: 'no',
    speaksOf: 'authorization',
    codes: [],
    what: 'The password or key expired or was changed',
    advice: 'Re-authorize with the current password or key.',
    next: 'reAuthorize',
  },
  licence_expired: {
    disconnects: 'licence_ended',
    passes: 'no',
    speaksOf: 'authorization',
    codes: [],
    what: 'The licence or trial of the source system ended',
    advice: 'Renew the licence in the source system, then re-authorize.',
    next: 'reAuthorize',
  },
  credential_missing: {
    disconnects: 'credential_missing',
    passes: 'no',
    speaksOf: 'machine',
    codes: ['secret_unreadable', 'vault_locked', 'vault_unavailable'],
    what: 'The credential cannot be read on this machine',
    advice: 'Restore or unlock the keyring this profile was made with, or re-authorize on this machine.',
    next: 'reAuthorize',
  },
  rate_limited: {
    disconnects: null,
    passes: 'soon',
    speaksOf: 'limits',
    codes: ['rate_limited'],
    what: 'The system asks for fewer requests',
    waitingFor: 'the rate limit',
    advice: 'Nothing to do: the run goes on when the system allows it. Fewer jobs at the same time help.',
    next: 'runNow',
  },
  quota_exceeded: {
    disconnects: null,
    passes: 'later',
    speaksOf: 'limits',
    codes: ['quota_exceeded'],
    what: 'The system’s quota is used up',
    advice: 'Wait until the system’s quota is renewed, or ask its admin for a larger one.',
    next: 'runNow',
  },
  object_denied: {
    disconnects: null,
    passes: 'no',
    speaksOf: 'rights',
    codes: [],
    what: 'The authorized user may not read it',
    advice:
      'Give the authorized user access to it in the source system, then run the job again; or re-authorize as a user who has it.',
    next: 'runNow',
  },
  not_found: {
    disconnects: null,
    passes: 'no',
    speaksOf: 'request',
    codes: ['not_found'],
    what: 'The system has nothing at this address',
    advice: 'Check that the object still exists and that the authorized user can see it, then edit the job.',
    next: 'editJob',
  },
  bad_request: {
    disconnects: null,
    passes: 'no',
    speaksOf: 'request',
    codes: [],
    what: 'The system refused the request',
    advice: 'Check the job’s fields and filters against the source object.',
    next: 'editJob',
  },
  server_error: {
    disconnects: null,
    passes: 'soon',
    speaksOf: 'system',
    codes: [],
    what: 'The system failed',
    waitingFor: 'the next attempt',
    advice: 'Try again later; if it lasts, ask the support of the source system.',
    next: 'runNow',
  },
  network: {
    disconnects: null,
    passes: 'soon',
    speaksOf: 'route',
    codes: ['unreachable'],
    what: 'The system could not be reached',
    waitingFor: 'the next attempt',
    advice: 'Check the network, the proxy and the address in the Advanced section.',
    next: 'editConnection',
  },
  tls: {
    disconnects: null,
    passes: 'no',
    speaksOf: 'route',
    codes: ['tls_failed'],
    what: 'The encrypted connection failed',
    advice:
      'Check the clock of this machine and the certificate of the host; a company proxy may need its certificate added.',
    next: 'editConnection',
  },
  timeout: {
    disconnects: null,
    passes: 'soon',
    speaksOf: 'route',
    codes: ['timed_out'],
    what: 'The system did not answer in time',
    waitingFor: 'the next attempt',
    advice: 'Try again; if it lasts, check the network and the load of the source system.',
    next: 'runNow',
  },
  invalid_response: {
    disconnects: null,
    passes: 'no',
    speaksOf: 'answer',
    codes: ['invalid_response'],
    what: 'The system sent an answer that cannot be read',
    advice: 'Check the address in the Advanced section: something other than the expected system may have answered.',
    next: 'editConnection',
  },
  host_refused: {
    disconnects: null,
    passes: 'no',
    speaksOf: 'address',
    codes: ['host_refused'],
    what: 'The address was refused',
    advice: 'Check the address; for a private network tick “Allow private network addresses” in the Advanced section.',
    next: 'editConnection',
  },
  bad_data: {
    disconnects: null,
    passes: 'no',
    speaksOf: 'rows',
    codes: [],
    what: 'The data cannot be read',
    advice: 'Open the rejected records, correct them in the source system, and run the job again.',
    next: 'runNow',
  },
  schema_changed: {
    disconnects: null,
    passes: 'no',
    speaksOf: 'rows',
    codes: [],
    what: 'A field that the job uses is gone or has another type',
    advice: 'Edit the job’s mapping: a field it uses is gone or has another type.',
    next: 'editJob',
  },
  destination_refused: {
    disconnects: null,
    passes: 'no',
    speaksOf: 'rows',
    codes: [],
    what: 'The destination refused the records',
    advice: 'Open the rejected records to see what the destination refused, then correct the mapping or the records.',
    next: 'editJob',
  },
  disk_full: {
    disconnects: null,
    passes: 'no',
    speaksOf: 'machine',
    codes: ['disk_full'],
    what: 'The disk is full',
    waitingFor: 'space on the disk',
    advice: 'Free some disk space, then run the job again. It resumes where it stopped.',
    next: 'runNow',
  },
  worker_crashed: {
    disconnects: null,
    passes: 'no',
    speaksOf: 'machine',
    codes: [],
    what: 'The process that runs jobs stopped',
    advice:
      'Run the job again. It resumes where it stopped. If it happens again, report it with the log in the profile folder.',
    next: 'runNow',
  },
  cancelled: {
    disconnects: null,
    passes: 'no',
    speaksOf: 'person',
    codes: ['cancelled'],
    what: 'The run was stopped',
    advice: 'Run the job again to resume where it stopped.',
    next: 'runNow',
  },
  internal: {
    disconnects: null,
    passes: 'no',
    speaksOf: 'machine',
    codes: ['internal'],
    what: 'Something unexpected happened',
    advice: 'Run the job again. If it happens again, report it with the log in the profile folder.',
    next: 'runNow',
  },
};
