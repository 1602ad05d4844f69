// The user's cache: downloaded and compiled things, each complete or absent, shared by all checkouts of the project.
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { say } from './log.mjs';
import { projectRoot } from './project.mjs';

let root;

/** XDG_CACHE_HOME or ~/.cache, and a folder of the checkout where neither can be written. */
export function cacheRoot() {
  root ??= firstWritable([
    path.join(process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache'), 'patchbay'),
    path.join(projectRoot, '.runtime'),
  ]);
  return root;
}

function firstWritable(folders) {
  for (const folder of folders) {
    try {
      fs.mkdirSync(folder, { recursive: true });
      fs.accessSync(folder, fs.constants.W_OK);
      return folder;
    } catch {
      // The next one.
    }
  }
  throw new Error(`None of these folders can be written: ${folders.join(', ')}`);
}

/**
 * The folder `name` of the cache, filled by `fill(temporaryFolder)` if it is not there. It appears by one rename, so that a
 * killed set-up leaves nothing half-done, and under a lock, so that two set-ups at once do the work once.
 */
export async function cachedFolder(name, fill) {
  const folder = path.join(cacheRoot(), name);
  if (fs.existsSync(folder)) return folder;
  return withLock(name, async () => {
    if (fs.existsSync(folder)) return folder;
    const temporary = path.join(cacheRoot(), 'tmp', randomUUID());
    fs.mkdirSync(temporary, { recursive: true });
    try {
      await fill(temporary);
      fs.mkdirSync(path.dirname(folder), { recursive: true });
      fs.renameSync(temporary, folder);
    } finally {
      fs.rmSync(temporary, { recursive: true, force: true });
    }
    return folder;
  });
}

export async function withLock(name, work) {
  const file = path.join(cacheRoot(), 'locks', `${name.replaceAll(/[^\w.-]/g, '_')}.lock`);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  let waited = false;
  while (!tryLock(file)) {
    if (!waited) say(`  waiting for another set-up (${name})`);
    waited = true;
    await sleep(500);
  }
  try {
    return await work();
  } finally {
    fs.rmSync(file, { force: true });
  }
}

/** The lock is a file that holds its owner's process id; a dead owner's lock is taken over. */
function tryLock(file) {
  try {
    fs.writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  if (!ownerIsAlive(file)) fs.rmSync(file, { force: true });
  return false;
}

function ownerIsAlive(file) {
  try {
    const pid = Number(fs.readFileSync(file, 'utf8'));
    // Between creation and writing the file is empty: someone is just taking the lock.
    if (!pid) return true;
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Small facts remembered between runs (a failed download, the hash of the installed packages). */
export function readNote(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

export function writeNote(file, value) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}.tmp`;
  fs.writeFileSync(temporary, JSON.stringify(value));
  fs.renameSync(temporary, file);
}
