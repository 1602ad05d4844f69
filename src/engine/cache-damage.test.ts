// Row 43 of the threat table for the file the worker writes: whatever happens to cache.db, the next run of a job ends with
// exactly its source's rows, and the file is sound again.
import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openDatabase } from '../store/database.ts';
import { isDamage } from '../store/database-errors.ts';
import { assertSound } from '../store/integrity.ts';
import { openProfile, type ProfilePaths } from '../store/profile.ts';
import { markSuspect } from '../store/startup-check.ts';
import { DAMAGES, random } from '../store/testing/damage.ts';
import type { ConnectionFacts } from './messages.ts';
import { aJob, aRecord, connectionFacts, expectedRows, TestBench, TestSource } from './testing/bench.ts';

/** Enough for several levels of pages. */
const RECORDS = 2_000;
const job = aJob();
let folder: string;
let source: TestSource;
let facts: ConnectionFacts;
let seeded: ProfilePaths;
let foreign: ProfilePaths;

async function seed(name: string): Promise<ProfilePaths> {
  const bench = await TestBench.open(join(folder, name));
  await bench.run(job, facts);
  await bench.close();
  return openProfile(join(folder, name));
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pb-cache-damage-'));
  source = new TestSource();
  source.pageSize = 500;
  facts = connectionFacts('salesforce', await source.start());
  source.put(...Array.from({ length: RECORDS }, (_, index) => aRecord(index)));
  for (const name of ['seeded', 'foreign']) openProfile(join(folder, name));
  seeded = await seed('seeded');
  foreign = await seed('foreign');
  const other = openDatabase(join(folder, 'other.db'), 'vault');
  other.exec('CREATE TABLE t (x TEXT) STRICT');
  other.close();
});

afterAll(async () => {
  await source.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A worker after another, as main starts them, until one has ended the run. */
async function runToEnd(root: string): Promise<{ bench: TestBench; workers: number }> {
  for (let workers = 1; ; workers += 1) {
    const bench = await TestBench.open(root);
    const { finished } = bench.start(job, facts);
    const isDamaged = () => bench.messages.some(({ type }) => type === 'damaged');
    const end = await Promise.race([
      finished,
      expect
        .poll(isDamaged, { timeout: 60_000, interval: 5 })
        .toBe(true)
        .then(() => null),
    ]);
    if (end !== null) {
      expect(end).toMatchObject({ status: 'success', failure: null });
      return { bench, workers };
    }
    await bench.close();
  }
}

/** What the weekly check would find. */
function isSound({ db }: TestBench): boolean {
  try {
    return assertSound(db, Number.POSITIVE_INFINITY);
  } catch (error) {
    if (isDamage(error)) return false;
    throw error;
  }
}

it.each(DAMAGES.map((damage, place) => [damage[0], damage, place] as const))(
  'cache.db with %s is repaired, and the rows are those of the source',
  async (_name, [, damage], place) => {
    const { root, data, quarantine } = openProfile(mkdtempSync(join(folder, 'damaged-')));
    const path = join(data, 'cache.db');
    copyFileSync(join(seeded.data, 'cache.db'), path);
    damage({
      path,
      file: 'cache',
      next: random(place * 31 + 5),
      foreign: join(foreign.data, 'cache.db'),
      otherKind: join(folder, 'other.db'),
      change: [`"rows_${job.id}"`, 'Size = Size + 1'],
    });
    let { bench, workers } = await runToEnd(root);
    expect(workers).toBeLessThanOrEqual(2);
    if (!isSound(bench)) {
      // A key whose bits flipped is not seen by a run: its index is sound. The weekly check sees it.
      await bench.close();
      markSuspect(openProfile(root), 'cache');
      ({ bench, workers } = await runToEnd(root));
      expect(workers).toBe(1);
    }
    expect(bench.rows(job)).toEqual(expectedRows(source));
    expect(isSound(bench)).toBe(true);
    if (workers > 1) expect(bench.notices).toHaveLength(1);
    // An index alone is built again in its place; whatever else was damaged is still there.
    const isRebuilt = bench.notices.some((text) => text.includes('was built again'));
    if (workers > 1 && !isRebuilt) expect(readdirSync(quarantine).length).toBeGreaterThan(0);
    await bench.close();
  },
);
