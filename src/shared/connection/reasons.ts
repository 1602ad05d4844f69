import { z } from 'zod';

/** Why a connection is disconnected: found from what the system answered, never guessed. */
export const DISCONNECT_REASONS = [
  'authorization_expired',
  'permission_missing',
  'user_deactivated',
  'password_changed',
  'licence_ended',
  'credential_missing',
] as const;
export const disconnectReasonSchema = z.enum(DISCONNECT_REASONS);
export type DisconnectReason = z.infer<typeof disconnectReasonSchema>;
