import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { failureOf } from '../conformance.ts';
import { ConnectorError } from '../contract.ts';
import { CIRCUIT_FAILURES, CIRCUIT_OPEN_MS, createRateLimiter } from './rate-limit.ts';

const never = new AbortController().signal;

// The clock is the test's own.
beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('rate limit of a connection', () => {
  it('gives a free slot within a microtask', async () => {
    const limiter = createRateLimiter({ buckets: { default: { requests: 5, perMs: 1000 } }, maxConcurrent: 2 });
    let isIn = false;
    void limiter.acquire('default', never).then(() => {
      isIn = true;
    });
    for (let tick = 0; tick < 4; tick += 1) await Promise.resolve();
    expect(isIn).toBe(true);
  });

  it('starts no more requests in any window than the system allows, and uses what it allows', async () => {
    const limiter = createRateLimiter({ buckets: { default: { requests: 5, perMs: 300 } }, maxConcurrent: 10 });
    const starts: number[] = [];
    const startedAt = performance.now();
    const all = Promise.all(
      Array.from({ length: 20 }, async () => {
        const slot = await limiter.acquire('default', never);
        starts.push(performance.now() - startedAt);
        slot.release();
      }),
    );
    await vi.runAllTimersAsync();
    await all;
    for (let index = 5; index < starts.length; index += 1)
      expect((starts[index] ?? 0) - (starts[index - 5] ?? 0)).toBeGreaterThanOrEqual(300);
    // Four windows of five: the last begins when three have passed. Timers count whole milliseconds.
    expect(Math.max(...starts)).toBeLessThan(4 * 300);
  });

  it('keeps every window of a bucket, and says how long a used-up day lasts instead of waiting for it', async () => {
    const limiter = createRateLimiter({
      buckets: { default: { requests: 2, perMs: 300, also: [{ requests: 5, perMs: 86_400_000 }] } },
      maxConcurrent: 10,
    });
    const starts: number[] = [];
    const startedAt = performance.now();
    const five = Promise.all(
      Array.from({ length: 5 }, async () => {
        (await limiter.acquire('default', never)).release();
        starts.push(performance.now() - startedAt);
      }),
    );
    await vi.runAllTimersAsync();
    await five;
    for (let index = 2; index < 5; index += 1)
      expect((starts[index] ?? 0) - (starts[index - 2] ?? 0)).toBeGreaterThanOrEqual(300);
    const sixth = await failureOf(limiter.acquire('default', never));
    // A run does not wait for a used-up day.
    expect(sixth.failureClass).toBe('quota_exceeded');
    expect(sixth.retryAfterMs).toBeGreaterThan(80_000_000);
  });

  it('gives the wait of a window that is longer than a call may hang, and shorter than a day, to the run', async () => {
    const limiter = createRateLimiter({
      buckets: { default: { requests: 1, perMs: 1_800_000 } },
      maxConcurrent: 1,
    });
    (await limiter.acquire('default', never)).release();
    const second = await failureOf(limiter.acquire('default', never));
    expect(second.failureClass).toBe('rate_limited');
    expect(second.retryAfterMs).toBeGreaterThan(1_700_000);
  });

  it('keeps buckets apart and lets unknown ones use the default', async () => {
    const limiter = createRateLimiter({
      buckets: { default: { requests: 100, perMs: 1000 }, slow: { requests: 1, perMs: 300 } },
      maxConcurrent: 10,
    });
    (await limiter.acquire('slow', never)).release();
    const startedAt = performance.now();
    // The clock stands still: none of them waits.
    for (let count = 0; count < 20; count += 1) (await limiter.acquire('other', never)).release();
    const slow = limiter.acquire('slow', never);
    await vi.runAllTimersAsync();
    (await slow).release();
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(300);
  });

  it('has at most maxConcurrent requests under way, first come first served', async () => {
    const limiter = createRateLimiter({ buckets: { default: { requests: 1000, perMs: 1000 } }, maxConcurrent: 2 });
    const order: number[] = [];
    let underWay = 0;
    let most = 0;
    const all = Promise.all(
      Array.from({ length: 8 }, async (_, index) => {
        const slot = await limiter.acquire('default', never);
        order.push(index);
        underWay += 1;
        most = Math.max(most, underWay);
        await new Promise((resolve) => setTimeout(resolve, 5));
        underWay -= 1;
        slot.release();
        slot.release();
      }),
    );
    await vi.runAllTimersAsync();
    await all;
    expect(most).toBe(2);
    expect(order).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('holds every request of the bucket back for a wait that was asked for', async () => {
    const limiter = createRateLimiter({ buckets: { default: { requests: 100, perMs: 1000 } }, maxConcurrent: 4 });
    limiter.pause('default', 150);
    const startedAt = performance.now();
    const both = Promise.all([limiter.acquire('default', never), limiter.acquire('default', never)]);
    await vi.runAllTimersAsync();
    await both;
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(150);
    expect(limiter.pausedForMs('default')).toBe(0);
  });

  it('gives a waiting place back when it is stopped', async () => {
    const limiter = createRateLimiter({ buckets: { default: { requests: 100, perMs: 1000 } }, maxConcurrent: 1 });
    const first = await limiter.acquire('default', never);
    const stop = new AbortController();
    const waiting = limiter.acquire('default', stop.signal);
    const behind = limiter.acquire('default', never);
    stop.abort();
    expect((await failureOf(waiting)).failureClass).toBe('cancelled');
    first.release();
    await expect(behind).resolves.toBeDefined();
  });

  it('rests after many failures in a row, then lets one attempt through', async () => {
    let now = 0;
    const limiter = createRateLimiter(
      { buckets: { default: { requests: 100, perMs: 1000 } }, maxConcurrent: 4 },
      () => now,
    );
    for (let count = 0; count < CIRCUIT_FAILURES; count += 1) limiter.report('failed');
    const resting = await failureOf(limiter.acquire('default', never));
    expect(resting).toBeInstanceOf(ConnectorError);
    expect(resting.failureClass).toBe('server_error');
    expect(resting.retryAfterMs).toBe(CIRCUIT_OPEN_MS);
    now += CIRCUIT_OPEN_MS;
    const trial = await limiter.acquire('default', never);
    await expect(failureOf(limiter.acquire('default', never))).resolves.toMatchObject({ failureClass: 'server_error' });
    limiter.report('answered');
    trial.release();
    await expect(limiter.acquire('default', never)).resolves.toBeDefined();
  });
});
