/** The job engine without a window: `sync` runs one job and says what it did. */
import { join } from 'node:path';
import { toFailure } from '../engine/connectors.ts';
import type { FromWorker } from '../engine/messages.ts';
import { parseArguments, type SyncArguments, USAGE, UsageError } from './arguments.ts';
import { humanReport, jsonReport } from './report.ts';
import { sync } from './sync.ts';

const EXIT = { success: 0, failure: 1, usage: 2, partial: 3, interrupted: 130 } as const;
const EXIT_OF = { success: EXIT.success, partial_success: EXIT.partial, failed: EXIT.failure, stopped: EXIT.failure };
const SHOWN_EVERY_MS = 2_000;

const say = (text: string): void => void process.stderr.write(`${text}\n`);

/** What the engine reports, as lines for people: waits and log lines always, progress now and then. */
function teller(args: SyncArguments): (message: FromWorker) => void {
  let waitingFor: string | null = null;
  let shownAt = performance.now();
  return (message) => {
    if (message.type === 'log') for (const { text } of message.lines) say(text);
    if (message.type === 'note') say(message.text);
    if (message.type !== 'progress') return;
    if (message.waitingFor !== null && message.waitingFor !== waitingFor) say(`Waiting for ${message.waitingFor}.`);
    waitingFor = message.waitingFor;
    if (args.json || performance.now() - shownAt < SHOWN_EVERY_MS) return;
    shownAt = performance.now();
    say(`${message.counts.read.toLocaleString('en')} records`);
  };
}

/** Started by scripts/headless.mjs, this process must not outlive it: a kill -9 of the launcher is meant for the run. */
function dieWithLauncher(): void {
  const launcher = process.ppid;
  if (process.env.PATCHBAY_LAUNCHER !== String(launcher)) return;
  setInterval(() => {
    if (process.ppid !== launcher) process.kill(process.pid, 'SIGKILL');
  }, 200).unref();
}

async function main(): Promise<number> {
  const args = parseArguments(process.argv.slice(2), process.env);
  if (args === null) {
    process.stdout.write(`${USAGE}\n`);
    return EXIT.success;
  }
  dieWithLauncher();
  const abort = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => abort.abort());
  try {
    const report = await sync(args, {
      networkThread: join(__dirname, 'network-thread.cjs'),
      say,
      tell: teller(args),
      signal: abort.signal,
    });
    process.stdout.write(`${args.json ? jsonReport(report) : humanReport(report)}\n`);
    if (report.finished === null) return EXIT.interrupted;
    return EXIT_OF[report.finished.status];
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const failure = toFailure(error);
    if (args.json) process.stdout.write(`${JSON.stringify({ variant: 'patchbay', status: 'failed', failure })}\n`);
    say(`${failure.message} ${failure.advice}`);
    return EXIT.failure;
  }
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    if (error instanceof UsageError) {
      say(`${error.message}\n\n${USAGE}`);
      process.exitCode = EXIT.usage;
    } else throw error;
  },
);
