import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { previousOf, readFileAtomic, removeLeftovers, writeFileAtomic } from './atomic-file.ts';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pb-atomic-'));
  path = join(folder, 'settings.json');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const KILLS = Number(process.env.PATCHBAY_ATOMIC_KILLS ?? 80);
/** Children at a time, each with a file of its own. */
const LANES = 4;
const LENGTH = 200_000;

/** Writes one version after another until it is killed; each file is one digit repeated, so that a mixture is seen. */
const CHILD = `
import { writeFileAtomic } from '${fileURLToPath(new URL('./atomic-file.ts', import.meta.url))}';
process.stdout.write('ready');
for (let n = 0; ; n += 1) writeFileAtomic(process.argv[2], String(n % 10).repeat(${LENGTH}));
`;

function killAfter(child: string, path: string, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const running = spawn(process.execPath, [child, path], { stdio: ['ignore', 'pipe', 'inherit'] });
    running.stdout.once('data', () => setTimeout(() => running.kill('SIGKILL'), ms));
    running.once('exit', () => resolve());
  });
}

describe('an atomic file', () => {
  it(`killed at ${KILLS} points is always one version, complete`, { timeout: 300_000 }, async () => {
    const child = join(folder, 'child.mts');
    writeFileSync(child, CHILD);
    let whole = 0;
    const lane = async (name: string) => {
      const own = mkdtempSync(join(folder, name));
      const file = join(own, 'settings.json');
      writeFileAtomic(file, '0'.repeat(LENGTH));
      for (let n = 0; n < KILLS / LANES; n += 1) {
        await killAfter(child, file, (n * 7) % 50);
        const text = readFileSync(file, 'utf8');
        expect(text.length).toBe(LENGTH);
        expect(text).toBe(text.charAt(0).repeat(LENGTH));
        whole += 1;
      }
      removeLeftovers(own);
      expect(readdirSync(own).sort()).toEqual(['settings.json', 'settings.json.previous']);
    };
    await Promise.all(Array.from({ length: LANES }, (_, place) => lane(`lane-${place}-`)));
    expect(whole).toBe(KILLS);
  });

  it('keeps the content before, and gives it when the newer one is damaged', () => {
    expect(readFileAtomic(path, JSON.parse, () => undefined)).toBeNull();
    writeFileAtomic(path, '{"n":1}');
    expect(existsSync(previousOf(path))).toBe(false);
    writeFileAtomic(path, '{"n":2}');
    const damaged: string[] = [];
    const read = () =>
      readFileAtomic(
        path,
        (text) => JSON.parse(text) as unknown,
        (where) => damaged.push(where),
      );
    expect(read()).toEqual({ n: 2 });
    writeFileSync(path, '{"n":');
    expect(read()).toEqual({ n: 1 });
    expect(damaged).toEqual([path]);
    writeFileSync(previousOf(path), '');
    expect(read()).toBeNull();
  });

  it('is readable by its owner only, under umask 000 too', () => {
    const before = process.umask(0);
    try {
      writeFileAtomic(path, 'a');
      writeFileAtomic(path, new Uint8Array([1, 2, 3]));
      for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
    } finally {
      process.umask(before);
    }
  });

  it('leaves no temporary file when it cannot be put in place', () => {
    expect(() => writeFileAtomic(join(folder, 'nowhere', 'x.json'), 'a')).toThrow('ENOENT');
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('a file in a person’s own folder', () => {
  it('is replaced without leaving what it was before', () => {
    writeFileAtomic(path, 'old', 'drop');
    writeFileAtomic(path, 'new', 'drop');
    expect(readFileSync(path, 'utf8')).toBe('new');
    expect(readdirSync(folder)).toEqual(['settings.json']);
  });
});
