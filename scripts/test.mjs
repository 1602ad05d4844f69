// npm test [-- --only static|unit|e2e|packaging] [pattern ...]: everything, in order; a failure does not hide what follows.
// The last line is `N passed, N failed`, over all suites; each static check counts as one test.
import fs from 'node:fs';
import path from 'node:path';
import { ensureBuilt } from './lib/bundles.mjs';
import { ensureKeyringPrograms } from './lib/debian.mjs';
import { hasDisplay, startDisplay } from './lib/display.mjs';
import { runScript, SetupError, say } from './lib/log.mjs';
import { useProjectNode } from './lib/node-runtime.mjs';
import { readOptions } from './lib/options.mjs';
import { ensurePackages } from './lib/packages.mjs';
import { run, runForeground } from './lib/process.mjs';
import { inProject, projectRoot } from './lib/project.mjs';
import { setUpApp } from './lib/setup.mjs';

const parts = ['static', 'unit', 'e2e', 'packaging'];
/** Each app waits for pages, servers and processes: two leave a quarter of two cores idle. */
const APPS_AT_A_TIME = 3;
const results = [];
const tool = (...place) => inProject('node_modules', ...place);

await runScript(async () => {
  await useProjectNode();
  const { options, rest: patterns } = readOptions(process.argv.slice(2), { only: 'value' });
  if (options.only && !parts.includes(options.only)) {
    throw new SetupError(`There is no part "${options.only}".`, `npm test -- --only ${parts.join('|')}`);
  }
  // A pattern names test files: only the two suites that have many.
  const chosen = options.only ? [options.only] : patterns.length > 0 ? ['unit', 'e2e'] : parts;
  let displays = [];
  const startedAt = Date.now();
  try {
    let statics;
    await attempt('set-up', async () => {
      await ensurePackages();
      // Beside the rest of a first set-up, which compiles one large file on one core for a minute.
      if (chosen.includes('static')) statics = startStaticChecks();
      await setUpApp();
      await ensureKeyringPrograms();
      displays = hasDisplay() ? [] : await Promise.all(Array.from({ length: APPS_AT_A_TIME }, () => startDisplay()));
      Object.assign(process.env, displays[0]?.env);
    });
    if (chosen.includes('static')) reportChecks(await (statics ?? startStaticChecks()));
    if (chosen.includes('unit')) await runVitest('unit', 'vitest.config.ts', patterns);
    if (chosen.includes('e2e')) await runEndToEnd(patterns, displays);
    if (chosen.includes('packaging')) await runVitest('packaging', 'vitest.packaging.config.ts', patterns);
  } finally {
    for (const display of displays) display.stop();
  }
  return summary(startedAt);
});

/** One after the other, each with what it printed; nothing is shown yet. */
async function startStaticChecks() {
  const checks = [
    ['types', inProject('scripts', 'typecheck.mjs')],
    ['lint and format', tool('@biomejs', 'biome', 'bin', 'biome'), 'check', '--max-diagnostics=50'],
    [
      'imports',
      tool('dependency-cruiser', 'bin', 'dependency-cruiser.mjs'),
      ...['--config', 'dependency-rules.cjs', 'src', 'connectors', 'test', 'scripts', 'build'],
    ],
    ['unused code', tool('knip', 'bin', 'knip.js')],
  ];
  const ended = [];
  for (const [name, ...args] of checks) ended.push({ name, ...(await check(args)) });
  return ended;
}

async function check(args) {
  try {
    return { passed: true, output: await run(process.execPath, args, { cwd: projectRoot, capture: true }) };
  } catch ({ message, stdout = '', stderr = '' }) {
    return { passed: false, output: stdout + stderr || message };
  }
}

function reportChecks(checks) {
  for (const { name, passed, output } of checks) {
    title(name);
    process.stdout.write(output);
    results.push({ name, passed: passed ? 1 : 0, failed: passed ? 0 : 1 });
  }
}

async function runEndToEnd(patterns, displays) {
  process.env.E2E_DISPLAYS = JSON.stringify(displays.map(({ env }) => env));
  if (!(await attempt('build', () => ensureBuilt()))) return;
  await suite('end to end', 'e2e.json', [tool('@playwright', 'test', 'cli.js'), 'test', ...patterns], ({ stats }) => ({
    passed: stats.expected,
    failed: stats.unexpected + stats.flaky,
    skipped: stats.skipped,
  }));
}

function runVitest(name, configuration, patterns) {
  const args = [tool('vitest', 'vitest.mjs'), 'run', '--config', configuration, '--passWithNoTests', ...patterns];
  return suite(name, `${name}.json`, args, (report) => ({
    passed: report.numPassedTests,
    failed: report.numFailedTests,
    skipped: report.numPendingTests + report.numTodoTests,
  }));
}

// --- one step each --------------------------------------------------------------------------------------------------

/** A step of ours that is no test: counted only when it fails. */
async function attempt(name, work) {
  title(name);
  try {
    await work();
    return true;
  } catch (error) {
    say(error.advice ? `Failed: ${error.message}\nNext:   ${error.advice}` : (error.stack ?? String(error)));
    results.push({ name, passed: 0, failed: 1 });
    return false;
  }
}

/** A suite with a JSON report. One that ends badly without a failed test (it did not load, it crashed) counts as one failure. */
async function suite(name, reportName, args, count) {
  title(name);
  const report = inProject('test-results', reportName);
  fs.rmSync(report, { force: true });
  fs.mkdirSync(path.dirname(report), { recursive: true });
  const code = await runForeground(process.execPath, args, { cwd: projectRoot });
  let counts = { passed: 0, failed: 0, skipped: 0 };
  try {
    counts = count(JSON.parse(fs.readFileSync(report, 'utf8')));
  } catch (error) {
    say(`${name}: no report (${error.message})`);
  }
  if (code !== 0 && counts.failed === 0) counts.failed = 1;
  results.push({ name, ...counts });
}

function title(name) {
  process.stdout.write(`\n=== ${name}\n`);
}

function summary(startedAt) {
  const line = ({ name, passed, failed, skipped }) =>
    `  ${failed > 0 ? 'FAILED' : 'ok    '} ${name}: ${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`;
  const total = (key) => results.reduce((sum, result) => sum + result[key], 0);
  title(`summary, after ${Math.round((Date.now() - startedAt) / 1000)} s`);
  process.stdout.write(`${results.map(line).join('\n')}\n${total('passed')} passed, ${total('failed')} failed\n`);
  return total('failed') > 0 ? 1 : 0;
}
