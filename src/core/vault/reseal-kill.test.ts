import { spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Secret } from '../../../connectors/kit/doors/authorization.ts';
import { closeDatabase, openDatabase } from '../../store/database.ts';
import { migrate } from '../../store/migrate.ts';
import { VAULT_MIGRATIONS } from '../../store/migrations.ts';
import { Keyring } from './keyring.ts';
import { SecretMask } from './masking.ts';
import { NodeKeyring } from './testing/vault.ts';
import { VaultService } from './vault-service.ts';

const OWNER = { kind: 'connection', id: 'connection0001' } as const;
const NAMES = ['a', 'b', 'c', 'd', 'e'];
const PASSWORD = 'password in the keyring';
const PASSPHRASE = 'correct horse battery';
/** Children at a time, each with a file of its own. */
const LANES = 2;

/** Sets a passphrase on the copy it is given, and is killed at the n-th statement on vault.db. */
const CHILD = `
import { writeFileSync } from 'node:fs';
import { Secret } from '${here('../../../connectors/kit/secret.ts')}';
import { openDatabase } from '${here('../../store/database.ts')}';
import { Keyring } from '${here('./keyring.ts')}';
import { SecretMask } from '${here('./masking.ts')}';
import { NodeKeyring } from '${here('./testing/vault.ts')}';
import { VaultService } from '${here('./vault-service.ts')}';

const [path, at] = process.argv.slice(2);
const db = openDatabase(path, 'vault');
let statements = 0;
const count = () => {
  statements += 1;
  if (statements === Number(at)) process.kill(process.pid, 'SIGKILL');
};
const prepare = db.prepare.bind(db);
db.prepare = (sql) => {
  const statement = prepare(sql);
  for (const name of ['run', 'get', 'all']) {
    const call = statement[name].bind(statement);
    statement[name] = (...values) => {
      count();
      return call(...values);
    };
  }
  return statement;
};
const vault = new VaultService({
  db, keyring: new Keyring(new NodeKeyring('${PASSWORD}'), 'linux'), mask: new SecretMask(), application: 'Patchbay',
  now: () => new Date().toISOString(), log: () => undefined,
});
await vault.setPassphrase(new Secret('${PASSPHRASE}'), null);
writeFileSync(path + '.statements', String(statements));
`;

function here(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}

let folder: string;
let seeded: string;
let child: string;

function vaultAt(path: string) {
  const db = openDatabase(path, 'vault');
  migrate(db, VAULT_MIGRATIONS);
  const keyring = new Keyring(new NodeKeyring(PASSWORD), 'linux');
  const vault = new VaultService({
    db,
    keyring,
    mask: new SecretMask(),
    application: 'Patchbay',
    now: () => new Date().toISOString(),
    log: () => undefined,
  });
  return { db, vault };
}

async function runChild(path: string, at: number): Promise<void> {
  for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true });
  copyFileSync(seeded, path);
  const running = spawn(process.execPath, [child, path, String(at)], { stdio: ['ignore', 'ignore', 'inherit'] });
  const end = await new Promise((resolve) => running.once('exit', (code, signal) => resolve(signal ?? code)));
  expect(end).toBe(at > 0 ? 'SIGKILL' : 0);
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pb-reseal-'));
  seeded = join(folder, 'seeded.db');
  child = join(folder, 'child.mts');
  writeFileSync(child, CHILD);
  const { db, vault } = vaultAt(seeded);
  await vault.put(OWNER, Object.fromEntries(NAMES.map((name) => [name, new Secret(`value of ${name}`)])));
  closeDatabase(db);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('setting a passphrase', () => {
  it('killed at every statement leaves every secret readable, all by the keyring or all by the passphrase', {
    timeout: 300_000,
  }, async () => {
    const whole = join(folder, 'whole.db');
    await runChild(whole, 0);
    const statements = Number(readFileSync(`${whole}.statements`, 'utf8'));
    expect(statements).toBeGreaterThan(20);
    const outcomes = { keyring: 0, passphrase: 0 };
    let kill = 0;
    const lane = async (path: string) => {
      while (kill < statements) {
        kill += 1;
        await runChild(path, kill);
        const { db, vault } = vaultAt(path);
        const { protection } = await vault.unlock(
          vault.status().protection === 'passphrase' ? new Secret(PASSPHRASE) : null,
        );
        if (protection === 'none') throw new Error('The vault forgot what protects it.');
        outcomes[protection] += 1;
        for (const name of NAMES) expect((await vault.get(OWNER, name)).reveal()).toBe(`value of ${name}`);
        expect(vault.status()).toMatchObject({ secrets: NAMES.length, unreadable: 0 });
        expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
        closeDatabase(db);
      }
    };
    await Promise.all(Array.from({ length: LANES }, (_, place) => lane(join(folder, `vault-${place}.db`))));
    expect(outcomes.keyring + outcomes.passphrase).toBe(statements);
    // Some kills must have come before the commit and some after it, or the points are not where they should be.
    expect(outcomes.keyring).toBeGreaterThan(0);
    expect(outcomes.passphrase).toBeGreaterThan(0);
  });
});
