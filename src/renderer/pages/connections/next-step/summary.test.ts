import { describe, expect, it } from 'vitest';
import { type Execution, NO_COUNTS } from '../../../../shared/activity/activity.ts';
import { activityIdSchema, jobIdSchema } from '../../../../shared/ids.ts';
import type { JobRow } from '../../../../shared/ipc/contract.ts';
import { runnableOf, summarize } from './summary.ts';

const id = (n: number) => jobIdSchema.parse(`job0000000${n}`);
const run = (n: number) => activityIdSchema.parse(`activity00000${n}`);

function row(n: number, more: Partial<JobRow> & { isEnabled?: boolean } = {}): JobRow {
  const { isEnabled = true, ...rest } = more;
  return {
    job: { id: id(n), name: `Job ${n}`, isEnabled },
    lastRun: null,
    running: null,
    cannotRun: null,
    ...rest,
  } as JobRow;
}
const ended = (n: number, status: Execution['status']) =>
  row(n, { lastRun: { activityId: run(n), status, at: '2026-03-12T14:02:00.000Z' } });
const started = new Map([1, 2, 3].map((n) => [id(n), run(n)] as const));
const reading = (n: number, read: number) => (jobId: string) =>
  jobId === id(n) ? ({ counts: { ...NO_COUNTS, read } } as Execution) : undefined;

describe('the runs after the first authorization', () => {
  it('are done when the run that was started is the last one and has ended', () => {
    const rows = [ended(1, 'success'), row(2, { running: run(2) }), ended(3, 'failed')];
    expect(summarize(rows, started, () => undefined)).toMatchObject({ total: 3, done: 2, unsuccessful: ['Job 3'] });
  });

  it('have rows to view as soon as one has read some, and not before', () => {
    const rows = [row(1, { running: run(1) }), row(2, { running: run(2) }), row(3)];
    expect(summarize(rows, started, reading(2, 0)).viewable).toBeNull();
    expect(summarize(rows, started, reading(2, 40))).toMatchObject({ viewable: id(2), read: 40, done: 0 });
    expect(summarize([ended(1, 'partial_success')], started, () => undefined)).toMatchObject({
      viewable: id(1),
      partial: ['Job 1'],
      unsuccessful: [],
    });
    expect(summarize([ended(1, 'failed')], started, () => undefined).viewable).toBeNull();
  });

  it('do not count an older run of the same job', () => {
    expect(summarize([ended(1, 'success')], new Map([[id(1), run(9)]]), () => undefined)).toMatchObject({ done: 0 });
  });
});

it('jobs that are disabled, running or refused cannot be started', () => {
  const rows = [row(1), row(2, { isEnabled: false }), row(3, { cannotRun: 'No' }), row(4, { running: run(4) })];
  expect(runnableOf(rows).map(({ job }) => job.name)).toEqual(['Job 1']);
});
