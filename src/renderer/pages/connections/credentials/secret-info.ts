import type { CallOutput } from '../../../../shared/ipc/contract.ts';
import { formatAgo } from '../../../text/format.ts';

export type SecretInfo = CallOutput<'connections.get'>['secrets'][number];

/** What an empty secret control says of the secret that is stored; null when none is. */
export function secretPlaceholder(info: SecretInfo | undefined, nowMs: number): string | null {
  if (!info) return null;
  if (!info.isReadable) return 'Stored, but not readable on this machine; paste it again';
  return `Set ${formatAgo(info.setAt, nowMs)}, paste to replace`;
}
