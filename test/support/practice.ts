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

type Answer = (request: http.IncomingMessage, response: http.ServerResponse) => void;

export interface Gateway extends Practice {
  /** Answers everything from now on, instead of what stands behind it; null lets everything through. */
  instead: Answer | null;
}

/** What a captive portal or a wrong address answers. */
export const aWebPage: Answer = (_request, response) =>
  void response.writeHead(200, { 'content-type': 'text/html' }).end('<title>Guest Wi-Fi</title><h1>Welcome</h1>');

/** Stands in front of another server, and can be told to answer in its place. */
export async function startGateway(target: string | null, instead: Answer | null = null): Promise<Gateway> {
  const server = http.createServer((request, response) => {
    if (gateway.instead !== null) return gateway.instead(request, response);
    const { method, headers, url } = request;
    const onward = http.request(`${target}${url}`, { method, headers, agent: false }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.once('error', () => response.destroy());
    request.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const gateway: Gateway = {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    instead,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return gateway;
}
