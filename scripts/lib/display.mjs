// A display for machines that have none: our own Xvfb, on a number nobody uses, ended with us.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { SetupError, say } from './log.mjs';

export const hasDisplay = (env = process.env) =>
  process.platform !== 'linux' || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY);

/** @returns {Promise<{env: Record<string, string>, stop: () => void}>} variables for the app, and the way to end the display */
export async function startDisplay() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'patchbay-display-'));
  const authority = path.join(folder, 'Xauthority');
  // Without a cookie every local user could look at the app and type into it.
  fs.writeFileSync(authority, authorityEntry(randomBytes(16)), { mode: 0o600 });
  const server = spawn(
    'Xvfb',
    ['-displayfd', '3', '-screen', '0', '1920x1200x24', '-nolisten', 'tcp', '-auth', authority],
    {
      // In a group of its own: Ctrl-C in the terminal must end the app before its display.
      detached: true,
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    },
  );
  const stop = () => {
    server.kill('SIGTERM');
    fs.rmSync(folder, { recursive: true, force: true });
  };
  process.on('exit', stop);
  const number = await readDisplayNumber(server);
  server.unref();
  server.stdio[3].unref?.();
  return { env: { DISPLAY: `:${number}`, XAUTHORITY: authority }, stop };
}

export function sayHowToLook({ DISPLAY, XAUTHORITY }) {
  say(`There is no display here: the app is shown on a virtual one, ${DISPLAY}.
  Look at it:    XAUTHORITY=${XAUTHORITY} x11vnc -display ${DISPLAY} -localhost -forever   (Debian: apt-get install x11vnc), then a VNC viewer on localhost:5900
  Screenshot:    XAUTHORITY=${XAUTHORITY} import -display ${DISPLAY} -window root patchbay.png   (Debian: apt-get install imagemagick)`);
}

function readDisplayNumber(server) {
  return new Promise((resolve, reject) => {
    const fail = (cause) =>
      reject(
        new SetupError('Xvfb did not start.', 'Install it (Debian: apt-get install xvfb), or set DISPLAY.', { cause }),
      );
    server.on('error', fail);
    server.on('exit', (code) => fail(new Error(`it ended with ${code}`)));
    let text = '';
    server.stdio[3].on('data', (chunk) => {
      text += chunk;
      if (text.includes('\n')) resolve(text.trim());
    });
  });
}

/** One entry of an Xauthority file that holds for every host and display number (family "wild", empty address and number). */
function authorityEntry(cookie) {
  const field = (value) => {
    const bytes = Buffer.from(value);
    return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes]);
  };
  return Buffer.concat([Buffer.from([0xff, 0xff]), field(''), field(''), field('MIT-MAGIC-COOKIE-1'), field(cookie)]);
}
