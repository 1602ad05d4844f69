// Opens a window of the Electron in PATCHBAY_LAUNCH_SPEC and talks to it by Chromium's own protocol: no test driver that would
// hold up its start or take part in its memory.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const here = import.meta.dirname;
const bareFolder = path.join(here, 'bare-window');
const START_LIMIT_MS = 60_000;

/**
 * @param {{profile: string, isBare?: boolean, withMain?: boolean}} options `withMain`: main can be asked too, by its inspector,
 * which takes memory
 */
export async function openWindow({ profile, isBare = false, withMain = false }) {
  const spec = JSON.parse(process.env.PATCHBAY_LAUNCH_SPEC ?? 'null');
  if (spec === null) throw new Error('PATCHBAY_LAUNCH_SPEC is missing: run npm run bench.');
  const args = spec.args.map((argument) => (isBare && argument === spec.cwd ? bareFolder : argument));
  const startedAt = performance.timeOrigin + performance.now();
  const child = spawn(
    spec.executablePath,
    [
      ...(withMain ? ['--inspect=0'] : []),
      '--remote-debugging-port=0',
      '--password-store=basic',
      `--user-data-dir=${profile}`,
      ...args,
    ],
    { cwd: spec.cwd, env: { ...process.env, ...spec.env }, stdio: ['ignore', 'ignore', 'pipe'], detached: true },
  );
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const addressAfter = addressesOf(child);
  const browser = `http://${new URL(await addressAfter('DevTools listening on')).host}`;
  const page = await pageOf(browser, ({ url }) => !/^(devtools:|about:blank|$)/.test(url));
  return {
    pid: child.pid,
    startedAt,
    ...page,
    main: withMain ? await connect(await addressAfter('Debugger listening on')) : null,
    /** Another page of the app, once it shows an address of this server. */
    pageAt: (baseUrl) => pageOf(browser, ({ url }) => url.startsWith(baseUrl)),
    async close() {
      await page.evaluate('window.close()').catch(() => undefined);
      const isOver = await Promise.race([ended.then(() => true), pause(6000).then(() => false)]);
      if (!isOver) process.kill(-child.pid, 'SIGKILL');
      await ended;
    },
  };
}

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Finds the addresses at which the app can be talked to: it says them on stderr. */
function addressesOf(child) {
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  return (words) =>
    new Promise((resolve, reject) => {
      const look = () => {
        const [, address] = new RegExp(`${words} (ws://\\S+)`).exec(said) ?? [];
        if (address) resolve(address);
      };
      look();
      child.stderr.on('data', look);
      child.once('exit', (code) => reject(new Error(`The window ended with ${code}: ${said.slice(-2000)}`)));
    });
}

async function pageOf(browser, isIt) {
  const until = Date.now() + START_LIMIT_MS;
  while (Date.now() < until) {
    const targets = await fetch(`${browser}/json/list`).then(
      (answer) => answer.json(),
      () => [],
    );
    const target = targets.find((one) => one.type === 'page' && isIt(one));
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
  /** Runs an expression, or an async function's source; in main `require` is there. */
  const evaluate = async (expression) => {
    const { result, exceptionDetails } = await send('Runtime.evaluate', {
      expression,
      includeCommandLineAPI: true,
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
