// The figures of the open window (P7, P8, P9 of docs/performance.md), each against a bare window of the same Electron in one run.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import { memoryOf, openWindow, pause } from './open-window.mjs';
import { seedProfile } from './seed.mjs';

const projectRoot = path.resolve(import.meta.dirname, '..', '..');
const CONNECTIONS = 10_000;
const ACTIVITIES = 1_000_000;
const ROUNDS = 7;
const WORDS = ['emea 00', 'usage files', 'user12', 'acme-77', 'nothing has this', 'zendesk prod'];

/** Kept between runs: making it takes minutes. */
async function profileOfMany() {
  const folder = path.join(projectRoot, '.bench', 'window-profile');
  await seedProfile(folder, {
    connections: CONNECTIONS,
    executions: ACTIVITIES,
    log: (text) => process.stderr.write(`  seeding: ${text}\n`),
  });
  return folder;
}

const sorted = (numbers) => [...numbers].sort((a, b) => a - b);
const at = (numbers, share) => sorted(numbers)[Math.min(numbers.length - 1, Math.floor(numbers.length * share))];
const median = (numbers) => at(numbers, 0.5);
const figure = (what, rounds, bar) => ({
  what,
  value: median(rounds),
  bar: `<= ${bar}`,
  ok: median(rounds) <= bar,
  rounds,
});
const seen = (what, rounds) => ({ what, value: median(rounds), rounds });

const SHOWN = "performance.getEntriesByName('list-shown')[0]?.startTime";
const ALL_HERE = 'document.querySelector(\'[data-list-state="whole"]\') !== null';

/** One start to the list, and the memory once all is there and still. */
async function start(profile, isBare) {
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

async function P7({ rounds = ROUNDS }) {
  const { ours, bare, ratio } = await startsOnce(rounds);
  return [
    figure('start to the list of 10,000, by the page’s clock, / bare window', ratio('pageMs'), 1.3),
    figure('the same seen from outside', ratio('outsideMs'), 1.5),
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

async function P8({ rounds = ROUNDS }) {
  const { ours, bare, ratio } = await startsOnce(rounds);
  const mega = (list) => list.map(({ memory }) => memory / 1e6);
  return [
    figure('memory of the open app, all processes, / bare window', ratio('memory'), 1.3),
    seen('  MB of the app', mega(ours)),
    seen('  MB of a bare window', mega(bare)),
  ];
}

/** Types as a person would, key by key, and asks when the rows for what was typed had been painted. */
const TYPING = `(async () => {
  const box = document.querySelector('input[data-page-search]');
  const list = document.querySelector('[data-list-state]');
  box.focus();
  window.__keys = [];
  box.addEventListener('input', (event) => {
    const wanted = box.value;
    const from = event.timeStamp;
    const look = () => {
      if (box.value !== wanted) return;
      if (list.dataset.shownFor !== wanted) return void requestAnimationFrame(look);
      requestAnimationFrame(() => {
        const channel = new MessageChannel();
        channel.port1.onmessage = () => window.__keys.push(performance.now() - from);
        channel.port2.postMessage(0);
      });
    };
    look();
  });
})()`;

async function typeWords(window) {
  const key = async (type, params) => window.send('Input.dispatchKeyEvent', { type, ...params });
  for (const word of WORDS) {
    for (const letter of word) {
      await key('keyDown', { text: letter, key: letter });
      await key('keyUp', { key: letter });
      await pause(110);
    }
    for (const _letter of word) {
      await key('keyDown', { key: 'Backspace', code: 'Backspace', windowsVirtualKeyCode: 8 });
      await key('keyUp', { key: 'Backspace', code: 'Backspace', windowsVirtualKeyCode: 8 });
      await pause(110);
    }
  }
  return window.evaluate('window.__keys');
}

async function P9() {
  const profile = await profileOfMany();
  const window = await openWindow({ profile });
  try {
    await window.until(ALL_HERE);
    await pause(2000);
    await window.evaluate(TYPING);
    const keys = await typeWords(window);
    const found = await searchActivities(window);
    const scans = likeScans(profile);
    return [
      { ...figure('keystroke to painted rows, 10,000 connections, p95 ms', [at(keys, 0.95)], 50), rounds: undefined },
      seen(`  the same, median of ${keys.length} keystrokes, ms`, [median(keys)]),
      figure(
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
  for (const search of [...SEARCHES, ...SEARCHES]) {
    const input = JSON.stringify(JSON.stringify({ offset: 0, limit: 50, search }));
    times.push(
      await window.evaluate(`(async () => {
        const from = performance.now();
        const answer = JSON.parse(await window.patchbay.calls.activity.executions(${input}));
        if (!answer.ok) throw new Error(answer.error.message);
        return performance.now() - from;
      })()`),
    );
  }
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

export const windowParts = { P7, P8, P9 };
