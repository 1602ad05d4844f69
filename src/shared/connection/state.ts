import { z } from 'zod';
import { assertNever } from '../app-error.ts';
import { instantSchema } from '../ids.ts';
import { type DisconnectReason, disconnectReasonSchema } from './reasons.ts';

/**
 * What is known of the revocation at the provider. `pending`: it could not be reached yet and is asked again; `failed`: it
 * answered and will not; `none`: there is nothing to revoke there, or no way to.
 */
export const remoteRevocationSchema = z.enum(['pending', 'done', 'failed', 'none']);
export type RemoteRevocation = z.infer<typeof remoteRevocationSchema>;

export const connectionStateSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('draft') }),
  z.strictObject({ kind: z.literal('active'), since: instantSchema }),
  z.strictObject({
    kind: z.literal('disconnected'),
    since: instantSchema,
    reason: disconnectReasonSchema,
    /** What the system answered, with secrets removed. */
    detail: z.string(),
    /** The object that a permission is missing for, where the call named it. */
    object: z.string().optional(),
  }),
  z.strictObject({
    kind: z.literal('revoked'),
    since: instantSchema,
    remote: remoteRevocationSchema,
    /** When the admin wants to be reminded to authorize it again; absent = not at all. */
    until: instantSchema.optional(),
  }),
]);
export type ConnectionState = z.infer<typeof connectionStateSchema>;
export type ConnectionStateKind = ConnectionState['kind'];

export type ConnectionEvent =
  /** A grant or key was stored and has passed identity and check. */
  | { kind: 'authorized'; at: string }
  /** The system, or the vault, said that the credential no longer works. */
  | { kind: 'authorizationLost'; at: string; reason: DisconnectReason; detail: string; object?: string | undefined }
  /** A connection disconnected for `credential_missing` can read its secret again. */
  | { kind: 'credentialFound'; at: string }
  | { kind: 'revoked'; at: string; remote: RemoteRevocation; until?: string | undefined }
  | { kind: 'remoteRevocationKnown'; remote: RemoteRevocation }
  /** When to be reminded of a revocation; without a time: it is meant to stay. */
  | { kind: 'reminderSet'; until?: string | undefined };

/**
 * The only function that decides a connection's next state. Events that a state does not know leave it as it is: a late
 * answer must never bring a revoked connection back.
 */
export function nextState(state: ConnectionState, event: ConnectionEvent): ConnectionState {
  switch (event.kind) {
    case 'authorized':
      return { kind: 'active', since: event.at };
    case 'authorizationLost':
      if (state.kind === 'active') return disconnected(event.at, event);
      if (state.kind === 'disconnected' && state.reason !== event.reason) return disconnected(state.since, event);
      return state;
    case 'credentialFound':
      return state.kind === 'disconnected' && state.reason === 'credential_missing'
        ? { kind: 'active', since: event.at }
        : state;
    case 'revoked':
      return state.kind === 'active' || state.kind === 'disconnected'
        ? {
            kind: 'revoked',
            since: event.at,
            remote: event.remote,
            ...(event.until === undefined ? {} : { until: event.until }),
          }
        : state;
    case 'remoteRevocationKnown':
      return state.kind === 'revoked' ? { ...state, remote: event.remote } : state;
    case 'reminderSet': {
      if (state.kind !== 'revoked') return state;
      const { until: _before, ...kept } = state;
      return { ...kept, ...(event.until === undefined ? {} : { until: event.until }) };
    }
    default:
      return assertNever(event, 'connection event');
  }
}

function disconnected(
  since: string,
  { reason, detail, object }: Extract<ConnectionEvent, { kind: 'authorizationLost' }>,
): ConnectionState {
  return { kind: 'disconnected', since, reason, detail, ...(object === undefined ? {} : { object }) };
}
