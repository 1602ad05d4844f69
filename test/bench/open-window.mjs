// Opens a window of the Electron in PATCHBAY_LAUNCH_SPEC and talks to it by Chromium's own protocol: no test driver that would
// hold up its start or take part in its memory.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const here = import.meta.dirname;
const bareFolder = path.join(here, 'bare-window');
const START_LIMIT_MS = 60_000;

/** @param {{profile: string, isBare?: boolean}} options */
export async function openWindow({ profile, isBare = false }) {
  const spec = JSON.parse(process.env.PATCHBAY_LAUNCH_SPEC ?? 'null');
  if (spec === null) throw new Error('PATCHBAY_LAUNCH_SPEC is missing: run npm run bench.');
  const args = spec.args.map((argument) => (isBare && argument === spec.cwd ? bareFolder : argument));
  const startedAt = performance.timeOrigin + performance.now();
  const child = spawn(
    spec.executablePath,
    ['--remote-debugging-port=0', '--password-store=basic', `--user-data-dir=${profile}`, ...args],
    { cwd: spec.cwd, env: { ...process.env, ...spec.env }, stdio: ['ignore', 'ignore', 'pipe'], detached: true },
  );
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const browser = await debuggerOf(child);
  const page = await pageOf(browser);
  return {
    pid: child.pid,
    startedAt,
    ...page,
    async close() {
      await page.evaluate('window.close()').catch(() => undefined);
      const isOver = await Promise.race([ended.then(() => true), pause(6000).then(() => false)]);
      if (!isOver) process.kill(-child.pid, 'SIGKILL');
      await ended;
    },
  };
}

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function debuggerOf(child) {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stderr.on('data', (chunk) => {
      said += chunk;
      const match = /DevTools listening on ws:\/\/([^/]+)\//.exec(said);
      if (match) resolve(`http://${match[1]}`);
    });
    child.once('exit', (code) => reject(new Error(`The window ended with ${code}: ${said.slice(-2000)}`)));
  });
}

async function pageOf(browser) {
  const until = Date.now() + START_LIMIT_MS;
  while (Date.now() < until) {
    const targets = await fetch(`${browser}/json/list`).then(
      (answer) => answer.json(),
      () => [],
    );
    const target = targets.find(({ type, url }) => type === 'page' && !/^(devtools:|about:blank|$)/.test(url));
    if (target) return connect(target.webSocketDebuggerUrl);
    await pause(20);
  }
  throw new Error('No window appeared.');
}

async function connect(url) {
  const socket = new WebSocket(url);
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = () => reject(new Error('The page’s debugger could not be reached.'));
  });
  const waiting = new Map();
  let last = 0;
  socket.onmessage = ({ data }) => {
    const { id, result, error } = JSON.parse(data);
    const answer = waiting.get(id);
    waiting.delete(id);
    if (error) answer?.reject(new Error(error.message));
    else answer?.resolve(result);
  };
  socket.onclose = () => {
    for (const { reject } of waiting.values()) reject(new Error('The page is gone.'));
  };
  const send = (method, params = {}) =>
    new Promise((resolve, reject) => {
      last += 1;
      waiting.set(last, { resolve, reject });
      socket.send(JSON.stringify({ id: last, method, params }));
    });
  /** Runs an expression, or an async function's source, in the page. */
  const evaluate = async (expression) => {
    const { result, exceptionDetails } = await send('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue: true,
    });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  };
  return {
    send,
    evaluate,
    async until(expression, limitMs = 30_000) {
      const end = Date.now() + limitMs;
      while (Date.now() < end) {
        const value = await evaluate(expression).catch((error) => {
          // The page has not begun yet, or is just beginning.
          if (!/execution context/i.test(error.message)) throw error;
        });
        if (value) return value;
        await pause(40);
      }
      throw new Error(`It never became so: ${expression}`);
    },
  };
}

/** Memory of a process and everything it has started, shared pages divided among those who share them, bytes. Linux only. */
export function memoryOf(pid) {
  const parents = new Map();
  for (const name of fs.readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    const parent = readOrNull(`/proc/${name}/stat`)
      ?.replace(/^.*\) \S+ /s, '')
      .split(' ')[0];
    if (parent !== undefined) parents.set(Number(name), Number(parent));
  }
  const isOurs = (one) => one === pid || (parents.has(one) && isOurs(parents.get(one)));
  return (
    [...parents.keys()]
      .filter(isOurs)
      .reduce(
        (sum, one) => sum + Number(/^Pss:\s+(\d+)/m.exec(readOrNull(`/proc/${one}/smaps_rollup`) ?? '')?.[1] ?? 0),
        0,
      ) * 1024
  );
}

/** A process may end between two looks at it. */
function readOrNull(file) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES'].includes(error.code)) return null;
    throw error;
  }
}
