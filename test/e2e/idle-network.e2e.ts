// Threat 40: an app that nobody has told to reach anything reaches nothing. It runs in a network of its own, whose only
// card counts.
import { execFile, execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@playwright/test';

const projectRoot = path.resolve(import.meta.dirname, '..', '..');
const SECONDS = 10;

// Every address leads to the loopback card, the only one there is: it counts packets for anywhere, and for this machine.
const NETWORK = `
  ip link set lo up
  ip route add local 0.0.0.0/0 dev lo
`;
const SENT = `awk '/^ *lo:/ { print $11 }' /proc/net/dev`;

const inside = (script: string, args: readonly string[] = [], env = process.env) =>
  promisify(execFile)(
    'unshare',
    ['--net', '--fork', '--kill-child', 'sh', '-c', `set -e\n${NETWORK}\n${script}`, 'sh', ...args],
    { env },
  );

function whyNot(): string | null {
  if (process.platform !== 'linux') return 'only Linux has networks of a process’s own';
  try {
    execFileSync('unshare', ['--net', 'sh', '-c', `set -e\n${NETWORK}`], { stdio: 'pipe' });
    return null;
  } catch (error) {
    return `no network of its own can be made here (${String((error as { stderr?: Buffer }).stderr ?? error).trim()})`;
  }
}

test(`an idle app without a connection sends nothing in ${SECONDS} s`, async () => {
  const reason = whyNot();
  if (reason !== null) console.log(`skipped: ${reason}`);
  test.skip(reason !== null, reason ?? '');
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'patchbay-idle-'));
  try {
    const profile = path.join(folder, 'profile');
    const script = path.join(projectRoot, 'scripts', 'launch-spec.mjs');
    const { stdout } = await promisify(execFile)(process.execPath, [script, '--profile', profile]);
    const spec = JSON.parse(stdout) as { executablePath: string; args: string[]; env: Record<string, string> };
    const env = {
      ...spec.env,
      HOME: folder,
      XDG_CONFIG_HOME: folder,
      DBUS_SESSION_BUS_ADDRESS: `unix:path=${folder}/none`,
    };
    const idle = `"$@" > ${folder}/output 2>&1 &
      app=$!
      sleep ${SECONDS}
      kill -0 $app
      ${SENT}
      kill $app
      wait $app || true`;
    const [app, control] = await Promise.all([
      inside(idle, [spec.executablePath, ...spec.args], env),
      // The card counts what is sent, a question for a name too.
      inside(
        `"$1" -e "require('dgram').createSocket('udp4').send('x', 53, '192.0.2.1', () => process.exit())"; ${SENT}`,
        [process.execPath],
      ),
    ]);
    expect(Number(control.stdout)).toBeGreaterThan(0);
    // It was up: it was alive at the end, and has made its files.
    expect(fs.existsSync(path.join(profile, 'data', 'history.db'))).toBe(true);
    expect(app.stdout.trim()).toBe('0');
  } finally {
    fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
});
