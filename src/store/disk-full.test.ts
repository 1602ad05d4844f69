import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../shared/errors.ts';
import { openProfile } from './profile.ts';
import { Store } from './store.ts';
import { aConnection, anUpdate, aTenant } from './testing/records.ts';

let folder: string;

/** Why there is no small disk here, or null when there is one. */
function mountSmallDisk(): string | null {
  if (process.platform !== 'linux') return 'a small tmpfs needs Linux';
  if (process.getuid?.() !== 0) return 'mounting a small tmpfs needs root';
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', folder], { stdio: 'pipe' });
    return null;
  } catch (error) {
    return `a tmpfs could not be mounted here: ${String(error).split('\n').at(-1)}`;
  }
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pb-full-'));
});

afterEach(() => {
  try {
    execFileSync('umount', [folder], { stdio: 'pipe' });
  } catch (error) {
    // It was not mounted: the test was skipped.
    expect(error).toBeInstanceOf(Error);
  }
  rmSync(folder, { recursive: true, force: true });
});

describe('a full disk', () => {
  it('met 50 times is said each time, damages nothing, and is over when there is space again', {
    timeout: 120_000,
  }, async (context) => {
    const reason = mountSmallDisk();
    if (reason !== null) {
      console.warn(`Skipped: ${reason}`);
      return context.skip(reason);
    }
    const store = await Store.open({
      version: '1',
      profile: openProfile(join(folder, 'profile')),
      onNotice: () => undefined,
      log: () => undefined,
    });
    const tenant = aTenant();
    store.change(() => store.tenants.insert(tenant), null);
    const saved = new Set<string>();
    for (let round = 0; round < 50; round += 1) {
      const filler = join(folder, 'filler');
      fillUp(filler, (round * 7_919) % 120_000);
      let failure: unknown = null;
      for (let n = 0; failure === null && n < 2_000; n += 1) {
        const connection = aConnection(tenant.id, { name: `${round}/${n}`, fields: { filler: 'x'.repeat(2_000) } });
        try {
          store.change(() => store.connections.insert(connection), anUpdate(connection, 'Connection created'));
          saved.add(connection.id);
        } catch (error) {
          failure = error;
        }
      }
      expect(failure).toBeInstanceOf(AppError);
      expect(failure).toMatchObject({ code: 'disk_full', message: expect.stringContaining('The disk is full') });
      // Reading goes on while nothing can be written.
      expect(new Set(store.connections.list(tenant.id).map(({ id }) => id))).toEqual(saved);
      rmSync(filler);
      const [gone] = store.connections.list(tenant.id);
      for (const one of store.connections.list(tenant.id))
        if (one !== gone) store.change(() => store.connections.remove(one.id), null);
      saved.clear();
      if (gone) saved.add(gone.id);
    }
    const after = aConnection(tenant.id, { name: 'after' });
    store.change(() => store.connections.insert(after), anUpdate(after, 'Connection created'));
    await store.close();
    const again = await Store.open({
      version: '1',
      profile: openProfile(join(folder, 'profile')),
      onNotice: (notice) => expect(notice).toBeNull(),
      log: () => undefined,
    });
    expect(new Set(again.connections.list(tenant.id).map(({ id }) => id))).toEqual(new Set([...saved, after.id]));
    await again.close();
  });
});

/** Leaves only so many bytes free. */
function fillUp(path: string, free: number): void {
  let size = 8 * 1024 * 1024;
  while (size > 4_096) {
    try {
      writeFileSync(path, Buffer.alloc(size), { flag: 'a' });
    } catch (error) {
      expect(error).toMatchObject({ code: 'ENOSPC' });
      size = Math.floor(size / 2);
    }
  }
  const truncated = execFileSync('stat', ['-c', '%s', path], { encoding: 'utf8' });
  execFileSync('truncate', ['-s', String(Math.max(0, Number(truncated) - free)), path]);
}
