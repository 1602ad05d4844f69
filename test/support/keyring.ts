// A real operating-system keyring of our own: a private D-Bus session with gnome-keyring on it, in a home folder of its own,
// so that nothing of the user's is touched. Tests unlock, lock, change and take away this one.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const loginCollection = '/org/freedesktop/secrets/collection/login';

export interface Keyring {
  /** Variables with which a program finds this keyring. */
  readonly env: Readonly<Record<string, string>>;
  /** What Electron must be told: on an unknown desktop it would not look for a keyring. */
  readonly args: readonly string[];
  lock(): void;
  unlock(): Promise<void>;
  /** Locked by what the keyring itself says. */
  isLocked(): boolean;
  /** The secret service goes away; the session bus stays, as on a machine that has no keyring. */
  takeAway(): Promise<void>;
  /** The service comes back with the same secrets, unlocked. */
  bringBack(): Promise<void>;
  /** The service stays where it is and answers nothing, as one that hangs or waits; `thaw` lets it answer again. */
  freeze(): void;
  thaw(): void;
  /** Another, empty keyring stands in its place, as after a reset or on another machine. `restore` puts the first one back. */
  change(): Promise<{ restore(): Promise<void> }>;
  stop(): Promise<void>;
}

export async function startKeyring(): Promise<Keyring> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'patchbay-keyring-'));
  const home = path.join(folder, 'home');
  const runtime = path.join(folder, 'run');
  for (const name of [home, runtime]) fs.mkdirSync(name, { mode: 0o700 });
  const keyrings = path.join(home, '.local', 'share', 'keyrings');
  const address = `unix:path=${path.join(runtime, 'bus')}`;
  const env = {
    HOME: home,
    XDG_RUNTIME_DIR: runtime,
    XDG_DATA_HOME: path.join(home, '.local', 'share'),
    XDG_CONFIG_HOME: path.join(home, '.config'),
    XDG_CACHE_HOME: path.join(home, '.cache'),
    DBUS_SESSION_BUS_ADDRESS: address,
  };
  const childEnv = { PATH: process.env.PATH ?? '', LANG: 'C.UTF-8', ...env };
  const password = 'keyring of a test';

  const busConfiguration = path.join(folder, 'bus.conf');
  fs.writeFileSync(busConfiguration, privateBus(address));
  const bus = endWithUs(
    spawn('dbus-daemon', [`--config-file=${busConfiguration}`, '--nofork', '--nopidfile'], {
      env: childEnv,
      stdio: 'ignore',
    }),
  );
  await until(() => fs.existsSync(path.join(runtime, 'bus')), 'the session bus to start');
  let service = await startService();

  async function startService(): Promise<ChildProcess> {
    const child = endWithUs(
      spawn(
        'gnome-keyring-daemon',
        ['--foreground', '--unlock', '--components=secrets', `--control-directory=${path.join(runtime, 'keyring')}`],
        { env: childEnv, stdio: ['pipe', 'ignore', 'ignore'] },
      ),
    );
    child.stdin?.end(password);
    await until(() => collectionIsThere(), 'the keyring to be there');
    return child;
  }

  function callService(...args: string[]): string {
    const command = ['--session', '--print-reply', '--dest=org.freedesktop.secrets', ...args];
    return execFileSync('dbus-send', command, { env: childEnv, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  }

  function readLocked(): boolean {
    const property = ['string:org.freedesktop.Secret.Collection', 'string:Locked'];
    const reply = callService(loginCollection, 'org.freedesktop.DBus.Properties.Get', ...property);
    return reply.includes('boolean true');
  }

  function collectionIsThere(): boolean {
    try {
      return !readLocked();
    } catch {
      return false;
    }
  }

  async function takeAway(): Promise<void> {
    await ended(service);
  }

  async function bringBack(): Promise<void> {
    service = await startService();
  }

  return {
    env,
    args: ['--password-store=gnome-libsecret'],
    isLocked: readLocked,
    lock() {
      const service = '/org/freedesktop/secrets';
      callService(service, 'org.freedesktop.Secret.Service.Lock', `array:objpath:${loginCollection}`);
    },
    async unlock() {
      // gnome-keyring asks a person in a window; without one the way in is to be started again with the password.
      await takeAway();
      await bringBack();
    },
    takeAway,
    bringBack,
    freeze: () => void service.kill('SIGSTOP'),
    thaw: () => void service.kill('SIGCONT'),
    async change() {
      await takeAway();
      const aside = path.join(folder, 'first-keyrings');
      fs.renameSync(keyrings, aside);
      await bringBack();
      return {
        async restore() {
          await takeAway();
          fs.rmSync(keyrings, { recursive: true });
          fs.renameSync(aside, keyrings);
          await bringBack();
        },
      };
    },
    async stop() {
      await ended(service);
      await ended(bus);
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A session bus that starts no service by itself: it would start a second, locked keyring, and none could be taken away. */
const privateBus = (address: string) => `<busconfig>
  <type>session</type>
  <listen>${address}</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
`;

/** A failed test must leave no daemon behind. */
function endWithUs<Child extends ChildProcess>(child: Child): Child {
  const end = () => child.kill('SIGKILL');
  process.once('exit', end);
  child.once('exit', () => process.off('exit', end));
  return child;
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });
}

async function until(isTrue: () => boolean, what: string): Promise<void> {
  const endAt = Date.now() + 60_000;
  while (!isTrue()) {
    if (Date.now() > endAt) throw new Error(`Waited a minute for ${what}`);
    await sleep(50);
  }
}
