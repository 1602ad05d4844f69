import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { lockProfile } from './file-lock.ts';

const LOCKS = fileURLToPath(new URL('./file-lock.ts', import.meta.url));
/** Takes the profile, says whether it has it, and stays until it is killed. */
const CHILD = `
import { lockProfile } from '${LOCKS}';
try {
  lockProfile(process.argv[2], 2_000);
  process.stdout.write('mine');
  setInterval(() => undefined, 60_000);
} catch (error) {
  process.stdout.write(error.code);
}
`;
let folder: string;
let children: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pb-lock-'));
  writeFileSync(join(folder, 'child.mts'), CHILD);
});
afterEach(async () => {
  await Promise.all(children.map(kill));
  children = [];
  rmSync(folder, { recursive: true, force: true });
});

/** @returns what it says of the lock */
async function start(): Promise<string> {
  const child = spawn(process.execPath, [join(folder, 'child.mts'), folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const [said] = await once(child.stdout, 'data');
  return String(said);
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const end = once(child, 'exit');
  child.kill('SIGKILL');
  await end;
}

it('of several processes at once exactly one has the profile', async () => {
  const said = await Promise.all(Array.from({ length: 6 }, start));
  expect(said.sort()).toEqual(['mine', ...Array.from({ length: 5 }, () => 'profile_in_use')]);
});

it('a profile is taken until its process ends, also by a kill', async () => {
  expect(await start()).toBe('mine');
  expect(() => lockProfile(folder, 0)).toThrow(expect.objectContaining({ code: 'profile_in_use' }));
  await Promise.all(children.map(kill));
  lockProfile(folder).release();
  expect(await start()).toBe('mine');
});

it('a lock with text in it is no lock', () => {
  writeFileSync(join(folder, 'profile.lock'), 'x'.repeat(5000));
  lockProfile(folder).release();
});
