import type { BulkAction } from '../../../../shared/ipc/contract/connection-list.ts';

export interface BulkWords {
  readonly verb: string;
  readonly done: string;
  readonly failed: string;
  readonly explanation: string;
  readonly isDangerous: boolean;
}

export const BULK_WORDS: Readonly<Record<BulkAction, BulkWords>> = {
  test: {
    verb: 'Test',
    done: 'passed',
    failed: 'did not pass',
    explanation: 'Each is asked who it is authorized as and to read a few rows. Nothing is changed.',
    isDangerous: false,
  },
  revoke: {
    verb: 'Revoke',
    done: 'revoked',
    failed: 'not revoked',
    explanation:
      'Their authorizations end at once: here, and at their providers as soon as those can be reached. Their jobs stop. Jobs, mappings and history stay; Re-Authorize brings each back.',
    isDangerous: true,
  },
  delete: {
    verb: 'Delete',
    done: 'deleted',
    failed: 'not deleted',
    explanation:
      'They are revoked first, and go to the trash for 30 days, from which they come back without their keys. With them go:',
    isDangerous: true,
  },
};
