import { describe, expect, it } from 'vitest';
import type { FailureClass } from '../../../shared/activity/activity.ts';
import type { ConnectionId } from '../../../shared/ids.ts';
import type { JobRow } from '../../../shared/ipc/contract.ts';
import { remedyFor } from './remedy.ts';

const source = 'source' as ConnectionId;
const target = 'target' as ConnectionId;
const job = (change: Partial<JobRow> = {}): JobRow =>
  ({
    job: { destination: { kind: 'connection', connectionId: target, object: 'Company', keys: ['Id'] } },
    cannotRun: null,
    running: null,
    ...change,
  }) as JobRow;
const failed = (failureClass: FailureClass) => ({ class: failureClass, message: '', advice: '' });
const all =
  (source: string, target = 'active') =>
  (id: ConnectionId) =>
    (id === 'source' ? source : target) as 'active' | 'disconnected';

describe('the next step behind a failed run', () => {
  it.each([
    ['reauthorize_expired', { kind: 'runNow' }],
    ['network', { kind: 'editConnection', connectionId: source }],
    ['invalid_response', { kind: 'editConnection', connectionId: source }],
    ['schema_changed', { kind: 'editJob' }],
    ['timeout', { kind: 'runNow' }],
    ['disk_full', { kind: 'runNow' }],
  ] as const)('%s, with all connections active, is %o', (failureClass, remedy) => {
    expect(remedyFor(failed(failureClass), { connectionId: source }, job(), all('active'))).toEqual(remedy);
  });

  it('re-authorizes the connection that is lost, be it the destination’s', () => {
    const failure = failed('reauthorize_deactivated');
    const one = { connectionId: source };
    expect(remedyFor(failure, one, job(), all('disconnected'))).toEqual({ kind: 'reAuthorize', connectionId: source });
    expect(remedyFor(failure, one, job(), all('active', 'disconnected'))).toEqual({
      kind: 'reAuthorize',
      connectionId: target,
    });
  });

  it('is nothing while the job runs, cannot run or is gone', () => {
    const one = { connectionId: source };
    expect(remedyFor(failed('timeout'), one, job({ running: 'run' as never }), all('active'))).toBeNull();
    expect(remedyFor(failed('timeout'), one, job({ cannotRun: 'It is disabled.' }), all('active'))).toBeNull();
    expect(remedyFor(failed('bad_request'), one, undefined, all('active'))).toBeNull();
  });
});
