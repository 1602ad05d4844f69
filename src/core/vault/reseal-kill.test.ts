import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Database } from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Secret } from '../../../connectors/kit/doors/authorization.ts';
import { closeDatabase, openDatabase } from '../../store/database.ts';
import { migrate } from '../../store/migrate.ts';
import { VAULT_MIGRATIONS } from '../../store/migrations.ts';
import { copyAt, startFrom, takeCopy } from '../../store/testing/killed-copies.ts';
import { Keyring } from './keyring.ts';
import { SecretMask } from './masking.ts';
import { NodeKeyring } from './testing/vault.ts';
import { VaultService } from './vault-service.ts';

const OWNER = { kind: 'connection', id: 'connection0001' } as const;
const NAMES = ['a', 'b', 'c', 'd', 'e'];
const PASSWORD = 'password in the keyring';
const PASSPHRASE = 'correct horse battery';
/** A process is killed for real at each statement of this many; at the others a copy of the files stands for what a killed one leaves. */
const REAL_KILLS_EVERY = 6;

/** Sets a passphrase on the copy it is given, and is killed at the n-th statement on vault.db. */
const CHILD = `
import { Secret } from '${here('../../../connectors/kit/secret.ts')}';
import { openDatabase } from '${here('../../store/database.ts')}';
import { Keyring } from '${here('./keyring.ts')}';
import { SecretMask } from '${here('./masking.ts')}';
import { NodeKeyring } from '${here('./testing/vault.ts')}';
import { VaultService } from '${here('./vault-service.ts')}';

const [path, at] = process.argv.slice(2);
const db = openDatabase(path, 'vault');
let statements = 0;
(${beforeEachStatement})(db, () => {
  statements += 1;
  if (statements === Number(at)) process.kill(process.pid, 'SIGKILL');
});
const vault = new VaultService({
  db, keyring: new Keyring(new NodeKeyring('${PASSWORD}'), 'linux'), mask: new SecretMask(), application: 'Patchbay',
  now: () => new Date().toISOString(), log: () => undefined,
});
await vault.setPassphrase(new Secret('${PASSPHRASE}'), null);
`;

/** Also runs in the child, as text. */
function beforeEachStatement(db: Database, call: () => void): void {
  const prepare = db.prepare.bind(db);
  db.prepare = ((sql: string) => {
    const statement = prepare(sql);
    for (const name of ['run', 'get', 'all'] as const) {
      const original = statement[name].bind(statement) as (...values: unknown[]) => never;
      statement[name] = (...values: unknown[]) => {
        call();
        return original(...values);
      };
    }
    return statement;
  }) as typeof db.prepare;
}

function here(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}

let folder: string;
let seeded: string;
let child: string;

function vaultAt(path: string, beforeEach?: () => void) {
  const db = openDatabase(path, 'vault');
  migrate(db, VAULT_MIGRATIONS);
  if (beforeEach !== undefined) beforeEachStatement(db, beforeEach);
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

/** Sets a passphrase in this process; before each statement the files are copied as the operating system has them. */
async function copiesAtEachStatement(path: string): Promise<number> {
  startFrom(seeded, path);
  let statements = 0;
  const { db, vault } = vaultAt(path, () => {
    statements += 1;
    copyAt(path, statements);
  });
  await vault.setPassphrase(new Secret(PASSPHRASE), null);
  closeDatabase(db);
  return statements;
}

async function killAt(path: string, at: number): Promise<void> {
  startFrom(seeded, path);
  const running = spawn(process.execPath, [child, path, String(at)], { stdio: ['ignore', 'ignore', 'inherit'] });
  const end = await new Promise((resolve) => running.once('exit', (code, signal) => resolve(signal ?? code)));
  expect(end).toBe('SIGKILL');
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
    const path = join(folder, 'vault.db');
    const statements = await copiesAtEachStatement(path);
    expect(statements).toBeGreaterThan(20);
    const outcomes = { keyring: 0, passphrase: 0 };
    for (let at = 1; at <= statements; at += 1) {
      if (at % REAL_KILLS_EVERY === 1) await killAt(path, at);
      else takeCopy(path, at);
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
    expect(outcomes.keyring + outcomes.passphrase).toBe(statements);
    // Some kills must have come before the commit and some after it, or the points are not where they should be.
    expect(outcomes.keyring).toBeGreaterThan(0);
    expect(outcomes.passphrase).toBeGreaterThan(0);
  });
});
