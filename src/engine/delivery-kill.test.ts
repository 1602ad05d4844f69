// The headless program, killed while rows are on their way to a destination that goes on living.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { practiceById, type RunningPractice } from '../../connectors/practice/catalog.ts';
import { type BuiltEngine, buildEngine } from '../../test/support/built-engine.ts';
import { aRecord, TestSource } from './testing/bench.ts';

const KILLS = Number(process.env.PATCHBAY_DELIVERY_KILLS ?? 10);
const KEY = 'SFDC_Account_ID__gc';
let built: BuiltEngine;
let source: TestSource;
let practice: RunningPractice;
let profile: string;
let baseUrl: string;

beforeAll(async () => {
  built = await buildEngine(['headless', 'network-thread']);
  source = new TestSource();
  baseUrl = await source.start();
  practice = await practiceById('gainsight-api').start({ port: 0, records: 0, latencyMs: 15 });
  profile = mkdtempSync(join(tmpdir(), 'pb-delivery-kill-'));
}, 120_000);
afterAll(async () => {
  await practice.close();
  await source.stop();
  built.remove();
  rmSync(profile, { recursive: true, force: true });
});

const arrived = (): unknown[][] => practice.records('Company').map((row) => [row[KEY], row.Name]);

/** @param killAt number of arrived rows behind which it is killed, at a random moment; null to let it end */
function sync(killAt: number | null): Promise<number | null> {
  const args = ['sync', '--connector', 'salesforce', '--base-url', baseUrl, '--token', 'T', '--object', 'Account'];
  const to = ['--destination-connector', 'gainsight-api', '--destination-url', practice.baseUrl];
  const object = ['--destination-token', practice.samples.token ?? '', '--destination-object', 'Company'];
  const columns = ['--fields', `${KEY},Name`, '--key', KEY, '--destination-keys', KEY];
  const all = [...args, '--profile', profile, ...to, ...object, ...columns];
  const child = spawn(process.execPath, [built.headless, ...all], { stdio: 'ignore' });
  const watch = setInterval(() => {
    if (killAt === null || arrived().length < killAt) return;
    clearInterval(watch);
    setTimeout(() => child.kill('SIGKILL'), Math.random() * 40);
  }, 1);
  return new Promise((resolve) => {
    child.once('exit', (code) => {
      clearInterval(watch);
      resolve(code);
    });
  });
}

it(`loses and doubles no row at the destination, killed ${KILLS} times`, async () => {
  for (let index = 0; index < KILLS * 300; index += 1) source.put(aRecord(index, { [KEY]: aRecord(index).Id }));
  let kills = 0;
  for (let tries = 0; tries < KILLS; tries += 1) {
    if ((await sync(arrived().length + 1 + Math.floor(Math.random() * 300))) === null) kills += 1;
    expect(new Set(arrived().map(([id]) => id)).size).toBe(arrived().length);
  }
  expect(kills).toBeGreaterThan(KILLS / 2);
  expect(await sync(null)).toBe(0);
  expect(arrived().sort()).toEqual([...source.records.values()].map(({ Id, Name }) => [Id, Name]).sort());
}, 120_000);
