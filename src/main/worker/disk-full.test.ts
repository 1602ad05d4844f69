import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { aJob, aRecord, connectionFacts, expectedRows, TestBench, TestSource } from './testing.ts';

const folder = mkdtempSync(join(tmpdir(), 'pb-full-'));

/** A disk of its own needs the right to mount one. */
function canMount(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=40m', 'tmpfs', folder], { stdio: 'ignore' });
    return true;
  } catch (error) {
    if (error instanceof Error) return false;
    throw error;
  }
}

const isMounted = canMount();

afterAll(() => {
  // Lazily: a failed test may have left the cache open.
  if (isMounted) execFileSync('umount', ['-l', folder]);
  rmSync(folder, { recursive: true, force: true });
});

describe.runIf(isMounted)('a full disk', () => {
  it('makes the run wait, says so within five seconds, and lets it end exactly once there is space', async () => {
    const source = new TestSource();
    const facts = connectionFacts('salesforce', await source.start());
    source.pageSize = 500;
    const text = 'x'.repeat(900);
    for (let index = 0; index < 12_000; index += 1) source.put(aRecord(index, { Name: `${text} ${index}` }));
    const profile = join(folder, 'profile');
    mkdirSync(profile);
    const bench = await TestBench.open(profile);
    for (const [round, freeMb] of [3, 7, 11].entries()) {
      const job = aJob();
      const filler = join(folder, 'filler');
      const used = Number(execFileSync('df', ['--output=used', '-k', folder]).toString().split('\n')[1]);
      writeFileSync(filler, Buffer.alloc((40_000 - used - freeMb * 1_000) * 1_024 * 0.97));
      const before = bench.messages.length;
      const { finished } = bench.start(job, facts);
      const isWaiting = () =>
        bench.messages
          .slice(before)
          .some((message) => message.type === 'progress' && message.waitingFor === 'space on the disk');
      await expect.poll(isWaiting, { timeout: 10_000 }).toBe(true);
      expect(bench.log().filter((line) => line.startsWith('The disk is full.')).length).toBe(round + 1);
      expect(bench.db.pragma('integrity_check', { simple: true })).toBe('ok');
      rmSync(filler);
      expect(await finished).toMatchObject({ status: 'success', counts: { inserted: 12_000 } });
      expect(bench.rows(job)).toEqual(expectedRows(source));
      await bench.engine.dropJob(job.id);
      bench.db.pragma('wal_checkpoint(TRUNCATE)');
      bench.db.exec('VACUUM');
    }
    await bench.close();
    await source.stop();
  }, 60_000);
});
