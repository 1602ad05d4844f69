/** What a new authorization can no longer read, in one line. */
import type { GrantLoss } from '../../../../shared/ipc/contract/credentials.ts';
import { formatThings } from '../../../text/format.ts';

/** "3 of 41 mapped fields lost"; objects that are lost as a whole come first. */
export function lossSummary(losses: readonly GrantLoss[]): string {
  const objects = losses.filter(({ refusal }) => refusal !== null);
  const partly = losses.filter(({ refusal }) => refusal === null);
  const lost = partly.reduce((sum, { lostFields }) => sum + lostFields.length, 0);
  const used = partly.reduce((sum, { usedFields }) => sum + usedFields, 0);
  const parts = [
    ...(objects.length === 0 ? [] : [`${formatThings(objects.length, 'object')} cannot be read`]),
    ...(lost === 0 ? [] : [`${lost} of ${used} mapped fields lost`]),
  ];
  return parts.join(', ');
}
