import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ConnectionState } from '../shared/connection/state.ts';
import type { TenantId } from '../shared/ids.ts';
import { aConnection } from '../store/testing/records.ts';
import { Upkeep } from './maintenance.ts';

const START = Date.parse('2026-03-01T09:00:00.000Z');
const tenant = 'tenant000001' as TenantId;

let isOnline: boolean;
let hasDeferredRevocations: boolean;
let seen: string[];
let upkeep: Upkeep;

beforeEach(() => {
  vi.useFakeTimers({ now: START });
  isOnline = true;
  hasDeferredRevocations = false;
  seen = [];
  upkeep = new Upkeep({
    completeRevocations: async () => void seen.push('revocations'),
    purgeTrash: async () => void seen.push('trash'),
    hasDeferredRevocations: () => hasDeferredRevocations,
    isOnline: () => isOnline,
    onNetwork: () => void seen.push(isOnline ? 'online' : 'offline'),
    remind: ({ name }) => void seen.push(`remind ${name}`),
    now: Date.now,
    warn: (text, error) => {
      throw new Error(text, { cause: error });
    },
  });
});
afterEach(() => {
  upkeep.stop();
  vi.useRealTimers();
});

const revoked = (change: Partial<Extract<ConnectionState, { kind: 'revoked' }>>) =>
  aConnection(tenant, {
    name: 'Sales',
    state: { kind: 'revoked', since: '2026-02-01T00:00:00.000Z', remote: 'done', ...change },
  });
const minutes = (count: number): Promise<unknown> => vi.advanceTimersByTimeAsync(count * 60_000);

test('at start the trash is looked at and what waits is tried once; then nothing is asked while nothing waits', async () => {
  upkeep.start([aConnection(tenant)]);
  await minutes(60);
  expect(seen).toEqual(['trash', 'revocations']);
});

test('what waits is tried now and then, until the provider has been told', async () => {
  const connection = revoked({ remote: 'pending' });
  upkeep.start([connection]);
  await minutes(16);
  expect(seen.filter((what) => what === 'revocations')).toHaveLength(4);
  upkeep.note([{ ...connection, state: { ...connection.state, remote: 'done' } as ConnectionState }]);
  await minutes(60);
  expect(seen.filter((what) => what === 'revocations')).toHaveLength(4);
  hasDeferredRevocations = true;
  await minutes(3);
  expect(seen.filter((what) => what === 'revocations')).toHaveLength(5);
});

test('when the network returns, everything that waits is tried at once', async () => {
  upkeep.start([]);
  await minutes(1);
  seen.length = 0;
  isOnline = false;
  await minutes(1);
  isOnline = true;
  await vi.advanceTimersByTimeAsync(6_000);
  expect(seen).toEqual(['offline', 'online', 'revocations']);
});

test('a page that was told of a network gone for a second is told that it is back', async () => {
  upkeep.start([]);
  await minutes(1);
  seen.length = 0;
  isOnline = false;
  expect(upkeep.lookAtNetwork()).toBe(false);
  isOnline = true;
  await vi.advanceTimersByTimeAsync(6_000);
  expect(seen).toEqual(['offline', 'online', 'revocations']);
});

test('a revocation until a date is remembered once, when that comes, unless it was authorized again before', async () => {
  const until = new Date(START + 10 * 60_000).toISOString();
  const one = revoked({ until });
  upkeep.start([one, aConnection(tenant)]);
  await minutes(9);
  expect(seen).not.toContain('remind Sales');
  await minutes(30);
  expect(seen.filter((what) => what === 'remind Sales')).toHaveLength(1);
  const other = revoked({ until: new Date(START + 60 * 60_000).toISOString() });
  upkeep.note([other]);
  upkeep.note([{ ...other, state: { kind: 'active', since: until } }]);
  await minutes(60);
  expect(seen.filter((what) => what === 'remind Sales')).toHaveLength(1);
});

test('the trash is looked at once a day in an app that is never closed', async () => {
  upkeep.start([]);
  await minutes(3 * 24 * 60 + 1);
  expect(seen.filter((what) => what === 'trash')).toHaveLength(4);
});
