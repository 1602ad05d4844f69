import type { DisconnectReason } from './reasons.ts';

export interface ReasonText {
  /** One sentence for the connection's row. */
  readonly what: string;
  /** What the Connections page advises. */
  readonly advice: string;
}

/** The sentence of a disconnected connection, with the object that a permission is missing for. */
export function reasonSentence({ reason, object }: { reason: DisconnectReason; object?: string | undefined }): string {
  const { what } = REASON_TEXTS[reason];
  return reason === 'permission_missing' && object !== undefined ? `${what} for ${object}` : what;
}

export const REASON_TEXTS: Readonly<Record<DisconnectReason, ReasonText>> = {
  authorization_expired: {
    what: 'The authorization expired or was withdrawn',
    advice: 'Re-authorize the connection. If access was revoked for an investigation, wait until it is over.',
  },
  permission_missing: {
    what: 'The authorized user lacks a permission',
    advice: 'Give the user the missing permission in the source system, or re-authorize as a user who has it.',
  },
  user_deactivated: {
    what: 'The authorized user was deactivated',
    advice: 'Re-authorize as another admin, for example when the admin who authorized it has left.',
  },
  password_changed: {
    what: 'The password or key expired or was changed',
    advice: 'Re-authorize with the current password or key.',
  },
  licence_ended: {
    what: 'The licence or trial of the source system ended',
    advice: 'Renew the licence in the source system, then re-authorize.',
  },
  credential_missing: {
    what: 'The credential cannot be read on this machine',
    advice: 'Restore or unlock the keyring this profile was made with, or re-authorize on this machine.',
  },
};
