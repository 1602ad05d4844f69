import { join } from 'node:path';
import { utilityProcess } from 'electron';
import type { WorkerProcess } from '../core/jobs/runner.ts';
import type { PracticeProcess } from '../core/practice/practice-host.ts';

/** Starts the worker as a utility process, as the runner wants to see it. */
export function forkWorker(file: string): WorkerProcess {
  const child = utilityProcess.fork(file, [], { serviceName: 'Patchbay worker', stdio: 'inherit' });
  return {
    post: (message) => child.postMessage(message),
    onMessage: (listener) => void child.on('message', listener),
    onExit: (listener) => void child.once('exit', () => listener()),
    kill: () => void child.kill(),
  };
}

/** Starts the practice servers; their grants are kept in `stateFolder`. */
export function forkPractice(port: number, stateFolder: string): PracticeProcess {
  const child = utilityProcess.fork(join(__dirname, 'practice.cjs'), ['--port', String(port), '--state', stateFolder], {
    serviceName: 'Patchbay practice servers',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return {
    stdout: child.stdout,
    kill: () => child.kill(),
    once: (event, listener) => child.once(event, listener),
    post: (message) => child.postMessage(message),
    onMessage: (listener) => void child.on('message', listener),
  };
}
