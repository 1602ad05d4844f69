// npm run bench -- [--only P1,P10] [--records N] [--rounds N]: the figures of docs/performance.md, of the engine against the floors and
// of the window against a bare one, in interleaved rounds of one run. Prints a table, and leaves the same as JSON in .bench/.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { parts } from './parts.mjs';

const { values } = parseArgs({
  options: { only: { type: 'string' }, records: { type: 'string' }, rounds: { type: 'string' } },
});
const wanted = values.only?.split(',').map((name) => name.trim().toUpperCase());
const unknown = wanted?.filter((name) => !(name in parts));
if (unknown?.length > 0) {
  console.error(`There is no part ${unknown.join(', ')}. Parts: ${Object.keys(parts).join(', ')}`);
  process.exit(2);
}
const options = { records: values.records && Number(values.records), rounds: values.rounds && Number(values.rounds) };
const results = [];
for (const [name, part] of Object.entries(parts)) {
  if (wanted && !wanted.includes(name)) continue;
  process.stderr.write(`${name} ...\n`);
  const figures = await part(options);
  for (const figure of figures) {
    results.push({ goal: name, ...figure });
    console.log(line({ goal: name, ...figure }));
  }
}

const folder = path.resolve(import.meta.dirname, '..', '..', '.bench');
fs.mkdirSync(folder, { recursive: true });
const report = {
  at: new Date().toISOString(),
  node: process.version,
  cpu: `${os.cpus()[0]?.model} x ${os.cpus().length}`,
  load: os.loadavg()[0],
  results,
};
fs.writeFileSync(
  path.join(folder, `engine-${report.at.replaceAll(':', '-')}.json`),
  `${JSON.stringify(report, null, 2)}\n`,
);
fs.writeFileSync(path.join(folder, 'engine-latest.json'), `${JSON.stringify(report, null, 2)}\n`);
const missed = results.filter(({ ok }) => ok === false);
console.log(
  missed.length === 0
    ? 'Every bar is met.'
    : `Below the bar: ${missed.map(({ goal, what }) => `${goal} (${what})`).join(', ')}.`,
);
process.exit(missed.length === 0 ? 0 : 1);

function line({ goal, what, value, bar, ok, rounds }) {
  const mark = ok === undefined ? ' ' : ok ? '+' : '-';
  const spread = rounds === undefined ? '' : `  [${rounds.map((round) => format(round)).join(' ')}]`;
  return `${mark} ${goal.padEnd(3)} ${what.padEnd(58)} ${String(format(value)).padStart(10)}  ${(bar ?? '').padEnd(12)}${spread}`;
}

function format(value) {
  if (typeof value !== 'number') return value;
  return Math.abs(value) >= 1000 ? Math.round(value).toLocaleString('en') : Number(value.toFixed(3));
}
