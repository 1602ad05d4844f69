// Row 45 of the threat table: small disks that fill up at random points of a run.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { mountSmallDisk, type SmallDisk } from '../../test/support/small-disk.ts';
import { checkpoint } from '../store/database.ts';
import { random } from '../store/testing/damage.ts';
import { aJob, aRecord, connectionFacts, expectedRows, TestBench, TestSource } from './testing/bench.ts';

/** Disks at a time, because each fill lasts as long as a run waits before it tries again. */
const DISKS = 10;
const FILLS_EACH = 5;
const PAGES = 12;
const PAGE_RECORDS = 50;
const disks: SmallDisk[] = [];
for (let n = 0; n < DISKS; n += 1) {
  const disk = mountSmallDisk(8);
  if (disk === null) break;
  disks.push(disk);
}

afterAll(() => {
  for (const disk of disks) disk.remove();
});

async function fillRepeatedly(disk: SmallDisk, next: () => number): Promise<number> {
  const source = new TestSource();
  const facts = connectionFacts('salesforce', await source.start());
  source.pageSize = PAGE_RECORDS;
  const profile = join(disk.folder, 'profile');
  mkdirSync(profile);
  const bench = await TestBench.open(profile);
  const job = aJob();
  for (let round = 0; round < FILLS_EACH; round += 1) {
    const text = `${round} ${'x'.repeat(900)}`;
    for (let index = 0; index < PAGES * PAGE_RECORDS; index += 1)
      source.put(aRecord(index, { Name: `${text} ${index}` }));
    const at = source.pages.length + 1 + Math.floor(next() * (PAGES - 2));
    source.onPage = (count) => {
      if (count === at) disk.fill();
    };
    const before = bench.messages.length;
    const { finished } = bench.start(job, facts);
    const isWaiting = () =>
      bench.messages
        .slice(before)
        .some((message) => message.type === 'progress' && message.waitingFor === 'space on the disk');
    await expect.poll(isWaiting, { interval: 10 }).toBe(true);
    const said = () => bench.log().filter((line) => line.startsWith('The disk is full.')).length;
    await expect.poll(said, { interval: 10 }).toBe(round + 1);
    expect(bench.db.pragma('integrity_check', { simple: true })).toBe('ok');
    disk.free();
    expect(await finished).toMatchObject({ status: 'success', counts: { read: PAGES * PAGE_RECORDS } });
    expect(bench.rows(job)).toEqual(expectedRows(source));
    checkpoint(bench.db, 'truncate');
  }
  await bench.close();
  await source.stop();
  return FILLS_EACH;
}

describe.runIf(disks.length > 0)('a full disk', () => {
  it('makes the run wait, says so, and lets it end exactly, at 50 random points', async () => {
    const fills = await Promise.all(disks.map((disk, n) => fillRepeatedly(disk, random(n + 1))));
    expect(fills.reduce((sum, count) => sum + count)).toBe(DISKS * FILLS_EACH);
  }, 300_000);
});
