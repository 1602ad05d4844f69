/**
 * `npm run practice -- --port N [--records N] [--latency MS] [--connector ID]... [--state FOLDER]`: starts the practice
 * servers, prints one line of JSON with their base URLs and sample credentials, and runs until it is told to stop.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type PracticeCommand, practiceById, practices, type RunningPractice } from './catalog.ts';
import { type PracticeArguments, parsePracticeArguments } from './options.ts';

async function startAll(options: PracticeArguments): Promise<RunningPractice[]> {
  const chosen = options.connectors.length === 0 ? practices : options.connectors.map(practiceById);
  if (options.stateFolder !== undefined) mkdirSync(options.stateFolder, { recursive: true, mode: 0o700 });
  const running: RunningPractice[] = [];
  for (const [index, practice] of chosen.entries()) {
    const stateFile =
      options.stateFolder === undefined ? undefined : join(options.stateFolder, `${practice.connectorId}.json`);
    const start = (port: number): Promise<RunningPractice> =>
      practice.start({ port, records: options.records, latencyMs: options.latencyMs, stateFile });
    running.push(await startNear(options.port === 0 ? 0 : options.port + index, start));
  }
  return running;
}

/** Somebody else may have the port; then any other does, and the announcement says which. */
async function startNear(port: number, start: (port: number) => Promise<RunningPractice>): Promise<RunningPractice> {
  try {
    return await start(port);
  } catch (error) {
    if (port === 0 || !(error instanceof Error) || !('code' in error) || error.code !== 'EADDRINUSE') throw error;
    return start(0);
  }
}

interface ParentPort {
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): void;
  postMessage(message: unknown): void;
}

/** What the app may say to its own practice servers; nobody else has this port. */
interface Order {
  readonly requestId: number;
  readonly command: PracticeCommand;
}

/** Only as a process of the app: there a rehearsal begins with a click, and everybody's servers change at once. */
function takeCommands(running: readonly RunningPractice[]): void {
  const { parentPort } = process as { parentPort?: ParentPort };
  parentPort?.on('message', ({ data }) => {
    const { requestId, command } = data as Order;
    const systems = running.filter((server) => obeys(server, command)).map(({ connectorId }) => connectorId);
    parentPort.postMessage({ requestId, systems });
  });
}

/** A server throws for what its system does not have: an AWS bucket has no users to deactivate. */
function obeys(server: RunningPractice, command: PracticeCommand): boolean {
  try {
    // Throws where the system has no such object: then there is nothing to deny.
    if (command.kind === 'denyObject') server.records(command.object);
    server.command(command);
    return true;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return false;
  }
}

async function main(): Promise<void> {
  const running = await startAll(parsePracticeArguments(process.argv.slice(2)));
  const announcement = {
    practice: running.map(({ connectorId, baseUrl, samples }) => ({ connector: connectorId, baseUrl, samples })),
  };
  process.stdout.write(`${JSON.stringify(announcement)}\n`);
  takeCommands(running);
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
