// A disk of its own that a test can fill to the last block.
import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

export interface SmallDisk {
  readonly folder: string;
  /** Takes what is left, until {@link free}. */
  fill(): void;
  free(): void;
  remove(): void;
}

/** Null, with the reason on stderr, where it cannot be mounted: that takes Linux and root. */
export function mountSmallDisk(megabytes: number): SmallDisk | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return without('only root on Linux may mount one');
  const folder = mkdtempSync(path.join(os.tmpdir(), 'patchbay-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=700`, 'tmpfs', folder], { stdio: 'ignore' });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    rmSync(folder, { recursive: true });
    return without('mounting one was refused');
  }
  const filler = path.join(folder, 'filler');
  return {
    folder,
    fill: () => fill(filler),
    free: () => rmSync(filler, { force: true }),
    remove() {
      // Lazily: a failed test may have left a file open.
      execFileSync('umount', ['-l', folder]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function without(why: string): null {
  process.stderr.write(`Tests of a full disk are left out: they need a small disk, and ${why}.\n`);
  return null;
}

function fill(filler: string): void {
  const handle = openSync(filler, 'w');
  try {
    for (const block of [Buffer.alloc(1_048_576), Buffer.alloc(4_096), Buffer.alloc(1)]) {
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
