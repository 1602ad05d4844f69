import { describe, expect, it } from 'vitest';
import { AppError } from '../../shared/app-error.ts';
import type { ConnectionId } from '../../shared/ids.ts';
import type { BulkResult } from '../../shared/ipc/contract/connection-list.ts';
import { BulkActions, type BulkPorts } from './bulk.ts';

const ids = ['connection01', 'connection02', 'connection03'] as ConnectionId[];
const NO_IMPACT = { jobs: [], cachedRows: 0, dependentJobs: [], needsTypedName: false };

function bulkOf(change: Partial<BulkPorts> = {}) {
  const steps: BulkResult[] = [];
  const unexpected: unknown[] = [];
  const bulk = new BulkActions({
    nameOf: (id) => `Name of ${id}`,
    work: { test: async () => 'ok', revoke: async () => 'ok', delete: async () => 'ok' },
    impact: () => NO_IMPACT,
    onStep: (_id, results) => steps.push(...results),
    onUnexpected: (error) => unexpected.push(error),
    ...change,
  });
  return { bulk, steps, unexpected };
}

const workOf = (work: BulkPorts['work']['test']) => ({ work: { test: work, revoke: work, delete: work } });
const statuses = (results: readonly BulkResult[]) => results.map(({ status }) => status);

describe('doing one thing to many connections', () => {
  it('gives each its own result, in the order they were chosen, with the reason of those that failed', async () => {
    const { bulk, steps } = bulkOf(
      workOf(async (id) => {
        if (id === ids[1]) throw new AppError('not_allowed', 'It is revoked already.');
        return 'Passed.';
      }),
    );
    const { results, isCancelled } = await bulk.run({ bulkId: 'bulkbulk1', action: 'test', ids, typed: '' });
    expect(isCancelled).toBe(false);
    expect(statuses(results)).toEqual(['done', 'failed', 'done']);
    expect(results[1]).toMatchObject({ id: ids[1], name: `Name of ${ids[1]}`, message: 'It is revoked already.' });
    expect(steps.filter(({ status }) => status === 'running')).toHaveLength(3);
  });

  it('shows nothing of an unexpected error but that it happened, and reports it', async () => {
    const { bulk, unexpected } = bulkOf(
      workOf(async () => {
        throw new Error('secret path');
      }),
    );
    const { results } = await bulk.run({ bulkId: 'bulkbulk1', action: 'revoke', ids: ids.slice(0, 1), typed: '' });
    expect(results[0]?.message).not.toContain('secret path');
    expect(unexpected).toHaveLength(1);
  });

  it('begins no further connection once it was cancelled', async () => {
    const cancelling = async (): Promise<string> => {
      bulk.cancel('bulkbulk1');
      return 'Deleted.';
    };
    const { bulk } = bulkOf({
      work: {
        test: async () => '',
        revoke: async () => '',
        delete: cancelling,
      },
    });
    const { results, isCancelled } = await bulk.run({ bulkId: 'bulkbulk1', action: 'delete', ids, typed: '' });
    expect(isCancelled).toBe(true);
    expect(statuses(results)).toEqual(['done', 'skipped', 'skipped']);
  });

  it('deletes nothing until what is lost was confirmed', async () => {
    let deleted = 0;
    const { bulk } = bulkOf({
      ...workOf(async () => {
        deleted += 1;
        return 'Deleted.';
      }),
      impact: () => ({ jobs: ['a', 'b'], cachedRows: 10, dependentJobs: [], needsTypedName: true }),
    });
    expect(await bulk.impact(ids)).toEqual({ jobs: 6, cachedRows: 30, dependentJobs: 0, typed: 'delete 3' });
    const input = { bulkId: 'bulkbulk1', action: 'delete', ids, typed: 'delete 2' } as const;
    await expect(bulk.run(input)).rejects.toThrow('Type "delete 3" to delete them.');
    expect(deleted).toBe(0);
    await bulk.run({ ...input, typed: 'Delete 3 ' });
    expect(deleted).toBe(3);
  });

  it('counts a connection that was named twice once', async () => {
    const { bulk } = bulkOf();
    const { results } = await bulk.run({
      bulkId: 'bulkbulk1',
      action: 'test',
      ids: [...ids, ...ids],
      typed: '',
    });
    expect(results).toHaveLength(3);
  });
});
