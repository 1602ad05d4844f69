// Starts the benchmark's server, the floors and the headless program, each as a process of its own.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';

const here = import.meta.dirname;
const projectRoot = path.resolve(here, '..', '..');
const built = (name) => path.join(projectRoot, '.vite', 'build', name);

export const workFolder = fs.mkdtempSync(path.join(os.tmpdir(), 'pb-bench-'));
process.on('exit', () => fs.rmSync(workFolder, { recursive: true, force: true }));

/** A server process; `ask` sends a command and waits for its answer. */
export async function startServer(options = {}) {
  const child = spawn(process.execPath, [path.join(here, 'server.mjs'), JSON.stringify(options)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = readline.createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => JSON.parse((await lines.next()).value);
  const { port } = await next();
  return {
    url: `http://127.0.0.1:${port}`,
    async ask(command, values = {}) {
      child.stdin.write(`${JSON.stringify({ command, ...values })}\n`);
      return next();
    },
    stop: () => child.stdin.end(),
  };
}

export async function withServer(options, work) {
  const server = await startServer(options);
  try {
    return await work(server);
  } finally {
    server.stop();
  }
}

/** A practice Salesforce, for its log-in: {baseUrl, samples, stop}. */
export async function startPractice() {
  const child = spawn(process.execPath, [built('practice.cjs'), '--port', '0', '--connector', 'salesforce'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const { value } = await readline.createInterface({ input: child.stdout })[Symbol.asyncIterator]().next();
  const [{ baseUrl, samples }] = JSON.parse(value).practice;
  return { baseUrl, samples, stop: () => child.kill() };
}

function run(args, { killAfterMs, onLine } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    let errors = '';
    child.stdout.on('data', (chunk) => {
      out += chunk;
      onLine?.(child);
    });
    child.stderr.on('data', (chunk) => (errors += chunk));
    const timer = killAfterMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfterMs);
    const startedAt = performance.now();
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      const wallSeconds = (performance.now() - startedAt) / 1000;
      if (signal === 'SIGKILL') return resolve({ killed: true, wallSeconds });
      const line = out.trim().split('\n').at(-1);
      if (code !== 0 || !line)
        return reject(new Error(`${args[0]} ended with ${code}: ${errors.slice(-2000)}${out.slice(-500)}`));
      resolve({ ...JSON.parse(line), wallSeconds });
    });
  });
}

let counter = 0;
const next = () => {
  counter += 1;
  return counter;
};
export const newFile = () => path.join(workFolder, `floor-${next()}.db`);
export const newProfile = () => path.join(workFolder, `profile-${next()}`);
export const removeProfile = (profile) => fs.rmSync(profile, { recursive: true, force: true });

export async function runFloor(url, { kind = 'floor', file = newFile(), batch = 0, keep = false } = {}) {
  const result = await run([path.join(here, `${kind}.mjs`), JSON.stringify({ url, file, batch })]);
  if (!keep) for (const suffix of ['', '-wal', '-shm']) fs.rmSync(file + suffix, { force: true });
  return result;
}

export function runHeadless(url, profile, more = [], options = {}) {
  const args = [
    'sync',
    '--connector',
    'salesforce',
    '--base-url',
    url,
    '--token',
    'bench',
    '--object',
    'Account',
    '--profile',
    profile,
    '--json',
  ];
  return run([built('headless.cjs'), ...args, ...more], options);
}

export const deliverTo = (url) => [
  '--destination-url',
  url,
  '--destination-token',
  'bench',
  '--destination-object',
  'Company',
  '--destination-keys',
  'Id',
];
