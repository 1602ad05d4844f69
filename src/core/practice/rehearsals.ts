/** What an admin can rehearse on the practice tenant, as commands to its servers. */
import type { Rehearsal } from '../../shared/ipc/contract/credentials.ts';

/** As the practice servers understand it; see PracticeCommand in the connector kit. */
export interface RehearsalCommand {
  readonly kind: string;
  readonly email?: string;
  readonly object?: string;
}

const DANA = 'dana@acme.example';

export const REHEARSAL_COMMANDS: Readonly<Record<Rehearsal, RehearsalCommand>> = {
  deactivateDana: { kind: 'deactivateUser', email: DANA },
  changeDanasPassword: { kind: 'changePassword', email: DANA },
  endLicence: { kind: 'endLicence' },
  withdrawGrants: { kind: 'revokeGrants' },
  denyApi: { kind: 'denyObject', object: '*', email: DANA },
  denyAccount: { kind: 'denyObject', object: 'Account', email: DANA },
  backToNormal: { kind: 'restore' },
};
