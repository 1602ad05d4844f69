// Practice servers apart from the app's own: with as many records and as much latency as a test wants, and alive while the
// app is killed. What stands between them and the app can be told to misbehave.
import { spawn } from 'node:child_process';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';

const program = path.resolve(import.meta.dirname, '..', '..', '.vite', 'build', 'practice.cjs');

export interface Practice {
  readonly baseUrl: string;
  close(): Promise<void>;
}

/** One practice system on a free port. The app has to be built: launch it first. */
export async function startPractice(
  connector: string,
  options: { records?: number; latencyMs?: number } = {},
): Promise<Practice> {
  const args = [program, '--port', '0', '--connector', connector];
  if (options.records !== undefined) args.push('--records', String(options.records));
  if (options.latencyMs !== undefined) args.push('--latency', String(options.latencyMs));
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const end = () => child.kill('SIGKILL');
  process.once('exit', end);
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('exit', (code) => reject(new Error(`The practice server ended with ${code}.`)));
  });
  const [system] = (JSON.parse(line) as { practice: { baseUrl: string }[] }).practice;
  if (system === undefined) throw new Error(`There is no practice server for ${connector}.`);
  return {
    baseUrl: system.baseUrl,
    async close() {
      process.off('exit', end);
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** A web server that answers everything alike. */
export async function startAnswering(
  answer: (request: http.IncomingMessage, response: http.ServerResponse) => void,
): Promise<Practice> {
  const server = http.createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
