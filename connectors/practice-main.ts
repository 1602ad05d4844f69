/**
 * `npm run practice -- --port N [--records N] [--latency MS] [--connector ID]... [--state FOLDER]`: starts the practice
 * servers, prints one line of JSON with their base URLs and sample credentials, and runs until it is told to stop.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { practiceById, practices, type RunningPractice } from './practice-catalog.ts';
import { type PracticeArguments, parsePracticeArguments } from './practice-options.ts';

async function startAll(options: PracticeArguments): Promise<RunningPractice[]> {
  const chosen = options.connectors.length === 0 ? practices : options.connectors.map(practiceById);
  if (options.stateFolder !== undefined) mkdirSync(options.stateFolder, { recursive: true, mode: 0o700 });
  const running: RunningPractice[] = [];
  for (const [index, practice] of chosen.entries()) {
    running.push(
      await practice.start({
        port: options.port === 0 ? 0 : options.port + index,
        records: options.records,
        latencyMs: options.latencyMs,
        stateFile:
          options.stateFolder === undefined ? undefined : join(options.stateFolder, `${practice.connectorId}.json`),
      }),
    );
  }
  return running;
}

async function main(): Promise<void> {
  const running = await startAll(parsePracticeArguments(process.argv.slice(2)));
  const announcement = {
    practice: running.map(({ connectorId, baseUrl, samples }) => ({ connector: connectorId, baseUrl, samples })),
  };
  process.stdout.write(`${JSON.stringify(announcement)}\n`);
  const stop = (): void => {
    Promise.all(running.map((server) => server.close())).then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(2);
});
