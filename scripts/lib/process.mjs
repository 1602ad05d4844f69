// Child processes: run to the end, or started and ended with us.
import { spawn } from 'node:child_process';

/** Runs a command to its end; its output goes to our stderr unless `capture`. Rejects when it fails. */
export function run(command, args, { cwd, env, timeoutMs, capture = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: env ?? process.env,
      stdio: ['ignore', capture ? 'pipe' : 2, capture ? 'pipe' : 2],
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
      // npm is a .cmd file on Windows, which only a shell starts.
      shell: process.platform === 'win32' && command.endsWith('.cmd'),
    });
    let output = '';
    let errors = '';
    child.stdout?.on('data', (chunk) => (output += chunk));
    child.stderr?.on('data', (chunk) => (errors += chunk));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) return resolve(output);
      const how = signal
        ? `was ended by ${signal}${timeoutMs ? ` (limit ${timeoutMs / 1000} s)` : ''}`
        : `ended with ${code}`;
      const error = new Error(`${command} ${args.join(' ')} ${how}\n${errors.slice(-2000)}`.trim());
      reject(Object.assign(error, { code, stdout: output, stderr: errors }));
    });
  });
}

export async function succeeds(command, args, options) {
  try {
    await run(command, args, { ...options, capture: true });
    return true;
  } catch {
    return false;
  }
}

/**
 * Starts a program that has our terminal, passes signals on to it, and gives its exit code (128 + n after a signal).
 * A program that ignores a signal for 5 s is killed.
 */
export function runForeground(command, args, { cwd, env, onStarted } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: env ?? process.env, stdio: 'inherit' });
    const pass = (signal) => {
      child.kill(signal);
      setTimeout(() => child.kill('SIGKILL'), 5000).unref();
    };
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    for (const signal of signals) process.on(signal, pass);
    child.on('error', reject);
    child.on('spawn', () => onStarted?.(child));
    child.on('close', (code, signal) => {
      for (const name of signals) process.off(name, pass);
      resolve(code ?? 128 + ({ SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 }[signal] ?? 0));
    });
  });
}
