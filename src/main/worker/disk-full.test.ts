// Row 45 of the threat table: small disks that fill up at random points of a run.
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { random } from '../store/damage-testing.ts';
import { checkpoint } from '../store/database.ts';
import { aJob, aRecord, connectionFacts, expectedRows, TestBench, TestSource } from './testing.ts';

/** Disks at a time, because each fill lasts as long as a run waits before it tries again. */
const DISKS = 10;
const FILLS_EACH = 5;
const PAGES = 12;
const PAGE_RECORDS = 50;
const folder = mkdtempSync(join(tmpdir(), 'pb-full-'));
const mounted: string[] = [];

/** A disk of its own needs the right to mount one. */
function canMount(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  try {
    for (let n = 0; n < DISKS; n += 1) {
      const disk = join(folder, String(n));
      mkdirSync(disk);
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', disk], { stdio: 'ignore' });
      mounted.push(disk);
    }
    return true;
  } catch (error) {
    if (error instanceof Error) return false;
    throw error;
  }
}

const isMounted = canMount();
if (!isMounted) process.stderr.write('Left out: full disks. Only root on Linux may mount the small disks for them.\n');

afterAll(() => {
  // Lazily: a failed test may have left the cache open.
  for (const disk of mounted) execFileSync('umount', ['-l', disk]);
  rmSync(folder, { recursive: true, force: true });
});

/** Takes what is left of a disk, to the last block. */
function fill(filler: string): void {
  const handle = openSync(filler, 'w');
  try {
    for (const block of [Buffer.alloc(65_536), Buffer.alloc(4_096), Buffer.alloc(1)]) {
      try {
        for (;;) writeSync(handle, block);
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
      }
    }
  } finally {
    closeSync(handle);
  }
}

async function fillRepeatedly(disk: string, next: () => number): Promise<number> {
  const source = new TestSource();
  const facts = connectionFacts('salesforce', await source.start());
  source.pageSize = PAGE_RECORDS;
  const profile = join(disk, 'profile');
  mkdirSync(profile);
  const bench = await TestBench.open(profile);
  const job = aJob();
  const filler = join(disk, 'filler');
  for (let round = 0; round < FILLS_EACH; round += 1) {
    const text = `${round} ${'x'.repeat(900)}`;
    for (let index = 0; index < PAGES * PAGE_RECORDS; index += 1)
      source.put(aRecord(index, { Name: `${text} ${index}` }));
    const at = source.pages.length + 1 + Math.floor(next() * (PAGES - 2));
    let filledAt = Number.POSITIVE_INFINITY;
    source.onPage = (count) => {
      if (count !== at) return;
      fill(filler);
      filledAt = performance.now();
    };
    const before = bench.messages.length;
    const { finished } = bench.start(job, facts);
    const isWaiting = () =>
      bench.messages
        .slice(before)
        .some((message) => message.type === 'progress' && message.waitingFor === 'space on the disk');
    await expect.poll(isWaiting, { timeout: 10_000, interval: 10 }).toBe(true);
    expect(performance.now() - filledAt).toBeLessThan(5_000);
    const said = () => bench.log().filter((line) => line.startsWith('The disk is full.')).length;
    await expect.poll(said, { interval: 10 }).toBe(round + 1);
    expect(bench.db.pragma('integrity_check', { simple: true })).toBe('ok');
    rmSync(filler);
    expect(await finished).toMatchObject({ status: 'success', counts: { read: PAGES * PAGE_RECORDS } });
    expect(bench.rows(job)).toEqual(expectedRows(source));
    checkpoint(bench.db, 'truncate');
  }
  await bench.close();
  await source.stop();
  return FILLS_EACH;
}

describe.runIf(isMounted)('a full disk', () => {
  it('makes the run wait, says so within five seconds, and lets it end exactly, at 50 random points', async () => {
    const fills = await Promise.all(mounted.map((disk, n) => fillRepeatedly(disk, random(n + 1))));
    expect(fills.reduce((sum, count) => sum + count)).toBe(DISKS * FILLS_EACH);
  }, 60_000);
});
