// What is measured, by the names of the goals. Each part gives figures {what, value, bar, ok, rounds}.
import path from 'node:path';
import Database from 'better-sqlite3';
import { memoryDuringSync, P10 } from './during-sync.mjs';
import { atLeast, atMost, seen } from './figures.mjs';
import { deliverTo, newProfile, removeProfile, runFloor, runHeadless, withServer } from './processes.mjs';
import { memoryWhenOpen, P7, P9 } from './window.mjs';

const LARGE = 1_000_000;

async function fresh(url, more = []) {
  const profile = newProfile();
  const result = await runHeadless(url, profile, more);
  removeProfile(profile);
  return result;
}

/** One round after the other, the contestants in turn: what else the machine does meets all of them. */
async function rounds(count, contestants) {
  const results = Object.fromEntries(Object.keys(contestants).map((name) => [name, []]));
  for (let round = 0; round < count; round += 1)
    for (const [name, start] of Object.entries(contestants)) results[name].push(await start());
  return results;
}

const ratios = (above, below, figure) => above.map((result, at) => result[figure] / below[at][figure]);
const of = (results, figure) => results.map((result) => result[figure]);

async function throughput(records, count) {
  return withServer({ records }, async ({ url }) => {
    const label = records.toLocaleString('en');
    const { floor, worker, ours } = await rounds(count, {
      floor: () => runFloor(url),
      worker: () => runFloor(url, { kind: 'floor-worker' }),
      ours: () => fresh(url),
    });
    return {
      P1: [
        atLeast(`rate against the floor, ${label} records`, ratios(ours, floor, 'rps'), 0.85),
        seen(`rate against the worker floor, ${label} records`, ratios(ours, worker, 'rps')),
        seen('records a second', of(ours, 'rps')),
        seen('records a second, floor', of(floor, 'rps')),
      ],
      P4: [
        atMost(`processor time a record against the floor, ${label}`, ratios(ours, floor, 'cpu_us_rec'), 1.3),
        seen('microseconds a record', of(ours, 'cpu_us_rec')),
      ],
    };
  });
}

async function P1({ records, rounds: count }) {
  const sizes = records ? [records] : [200_000, LARGE];
  const figures = [];
  for (const size of sizes) {
    const { P1: rate, P4: processor } = await throughput(size, count ?? (size > 500_000 ? 3 : 5));
    figures.push(...rate, ...processor.map((figure) => ({ ...figure, what: `P4: ${figure.what}` })));
  }
  return figures;
}

async function P2({ records = 100_000, rounds: count = 5 }) {
  return withServer({ records }, async ({ url, ask }) => {
    const at = (latencyMs, start) => async () => {
      await ask('set', { latencyMs });
      return start();
    };
    const { floor, slow, fast } = await rounds(count, {
      floor: at(5, () => runFloor(url)),
      slow: at(5, () => fresh(url)),
      fast: at(0, () => fresh(url)),
    });
    return [
      atLeast('5 ms a request: rate against the one-thread floor', ratios(slow, floor, 'rps'), 1.5),
      seen('5 ms a request: rate against its own without', ratios(slow, fast, 'rps')),
    ];
  });
}

async function P3({ records = LARGE, rounds: count = 2 }) {
  return withServer({ records }, async ({ url, ask }) => {
    const of100 = (start) => async () => {
      await ask('set', { records: 100_000 });
      const result = await start();
      await ask('set', { records });
      return result;
    };
    const { small, large, worker } = await rounds(count, {
      small: of100(() => fresh(url)),
      large: () => fresh(url),
      worker: () => runFloor(url, { kind: 'floor-worker' }),
    });
    return [
      atMost('peak memory at 1,000,000 against that at 100,000', ratios(large, small, 'peak_rss_mb'), 1.15),
      atMost('peak memory against the worker floor', ratios(large, worker, 'peak_rss_mb'), 1.3),
      seen('MB at 100,000', of(small, 'peak_rss_mb')),
      seen('MB at 1,000,000', of(large, 'peak_rss_mb')),
    ];
  });
}

async function P5({ records = 50_000, rounds: count = 3 }) {
  return withServer({ records }, async ({ url }) => {
    const { floor, ours } = await rounds(count, {
      floor: () => runFloor(url, { batch: 50 }),
      ours: () => fresh(url, deliverTo(url)),
    });
    return [
      atLeast('whole job with delivery, rate against the floor with it', ratios(ours, floor, 'rps'), 0.85),
      seen('records a second', of(ours, 'rps')),
    ];
  });
}

async function P6({ records = 200_000, rounds: count = 3 }) {
  return withServer({ records }, async ({ url, ask }) => {
    const first = [];
    const changed = [];
    const again = [];
    for (let round = 1; round <= count; round += 1) {
      const profile = newProfile();
      await ask('revise', { to: 0 });
      first.push(await runHeadless(url, profile));
      again.push(await runHeadless(url, profile));
      await ask('revise', { to: round });
      changed.push(await runHeadless(url, profile, ['--mode', 'incremental']));
      removeProfile(profile);
    }
    const written = again.map(({ inserted, updated, gone }) => inserted + updated + gone);
    return [
      atLeast('second sync, nothing changed: rate against the first', ratios(again, first, 'rps'), 1.4),
      atMost('second sync, nothing changed: rows written', written, 0),
      atMost('1 % changed, modified-since: time against the first', ratios(changed, first, 'seconds'), 0.03),
      seen('1 % changed: rows updated', of(changed, 'updated')),
    ];
  });
}

async function R1({ records = 400_000, rounds: count = 1 }) {
  return withServer({ records }, async ({ url, ask }) => {
    const rates = [];
    const refusals = [];
    for (let round = 0; round < count; round += 1) {
      await ask('reset');
      await ask('limit', { requests: 100, perMs: 10_000 });
      await fresh(url);
      const { pages, refused, seconds } = await ask('totals');
      // What the limit allows in that time: the windows are full except the last.
      const windows = Math.ceil(pages / 100);
      rates.push(((windows - 1) * 10 + ((pages - (windows - 1) * 100) / 100) * 10) / Math.max(seconds, 0.001));
      refusals.push(refused / windows);
    }
    return [
      atLeast(
        '100 requests in 10 s: share of the allowed rate',
        rates.map((rate) => Math.min(rate, 1)),
        0.97,
      ),
      atMost('refusals a window', refusals, 1),
    ];
  });
}

async function R2({ records = LARGE, rounds: count = 2 }) {
  return withServer({ records }, async ({ url, ask }) => {
    const twice = [];
    const cost = [];
    let different = 0;
    for (let round = 0; round < count; round += 1) {
      const whole = newProfile();
      const unbroken = await runHeadless(url, whole);
      const start = await runHeadless(url, whole, ['--mode', 'incremental']);
      await ask('reset');
      const profile = newProfile();
      const killAfterMs = unbroken.wallSeconds * 1000 * (0.25 + 0.5 * Math.random());
      const killed = await runHeadless(url, profile, [], { killAfterMs });
      const resumed = await runHeadless(url, profile);
      twice.push((await ask('totals')).twice);
      cost.push((killed.wallSeconds + resumed.wallSeconds) / (unbroken.wallSeconds + start.wallSeconds));
      different += differences(whole, profile);
      removeProfile(whole);
      removeProfile(profile);
    }
    return [
      atMost('kill -9, then resume: pages fetched twice', twice, 1),
      atMost('rows that differ from an unbroken run', [different], 0),
      atMost('time of both against an unbroken run and one start', cost, 1.02),
    ];
  });
}

/** Rows that are in one file and not, or not the same, in the other. */
function differences(left, right) {
  const file = (profile) => path.join(profile, 'data', 'cache.db');
  const db = new Database(file(left));
  db.prepare('ATTACH ? AS other').run(file(right));
  const table = db.prepare("SELECT name FROM main.sqlite_schema WHERE name LIKE 'rows_%'").pluck().get();
  const columns = db
    .pragma(`table_info("${table}")`)
    .map(({ name }) => `"${name}"`)
    .filter((name) => name !== '"_id"')
    .join(', ');
  const only = (a, b) =>
    db
      .prepare(
        `SELECT count(*) FROM (SELECT ${columns} FROM ${a}."${table}" EXCEPT SELECT ${columns} FROM ${b}."${table}")`,
      )
      .pluck()
      .get();
  const count = only('main', 'other') + only('other', 'main');
  db.close();
  return count;
}

async function P8(options) {
  return [...(await memoryWhenOpen(options)), ...(await memoryDuringSync(options))];
}

export const parts = { P1, P2, P3, P5, P6, P7, P8, P9, P10, R1, R2 };
