// The figures of the open window (P7, P8, P9 of docs/performance.md), each against a bare window of the same Electron in one run.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import { timeOf } from './calls.mjs';
import { at, atMost, median, seen } from './figures.mjs';
import { memoryOf, openWindow, pause } from './open-window.mjs';
import { ALL_HERE, listenToKeys, typeWord, WORDS } from './person.mjs';
import { profileOfMany } from './seed.mjs';

const ROUNDS = 7;
const SHOWN = "performance.getEntriesByName('list-shown')[0]?.startTime";

/** One start to the list, and the memory once all is there and still. */
export async function start(profile, isBare) {
  const window = await openWindow({ profile, isBare });
  try {
    const pageMs = await window.until(SHOWN);
    const originMs = await window.evaluate('performance.timeOrigin');
    if (!isBare) await window.until(ALL_HERE);
    const wholeMs = isBare ? pageMs : await window.evaluate("performance.getEntriesByName('list-whole')[0]?.startTime");
    await pause(3000);
    return { pageMs, outsideMs: originMs + pageMs - window.startedAt, wholeMs, memory: memoryOf(window.pid) };
  } finally {
    await window.close();
  }
}

async function startsAndMemory(rounds) {
  const profile = await profileOfMany();
  const bareProfile = fs.mkdtempSync(path.join(os.tmpdir(), 'pb-bare-'));
  const ours = [];
  const bare = [];
  // The first start of each fills caches of the disk and of the page's compiled scripts; it is not counted.
  for (let round = 0; round <= rounds; round += 1) {
    const one = await start(profile, false);
    const other = await start(bareProfile, true);
    if (round === 0) continue;
    ours.push(one);
    bare.push(other);
  }
  fs.rmSync(bareProfile, { recursive: true, force: true });
  const ratio = (name) => ours.map((one, place) => one[name] / bare[place][name]);
  return { ours, bare, ratio };
}

let measured;
/** Both come from the same starts. */
const startsOnce = (rounds) => (measured ??= startsAndMemory(rounds));

export async function P7({ rounds = ROUNDS }) {
  const { ours, bare, ratio } = await startsOnce(rounds);
  return [
    atMost('start to the list of 10,000, by the page’s clock, / bare window', ratio('pageMs'), 1.3),
    atMost('the same seen from outside', ratio('outsideMs'), 1.5),
    seen(
      '  ms to the list, page’s clock',
      ours.map(({ pageMs }) => pageMs),
    ),
    seen(
      '  ms to a bare window, page’s clock',
      bare.map(({ pageMs }) => pageMs),
    ),
    seen(
      '  ms until all 10,000 rows are there',
      ours.map(({ wholeMs }) => wholeMs),
    ),
  ];
}

export async function memoryWhenOpen({ rounds = ROUNDS }) {
  const { ours, bare, ratio } = await startsOnce(rounds);
  const mega = (list) => list.map(({ memory }) => memory / 1e6);
  return [
    atMost('memory of the open app, all processes, / bare window', ratio('memory'), 1.3),
    seen('  MB of the app', mega(ours)),
    seen('  MB of a bare window', mega(bare)),
  ];
}

export async function P9() {
  const profile = await profileOfMany();
  const window = await openWindow({ profile });
  try {
    await window.until(ALL_HERE);
    await pause(2000);
    await listenToKeys(window);
    const keys = [];
    for (const word of WORDS) keys.push(...(await typeWord(window, word)));
    const found = await searchActivities(window);
    const scans = likeScans(profile);
    return [
      { ...atMost('keystroke to painted rows, 10,000 connections, p95 ms', [at(keys, 0.95)], 50), rounds: undefined },
      seen(`  the same, median of ${keys.length} keystrokes, ms`, [median(keys)]),
      atMost(
        'search over 1,000,000 activities / a LIKE scan of them',
        found.map((ms) => ms / median(scans)),
        0.02,
      ),
      seen('  ms of a search, from the page', found),
      seen('  ms of the LIKE scan', scans),
    ];
  } finally {
    await window.close();
  }
}

const SEARCHES = ['emea 00123', 'nordics 09', 'sync 77', 'billing dach', 'zzz nothing', 'accou'];

async function searchActivities(window) {
  const times = [];
  for (const search of [...SEARCHES, ...SEARCHES])
    times.push(await timeOf(window, 'activity.executions', { offset: 0, limit: 50, search }));
  return times.slice(SEARCHES.length);
}

/** What a search would cost without an index of the names: every activity's names looked at. */
function likeScans(profile) {
  const db = new Database(path.join(profile, 'data', 'history.db'), { readonly: true });
  const scan = db.prepare(
    `SELECT count(*) FROM executions e JOIN subjects s ON s.id = e.subject_id
     WHERE s.connection_name LIKE @part OR s.job_name LIKE @part OR s.source_object LIKE @part`,
  );
  const times = SEARCHES.map((search) => {
    const from = performance.now();
    scan.get({ part: `%${search}%` });
    return performance.now() - from;
  });
  db.close();
  return times;
}
