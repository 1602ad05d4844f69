/**
 * Which failures end a connection's authorization, and as what: the one place that says so, for main, the worker, the connectors
 * and the page. Everything else concerns one call, one object, the network or this machine: the job fails, the connection stays.
 */
import type { FailureClass } from '../activity/activity.ts';
import type { DisconnectReason } from './reasons.ts';

const REASONS = {
  reauthorize_expired: 'authorization_expired',
  reauthorize_permission: 'permission_missing',
  reauthorize_deactivated: 'user_deactivated',
  reauthorize_password: 'password_changed',
  licence_expired: 'licence_ended',
  credential_missing: 'credential_missing',
  rate_limited: null,
  quota_exceeded: null,
  object_denied: null,
  not_found: null,
  bad_request: null,
  server_error: null,
  network: null,
  tls: null,
  timeout: null,
  invalid_response: null,
  host_refused: null,
  bad_data: null,
  schema_changed: null,
  destination_refused: null,
  disk_full: null,
  worker_crashed: null,
  cancelled: null,
  internal: null,
} as const satisfies Record<FailureClass, DisconnectReason | null>;

/** The reason that a failure disconnects a connection for; null when it does not: the credential may still be good. */
export function reasonOf(failureClass: FailureClass): DisconnectReason | null {
  return REASONS[failureClass];
}

/**
 * Whether the system's answer to a call may end the authorization. A credential that cannot be read here is no answer of a system:
 * the vault decides about it.
 */
export function isLossBySystem(failureClass: FailureClass): boolean {
  return reasonOf(failureClass) !== null && failureClass !== 'credential_missing';
}

/** The class that runs of a connection lost for this reason end with. */
export function classOf(reason: DisconnectReason): FailureClass {
  const classes = Object.keys(REASONS) as FailureClass[];
  return classes.find((failureClass) => REASONS[failureClass] === reason) ?? 'reauthorize_expired';
}
