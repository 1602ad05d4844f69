// The vault on a real Electron and a real gnome-keyring: locked, gone, changed and back.
import { execFileSync, spawn } from 'node:child_process';
import { createDecipheriv, pbkdf2Sync } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Keyring, startKeyring } from '../support/keyring.ts';

const root = path.resolve(import.meta.dirname, '..', '..');
const CANARIES = Object.fromEntries(Array.from({ length: 12 }, (_, n) => [`secret${n}`, `canary-${n}-of-the-vault`]));
const GET_ALL = Object.keys(CANARIES).map((name) => ({ get: name }));

interface Runtime {
  readonly executable: string;
  readonly variables: Record<string, string>;
}
interface Report {
  readonly outcomes: string[];
  readonly status: { protection: string; state: string; backend: string; secrets: number; unreadable: number };
}

let folder: string;
let app: string;
let runtime: Runtime;
let keyring: Keyring;

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'patchbay-vault-'));
  app = path.join(folder, 'app');
  await build({
    root,
    configFile: false,
    logLevel: 'warn',
    build: {
      ssr: true,
      target: 'node18',
      outDir: app,
      emptyOutDir: false,
      minify: false,
      lib: {
        entry: path.join(root, 'src/main/testing/vault-program.ts'),
        formats: ['cjs'],
        fileName: () => 'main.cjs',
      },
      rolldownOptions: {
        external: ['electron', 'better-sqlite3', /^node:/],
        output: { codeSplitting: false, entryFileNames: 'main.cjs' },
      },
    },
    ssr: { noExternal: true },
    resolve: { conditions: ['node'], mainFields: ['module', 'main'] },
  });
  writeFileSync(
    path.join(app, 'package.json'),
    JSON.stringify({ name: 'patchbay-vault-test', productName: 'Patchbay', version: '0.0.0', main: 'main.cjs' }),
  );
  writeFileSync(
    path.join(app, 'main.cjs'),
    readFileSync(path.join(app, 'main.cjs'), 'utf8').replaceAll(
      'require("better-sqlite3")',
      `require(${JSON.stringify(path.join(root, 'node_modules', 'better-sqlite3'))})`,
    ),
  );
  const script =
    "import { setUpApp } from './scripts/lib/setup.mjs'; const { electron, variables } = await setUpApp(); console.log(JSON.stringify({ executable: electron.executable, variables }))";
  runtime = JSON.parse(
    execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    })
      .trim()
      .split('\n')
      .at(-1) ?? '',
  );
  keyring = await startKeyring();
}, 300_000);

afterAll(async () => {
  await keyring?.stop();
  rmSync(folder, { recursive: true, force: true });
});

function run(profile: string, steps: readonly unknown[], args: readonly string[] = keyring.args): Promise<Report> {
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const command = [runtime.executable, ...sandbox, ...args, `--user-data-dir=${profile}`, app];
  const display = process.env.DISPLAY ? [] : ['xvfb-run', '-a'];
  const [program = '', ...rest] = [...display, ...command];
  const env = { ...process.env, ...runtime.variables, ...keyring.env, PATCHBAY_VAULT_STEPS: JSON.stringify(steps) };
  return new Promise((resolve, reject) => {
    const child = spawn(program, rest, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let errors = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (errors += chunk));
    child.once('exit', () => {
      const line = output.split('\n').find((one) => one.startsWith('{'));
      if (line === undefined) reject(new Error(`The vault did not answer: ${errors.slice(-2000)}`));
      else resolve(JSON.parse(line));
    });
  });
}

interface Stored {
  readonly name: string;
  readonly header: string;
  readonly sealed: Buffer;
}

function storedIn(profile: string): Stored[] {
  const db = new Database(path.join(profile, 'data', 'vault.db'), { readonly: true });
  try {
    return db.prepare<[], Stored>('SELECT name, header, sealed FROM secrets ORDER BY name').all();
  } finally {
    db.close();
  }
}

function filesUnder(place: string): string[] {
  return readdirSync(place, { recursive: true })
    .map((name) => path.join(place, String(name)))
    .filter((file) => statSync(file).isFile());
}

/** "v10" of Chromium on Linux: AES-128-CBC with the password "peanuts". */
function withPublicKey(sealed: Buffer): string {
  const key = pbkdf2Sync('peanuts', 'saltysalt', 1, 16, 'sha1');
  const decipher = createDecipheriv('aes-128-cbc', key, Buffer.alloc(16, ' '));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(3)), decipher.final()]).toString('utf8');
  } catch {
    return '';
  }
}

describe('on a real keyring', { timeout: 120_000 }, () => {
  it('seals with it, and everything comes back when a fault of the keyring is undone', async () => {
    const profile = path.join(folder, 'profile');
    const first = await run(profile, [{ put: CANARIES }]);
    expect(first).toMatchObject({
      outcomes: ['done'],
      status: {
        protection: 'keyring',
        state: 'unlocked',
        backend: expect.stringMatching(/^(gnome_libsecret|os_keyring)$/),
        secrets: 12,
        unreadable: 0,
      },
    });
    const before = storedIn(profile);
    expect(before).toHaveLength(12);
    for (const { sealed, header } of before) {
      expect(sealed.toString('latin1', 0, 3)).toBe('v11');
      expect(
        Buffer.from(withPublicKey(sealed.subarray(0, JSON.parse(header).sealedKeyBytes)), 'base64'),
      ).not.toHaveLength(32);
    }
    const everything = { outcomes: Object.values(CANARIES), status: { state: 'unlocked', unreadable: 0 } };
    expect(await run(profile, GET_ALL)).toMatchObject(everything);

    keyring.lock();
    expect(keyring.isLocked()).toBe(true);
    const locked = await run(profile, [...GET_ALL, { put: { secret0: 'overwritten' } }]);
    expect(locked.outcomes).toEqual(Array.from({ length: 13 }, () => 'vault_locked'));
    expect(locked).toMatchObject({ status: { protection: 'keyring', state: 'locked', secrets: 12, unreadable: 12 } });
    expect(storedIn(profile)).toEqual(before);
    keyring.unlock();
    expect(await run(profile, GET_ALL)).toMatchObject(everything);

    await keyring.takeAway();
    const gone = await run(profile, [...GET_ALL, { put: { secret0: 'overwritten' } }]);
    expect(gone.outcomes).toEqual(Array.from({ length: 13 }, () => 'vault_locked'));
    expect(storedIn(profile)).toEqual(before);
    await keyring.bringBack();
    expect(await run(profile, GET_ALL)).toMatchObject(everything);

    const { restore } = await keyring.change();
    const changed = await run(profile, [
      ...GET_ALL,
      { put: { another: 'sealed by the other keyring' } },
      { get: 'another' },
    ]);
    expect(changed.outcomes).toEqual([
      ...GET_ALL.map(() => 'secret_unreadable'),
      'done',
      'sealed by the other keyring',
    ]);
    expect(changed.status).toMatchObject({ protection: 'keyring', state: 'unlocked', secrets: 13, unreadable: 12 });
    expect(storedIn(profile).filter(({ name }) => name !== 'another')).toEqual(before);
    await restore();
    const restored = await run(profile, [...GET_ALL, { get: 'another' }]);
    expect(restored.outcomes).toEqual([...Object.values(CANARIES), 'secret_unreadable']);
  });

  it('shows nothing of the secrets in a profile that is copied to another keyring', async () => {
    const profile = path.join(folder, 'copied-from');
    await run(profile, [{ put: CANARIES }]);
    const copy = path.join(folder, 'copied-to');
    cpSync(profile, copy, { recursive: true });
    for (const file of filesUnder(copy)) {
      const bytes = readFileSync(file);
      for (const value of Object.values(CANARIES)) expect(bytes.includes(value), file).toBe(false);
    }
    const { restore } = await keyring.change();
    const report = await run(copy, GET_ALL);
    expect(report.outcomes).toEqual(GET_ALL.map(() => 'secret_unreadable'));
    await restore();
  });

  it('stores nothing where there is only Chromium’s public key, and all of it under a passphrase', async () => {
    const profile = path.join(folder, 'basic');
    const basic = ['--password-store=basic'];
    const refused = await run(profile, [{ put: CANARIES }], basic);
    expect(refused).toMatchObject({
      outcomes: ['vault_unavailable'],
      status: { protection: 'none', state: 'unset', backend: 'basic_text' },
    });
    expect(storedIn(profile)).toEqual([]);
    const set = await run(profile, [{ passphrase: 'correct horse battery' }, { put: CANARIES }], basic);
    expect(set).toMatchObject({ outcomes: ['done', 'done'], status: { protection: 'passphrase', state: 'unlocked' } });
    const later = await run(
      profile,
      [{ get: 'secret0' }, { unlock: 'not the passphrase' }, { unlock: 'correct horse battery' }, ...GET_ALL],
      basic,
    );
    expect(later.outcomes).toEqual(['vault_locked', 'wrong_passphrase', 'done', ...Object.values(CANARIES)]);
  });
});
