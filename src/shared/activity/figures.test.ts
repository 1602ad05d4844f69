import { describe, expect, it } from 'vitest';
import { NO_COUNTS } from './activity.ts';
import { activeMs, changedRows, durationMs, endOf } from './figures.ts';

const START = '2026-03-29T00:59:00.000Z';
const startMs = Date.parse(START);
const later = (ms: number): string => new Date(startMs + ms).toISOString();

describe('the figures of a run', () => {
  it('call changed what is new, updated or gone', () => {
    expect(changedRows({ ...NO_COUNTS, read: 400, inserted: 320, updated: 5, gone: 2, unchanged: 75 })).toBe(327);
  });

  it.each([
    ['ran through', { startedAt: START, endedAt: later(90_000), durationMs: 89_500 }, 90_000, null],
    ['waited for a worker to start', { startedAt: START, endedAt: later(9_000), durationMs: 5_000 }, 9_000, 5_000],
    [
      'was interrupted for a night',
      { startedAt: START, endedAt: later(36_000_000), durationMs: 60_000 },
      36_000_000,
      60_000,
    ],
    ['is under way', { startedAt: START, endedAt: null, durationMs: 4_900 }, 5_000, null],
    ['runs while the clock was set back', { startedAt: START, endedAt: null, durationMs: 70_000 }, 70_000, null],
  ])('a run that %s has a duration from its start to its end', (_what, run, duration, active) => {
    expect(durationMs(run, startMs + 5_000)).toBe(duration);
    expect(activeMs(run, startMs + 5_000)).toBe(active);
  });

  it('end a run behind its start and its work, also when the clock was set back by an hour meanwhile', () => {
    const run = { startedAt: START, durationMs: 70_000 };
    expect(endOf(run, later(75_000))).toBe(later(75_000));
    const endedAt = endOf(run, later(-3_600_000));
    expect(endedAt).toBe(later(70_000));
    expect(durationMs({ ...run, endedAt }, startMs)).toBe(70_000);
  });
});
