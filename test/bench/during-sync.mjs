// What the open window does while a sync runs in the same app (P10, and the second half of P8, of docs/performance.md).
import { timeOf } from './calls.mjs';
import { withConnectedApp } from './connected-app.mjs';
import { at, atLeast, atMost, median, seen } from './figures.mjs';
import { memoryOf, pause } from './open-window.mjs';
import { listenToKeys, scroll, typeWord, WORDS } from './person.mjs';
import { newProfile, removeProfile, runHeadless, withServer } from './processes.mjs';
import { start } from './window.mjs';

const LARGE = 1_000_000;
/** Until what a start leaves behind has been given back. */
const SETTLED_MS = 4_000;
const LOOK_EVERY_MS = 500;
const SCROLL_MS = 1_000;
const CALLS_A_TURN = 5;
const DELAY_RESOLUTION_MS = 10;
const ASKED = { 'app.state': {}, 'activity.executions': { offset: 0, limit: 50, search: '' } };

/** The peak of all processes while a sync runs and nobody does anything, against a bare window. */
export async function memoryDuringSync({ records = LARGE, rounds = 2 }) {
  return withServer({ records }, async ({ url }) => {
    const peaks = [];
    const bare = [];
    const rates = [];
    for (let round = 0; round < rounds; round += 1) {
      bare.push((await withProfile((profile) => start(profile, true))).memory);
      const { peak, rps } = await withConnectedApp({ url }, async ({ window, sync }) => {
        await pause(SETTLED_MS);
        return peakDuring(window, sync());
      });
      peaks.push(peak);
      rates.push(rps);
    }
    return [
      atMost('peak memory during a sync, all processes, / bare window', ratios(peaks, bare), 2.6),
      seen(
        '  MB at the peak',
        peaks.map((bytes) => bytes / 1e6),
      ),
      seen('  records a second of that sync', rates),
    ];
  });
}

async function peakDuring(window, syncing) {
  let isOver = false;
  const over = syncing.finally(() => {
    isOver = true;
  });
  let peak = 0;
  while (!isOver) {
    peak = Math.max(peak, memoryOf(window.pid));
    await Promise.race([over, pause(LOOK_EVERY_MS)]);
  }
  return { peak, ...(await over) };
}

/** Somebody types, scrolls and asks; first with nothing else going on, then in the same app while it syncs. */
export async function P10({ records = LARGE, rounds = 3 }) {
  return withServer({ records }, async ({ url }) => {
    const idle = [];
    const during = [];
    const headless = [];
    for (let round = 0; round < rounds; round += 1) {
      headless.push((await withProfile((profile) => runHeadless(url, profile))).rps);
      await withConnectedApp({ url, withMain: true }, async ({ window, sync }) => {
        await pause(SETTLED_MS);
        await listenToKeys(window);
        idle.push(await watched(window, (person) => person.act()));
        during.push(await watched(window, (person) => whileSyncing(sync, person.act)));
      });
    }
    return figuresOf(idle, during, headless);
  });
}

/** What a person sees of the window, and how late main's event loop is, during `work`. */
async function watched(window, work) {
  const person = personAt(window);
  await window.main.evaluate(`
    globalThis.delays ??= require('node:perf_hooks').monitorEventLoopDelay({ resolution: ${DELAY_RESOLUTION_MS} });
    delays.reset();
    delays.enable();`);
  const rps = await work(person);
  // A timer of the resolution's length is what it measures by: the delay is what came on top.
  const between = await window.main.evaluate('delays.percentile(99) / 1e6');
  const { keys, frames, answers } = person;
  return { rps, answers, key: at(keys, 0.95), frame: at(frames, 0.95), delay: between - DELAY_RESOLUTION_MS };
}

function personAt(window) {
  const keys = [];
  const frames = [];
  const answers = Object.fromEntries(Object.keys(ASKED).map((name) => [name, []]));
  return {
    keys,
    frames,
    answers,
    async act() {
      for (const word of WORDS) {
        keys.push(...(await typeWord(window, word)));
        frames.push(...(await scroll(window, SCROLL_MS)));
        for (const [name, input] of Object.entries(ASKED))
          for (let turn = 0; turn < CALLS_A_TURN; turn += 1) answers[name].push(await timeOf(window, name, input));
      }
    },
  };
}

/**
 * One sync after the other while somebody acts, until at least one has ended. The last is broken off when the app is closed.
 * @returns records a second
 */
async function whileSyncing(sync, act) {
  const runs = [];
  const syncing = async () => {
    for (;;) runs.push(await sync());
  };
  const acting = async () => {
    do await act();
    while (runs.length === 0);
  };
  await Promise.race([acting(), syncing()]);
  return median(runs.map(({ rps }) => rps));
}

function figuresOf(idle, during, headless) {
  const of = (rounds, name) => rounds.map((round) => round[name]);
  const answered = (rounds, name, share) => rounds.map(({ answers }) => at(answers[name], share));
  return [
    atMost('keystroke to painted rows during a sync, p95, / idle', ratios(of(during, 'key'), of(idle, 'key')), 1.3),
    atMost('frame while scrolling during a sync, p95, / idle', ratios(of(during, 'frame'), of(idle, 'frame')), 1.5),
    atMost('delay of main’s event loop during a sync, p99, ms', of(during, 'delay'), 20),
    atLeast('rate of that sync / the headless program', ratios(of(during, 'rps'), headless), 0.8),
    seen('  records a second of that sync', of(during, 'rps')),
    seen('  records a second, headless', headless),
    seen('  ms of a keystroke, p95, during', of(during, 'key')),
    seen('  ms of a keystroke, p95, idle', of(idle, 'key')),
    seen('  ms of a frame, p95, during', of(during, 'frame')),
    seen('  ms of a frame, p95, idle', of(idle, 'frame')),
    seen('  ms of main’s delay, p99, idle', of(idle, 'delay')),
    ...Object.keys(ASKED).flatMap((name) => [
      seen(`  ms of ${name}, median, during`, answered(during, name, 0.5)),
      seen(`  ms of ${name}, median, idle`, answered(idle, name, 0.5)),
      seen(`  ms of ${name}, p95, during`, answered(during, name, 0.95)),
      seen(`  ms of ${name}, p95, idle`, answered(idle, name, 0.95)),
    ]),
  ];
}

const ratios = (above, below) => above.map((value, place) => value / below[place]);

async function withProfile(work) {
  const profile = newProfile();
  try {
    return await work(profile);
  } finally {
    removeProfile(profile);
  }
}
