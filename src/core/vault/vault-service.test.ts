import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../../connectors/kit/doors/authorization.ts';
import { checkpoint, closeDatabase, openDatabase, type WritableDb } from '../../store/database.ts';
import { migrate } from '../../store/migrate.ts';
import { VAULT_MIGRATIONS } from '../../store/migrations.ts';
import { openProfile } from '../../store/profile.ts';
import { emptyQuarantine } from '../../store/quarantine.ts';
import type { SecretOwner } from './contract.ts';
import { Keyring } from './keyring.ts';
import { SecretMask } from './masking.ts';
import { chromiumDecrypt, NodeKeyring, PUBLIC_PASSWORD, SlowKeyring } from './testing/vault.ts';
import { VaultService } from './vault-service.ts';

const OWNER: SecretOwner = { kind: 'connection', id: 'connection0001' };
const OTHER: SecretOwner = { kind: 'oauthApp', id: 'oauthapp000001' };
const PASSPHRASE = new Secret('correct horse battery');

let folder: string;
let db: WritableDb;
const opened: WritableDb[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pb-vault-'));
  db = openDatabase(join(folder, 'vault.db'), 'vault');
  migrate(db, VAULT_MIGRATIONS);
  opened.push(db);
});

afterEach(() => {
  for (const one of opened.splice(0)) closeDatabase(one);
  rmSync(folder, { recursive: true, force: true });
});

function vaultOn(keyring: NodeKeyring, patienceMs = 2_000, platform: NodeJS.Platform = 'linux'): VaultService {
  return new VaultService({
    db,
    keyring: new Keyring(keyring, platform),
    mask: new SecretMask(),
    application: 'Patchbay',
    now: () => new Date().toISOString(),
    log: () => undefined,
    patienceMs,
  });
}

interface Stored {
  owner_id: string;
  name: string;
  sealed: Buffer;
  header: string;
}
const storedRows = () => db.prepare<[], Stored>('SELECT * FROM secrets ORDER BY owner_id, name').all();
const bytesOnDisk = () =>
  Buffer.concat(
    readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => readFileSync(join(folder, name))),
  );
const reveal = async (vault: VaultService, name: string, owner = OWNER) => (await vault.get(owner, name)).reveal();
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no error',
    (error: { code: string }) => error.code,
  );

describe('with a real keyring', () => {
  it('gives back what was stored, also after a restart, and keeps names that were not given', async () => {
    const keyring = new NodeKeyring();
    const vault = vaultOn(keyring);
    await vault.put(OWNER, { accessToken: new Secret('token-1'), refreshToken: new Secret('refresh-1') });
    await vault.put(OWNER, { accessToken: new Secret('token-2 ü') });
    const later = vaultOn(keyring);
    expect(later.list(OWNER).map(({ isReadable }) => isReadable)).toEqual([false, false]);
    expect(await reveal(later, 'accessToken')).toBe('token-2 ü');
    expect(await reveal(later, 'refreshToken')).toBe('refresh-1');
    expect(later.list(OWNER).map(({ name, isReadable }) => [name, isReadable])).toEqual([
      ['accessToken', true],
      ['refreshToken', true],
    ]);
    expect(later.status()).toMatchObject({
      protection: 'keyring',
      state: 'unlocked',
      backend: 'gnome_libsecret',
      secrets: 2,
      unreadable: 0,
    });
    expect(await codeOf(later.get(OWNER, 'password'))).toBe('not_found');
    expect(later.has(OTHER, 'accessToken')).toBe(false);
  });

  it('stores ciphertexts that begin with v11 and do not open with the key from Chromium’s source', async () => {
    const vault = vaultOn(new NodeKeyring());
    const values = Object.fromEntries(
      Array.from({ length: 40 }, (_, n) => [`secret${n}`, new Secret(`canary-${n}-value`)]),
    );
    await vault.put(OWNER, values);
    for (const { sealed, header } of storedRows()) {
      expect(sealed.toString('latin1', 0, 3)).toBe('v11');
      const { sealedKeyBytes, backend, application } = JSON.parse(header);
      expect([backend, application]).toEqual(['gnome_libsecret', 'Patchbay']);
      let opened = '';
      try {
        opened = chromiumDecrypt(sealed.subarray(0, sealedKeyBytes), PUBLIC_PASSWORD);
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
      }
      // Now and then a wrong key leaves valid padding: what comes out is still not the content key.
      expect(Buffer.from(opened, 'base64')).not.toHaveLength(32);
    }
    const disk = bytesOnDisk();
    for (let n = 0; n < 40; n += 1) expect(disk.includes(`canary-${n}-value`)).toBe(false);
  });

  it('seals equal values differently, and refuses a ciphertext that was moved to another name or owner', async () => {
    const vault = vaultOn(new NodeKeyring());
    await vault.put(OWNER, { a: new Secret('same'), b: new Secret('same') });
    await vault.put(OTHER, { a: new Secret('other') });
    const [first, second] = storedRows();
    expect(first?.sealed.equals(second?.sealed ?? Buffer.alloc(0))).toBe(false);
    db.prepare("UPDATE secrets SET sealed = ?, header = ? WHERE owner_id = ? AND name = 'b'").run(
      first?.sealed,
      first?.header,
      OWNER.id,
    );
    expect(await codeOf(vault.get(OWNER, 'b'))).toBe('secret_unreadable');
    db.prepare('UPDATE secrets SET sealed = ?, header = ? WHERE owner_id = ?').run(
      first?.sealed,
      first?.header,
      OTHER.id,
    );
    expect(await codeOf(vault.get(OTHER, 'a'))).toBe('secret_unreadable');
    expect(await reveal(vault, 'a')).toBe('same');
  });

  it('keeps a damaged secret as it is and the others readable', async () => {
    const vault = vaultOn(new NodeKeyring());
    await vault.put(OWNER, { a: new Secret('one'), b: new Secret('two') });
    const sealed = Buffer.from(storedRows()[0]?.sealed ?? '');
    sealed.writeUInt8(sealed.readUInt8(sealed.length - 1) ^ 1, sealed.length - 1);
    db.prepare("UPDATE secrets SET sealed = ? WHERE name = 'a'").run(sealed);
    expect(await codeOf(vault.get(OWNER, 'a'))).toBe('secret_unreadable');
    expect(await reveal(vault, 'b')).toBe('two');
    expect(storedRows()[0]?.sealed.equals(sealed)).toBe(true);
    expect(vault.status()).toMatchObject({ secrets: 2, unreadable: 1 });
    expect(vault.list(OWNER).map(({ isReadable }) => isReadable)).toEqual([false, true]);
    await vault.put(OWNER, { a: new Secret('again') });
    expect(await reveal(vault, 'a')).toBe('again');
    expect(vault.status().unreadable).toBe(0);
  });

  it('leaves nothing of a removed or replaced secret in the file or its journal', async () => {
    const vault = vaultOn(new NodeKeyring());
    await vault.put(OWNER, { a: new Secret('one'), b: new Secret('two'), c: new Secret('three') });
    const [a, b, c] = storedRows().map(({ sealed }) => Buffer.from(sealed));
    const onDisk = (sealed: Buffer | undefined) => bytesOnDisk().includes(sealed?.subarray(-24) ?? '');
    expect([onDisk(a), onDisk(b), onDisk(c)]).toEqual([true, true, true]);
    vault.remove(OWNER, ['a']);
    await vault.put(OWNER, { b: new Secret('two again') });
    expect([onDisk(a), onDisk(b), onDisk(c)]).toEqual([false, false, true]);
    vault.remove(OWNER);
    expect(onDisk(c)).toBe(false);
    expect(vault.has(OWNER, 'c')).toBe(false);
  });

  it('stores a thousand values of an owner in one transaction, or none', async () => {
    const vault = vaultOn(new NodeKeyring());
    await vault.put(OWNER, { a: new Secret('before') });
    db.exec("CREATE TRIGGER full BEFORE INSERT ON secrets WHEN new.name = 'z' BEGIN SELECT RAISE(ABORT, 'no'); END");
    await expect(vault.put(OWNER, { a: new Secret('after'), z: new Secret('last') })).rejects.toThrow('no');
    expect(await reveal(vault, 'a')).toBe('before');
  });
});

describe('without a real keyring', () => {
  it.each([
    ['absent', 'No keyring answers on this machine'],
    ['public', 'can be opened by anybody'],
  ] as const)('stores nothing while it is %s and says what to do', async (mood, words) => {
    const keyring = new NodeKeyring();
    keyring.mood = mood;
    const vault = vaultOn(keyring);
    expect(await codeOf(vault.put(OWNER, { a: new Secret('canary-value') }))).toBe('vault_unavailable');
    expect(storedRows()).toEqual([]);
    expect(bytesOnDisk().includes('canary-value')).toBe(false);
    expect(vault.status()).toMatchObject({ protection: 'none', state: 'unset', backend: 'basic_text' });
    expect(vault.status().explanation).toContain(words);
    expect(vault.status().explanation).toContain('Set a vault passphrase');
  });

  it('refuses to store when the keyring falls back to the public key after it was found real', async () => {
    const keyring = new NodeKeyring();
    const vault = vaultOn(keyring);
    await vault.put(OWNER, { a: new Secret('one') });
    keyring.mood = 'public';
    await expect(vault.put(OWNER, { b: new Secret('two') })).rejects.toThrow('no longer protects');
    expect(storedRows()).toHaveLength(1);
  });

  it('takes v10 for real on macOS, where it is the keychain', async () => {
    const keyring = new NodeKeyring();
    keyring.mood = 'public';
    const vault = vaultOn(keyring, 2_000, 'darwin');
    await vault.put(OWNER, { a: new Secret('one') });
    expect(vault.status()).toMatchObject({ protection: 'keyring', backend: 'keychain' });
  });
});

describe('a keyring that is locked, gone or another one', () => {
  it.each(['locked', 'absent', 'swapped'] as const)(
    '%s: nothing changes on disk, and all is back with it',
    async (fault) => {
      const keyring = new NodeKeyring();
      const password = keyring.password;
      await vaultOn(keyring).put(OWNER, { a: new Secret('one'), b: new Secret('two') });
      const before = storedRows();
      if (fault === 'swapped') keyring.password = 'another keyring';
      else keyring.mood = fault;

      const vault = vaultOn(keyring);
      vault.start();
      expect(await codeOf(vault.get(OWNER, 'a'))).toBe(fault === 'swapped' ? 'secret_unreadable' : 'vault_locked');
      expect(vault.list(OWNER).every(({ isReadable }) => !isReadable)).toBe(true);
      expect(vault.status()).toMatchObject({
        protection: 'keyring',
        state: fault === 'swapped' ? 'unlocked' : 'locked',
        secrets: 2,
        unreadable: 2,
      });
      if (fault !== 'swapped') expect(await codeOf(vault.put(OWNER, { c: new Secret('three') }))).toBe('vault_locked');
      expect(storedRows()).toEqual(before);

      keyring.mood = 'open';
      keyring.password = password;
      await vault.unlock(null);
      expect(vault.status()).toMatchObject({ state: 'unlocked', unreadable: 0 });
      expect([await reveal(vault, 'a'), await reveal(vault, 'b')]).toEqual(['one', 'two']);
      expect(storedRows()).toEqual(before);
    },
  );

  it('stores new secrets under another keyring beside the old ones, each readable with its own', async () => {
    const keyring = new NodeKeyring();
    const first = keyring.password;
    await vaultOn(keyring).put(OWNER, { a: new Secret('first') });
    keyring.password = 'another keyring';
    const vault = vaultOn(keyring);
    await vault.put(OWNER, { b: new Secret('second') });
    expect([await codeOf(vault.get(OWNER, 'a')), await reveal(vault, 'b')]).toEqual(['secret_unreadable', 'second']);
    keyring.password = first;
    await vault.unlock(null);
    expect([await reveal(vault, 'a'), await codeOf(vault.get(OWNER, 'b'))]).toEqual(['first', 'secret_unreadable']);
  });

  it('waits for a keyring that asks a person, says so, and goes on by itself', async () => {
    const keyring = new SlowKeyring();
    const vault = vaultOn(keyring, 50);
    const seen: string[] = [];
    vault.onChanged((status) => seen.push(status.state));
    vault.start();
    // It has not waited: the keyring answers only below.
    expect(vault.status().state).toBe('waiting');
    expect(await codeOf(vault.put(OWNER, { a: new Secret('one') }))).toBe('vault_locked');
    expect(vault.status().explanation).toContain('Unlock your keyring to use stored credentials.');
    keyring.answer();
    await expect.poll(() => vault.status().state).toBe('unlocked');
    await vault.put(OWNER, { a: new Secret('one') });
    expect(await reveal(vault, 'a')).toBe('one');
    expect(seen).toContain('unlocked');
  });
});

describe('with a passphrase', () => {
  function withoutKeyring(): VaultService {
    const keyring = new NodeKeyring();
    keyring.mood = 'absent';
    return vaultOn(keyring);
  }

  it('protects what no keyring can: locked at the next start, open with the passphrase, closed to a wrong one', async () => {
    const vault = withoutKeyring();
    expect(await vault.setPassphrase(PASSPHRASE, null)).toMatchObject({ protection: 'passphrase', state: 'unlocked' });
    await vault.put(OWNER, { a: new Secret('canary-value') });
    expect(bytesOnDisk().includes('canary-value')).toBe(false);
    expect(bytesOnDisk().includes(PASSPHRASE.reveal())).toBe(false);

    const later = withoutKeyring();
    expect(later.status()).toMatchObject({ protection: 'passphrase', state: 'locked', secrets: 1, unreadable: 1 });
    expect(await codeOf(later.get(OWNER, 'a'))).toBe('vault_locked');
    expect(await codeOf(later.put(OWNER, { b: new Secret('x') }))).toBe('vault_locked');
    expect(await codeOf(later.unlock(new Secret('wrong horse battery')))).toBe('wrong_passphrase');
    expect(later.status().state).toBe('locked');
    expect(await later.unlock(PASSPHRASE)).toMatchObject({ state: 'unlocked', unreadable: 0 });
    expect(await reveal(later, 'a')).toBe('canary-value');
    later.lock();
    expect(await codeOf(later.get(OWNER, 'a'))).toBe('vault_locked');
  });

  it('is changed with the current one only, and everything moves to the new one', async () => {
    const vault = withoutKeyring();
    await vault.setPassphrase(PASSPHRASE, null);
    await vault.put(OWNER, { a: new Secret('one'), b: new Secret('two') });
    const before = storedRows();
    const next = new Secret('another passphrase');
    expect(await codeOf(vault.setPassphrase(next, null))).toBe('wrong_passphrase');
    expect(await codeOf(vault.setPassphrase(next, new Secret('not the current one')))).toBe('wrong_passphrase');
    expect(storedRows()).toEqual(before);
    await vault.setPassphrase(next, PASSPHRASE);
    const later = withoutKeyring();
    expect(await codeOf(later.unlock(PASSPHRASE))).toBe('wrong_passphrase');
    await later.unlock(next);
    expect([await reveal(later, 'a'), await reveal(later, 'b')]).toEqual(['one', 'two']);
    for (const { sealed } of before) expect(bytesOnDisk().includes(sealed.subarray(-24))).toBe(false);
    expect(db.prepare('SELECT count(*) FROM keys').pluck().get()).toBe(1);
  });

  it('takes over what a keyring sealed, except what that keyring cannot open', async () => {
    const keyring = new NodeKeyring();
    const first = keyring.password;
    await vaultOn(keyring).put(OTHER, { lost: new Secret('sealed by the first keyring') });
    keyring.password = 'another keyring';
    const vault = vaultOn(keyring);
    await vault.put(OWNER, { a: new Secret('one') });
    expect(await vault.setPassphrase(PASSPHRASE, null)).toMatchObject({
      protection: 'passphrase',
      secrets: 2,
      unreadable: 1,
    });
    keyring.mood = 'absent';
    const later = vaultOn(keyring);
    await later.unlock(PASSPHRASE);
    expect(await reveal(later, 'a')).toBe('one');
    expect(await codeOf(later.get(OTHER, 'lost'))).toBe('secret_unreadable');
    keyring.mood = 'open';
    keyring.password = first;
    await later.unlock(PASSPHRASE);
    expect(await reveal(later, 'lost', OTHER)).toBe('sealed by the first keyring');
  });

  it('keeps a secret removed that is removed while the passphrase is being set, and one stored meanwhile', async () => {
    const vault = vaultOn(new NodeKeyring());
    await vault.put(OWNER, { a: new Secret('one'), b: new Secret('two') });
    const setting = vault.setPassphrase(PASSPHRASE, null);
    const putting = vault.put(OWNER, { c: new Secret('three') });
    vault.remove(OWNER, ['a']);
    await Promise.all([setting, putting]);
    expect(vault.list(OWNER).map(({ name, isReadable }) => [name, isReadable])).toEqual([
      ['b', true],
      ['c', true],
    ]);
  });

  it('can be replaced when it is forgotten: what it sealed stays, unreadable, until it is stored again', async () => {
    const vault = withoutKeyring();
    await vault.setPassphrase(PASSPHRASE, null);
    await vault.put(OWNER, { a: new Secret('one') });
    expect(await codeOf(vault.replaceForgottenPassphrase(new Secret('brand new one')))).toBe('not_allowed');
    const before = storedRows();
    const later = withoutKeyring();
    expect(await later.replaceForgottenPassphrase(new Secret('brand new one'))).toMatchObject({
      state: 'unlocked',
      unreadable: 1,
    });
    expect(storedRows()).toEqual(before);
    expect(await codeOf(later.get(OWNER, 'a'))).toBe('secret_unreadable');
    await later.put(OWNER, { a: new Secret('entered again') });
    expect(await reveal(later, 'a')).toBe('entered again');
  });
});

it('registers every value that is stored or revealed for the log’s mask', async () => {
  const keyring = new NodeKeyring();
  await vaultOn(keyring).put(OWNER, { a: new Secret('canary-value') });
  const mask = new SecretMask();
  const vault = new VaultService({
    db,
    keyring: new Keyring(keyring, 'linux'),
    mask,
    application: 'Patchbay',
    now: () => '',
    log: () => undefined,
  });
  expect(mask.mask('canary-value')).toBe('canary-value');
  await vault.get(OWNER, 'a');
  expect(mask.mask('say canary-value')).toBe('say [redacted]');
});

it('leaves no copy of a removed secret in a file that was put aside because of damage', async () => {
  const { quarantine: aside } = openProfile(folder);
  const made = () =>
    new VaultService({
      db,
      keyring: new Keyring(new NodeKeyring(), 'linux'),
      mask: new SecretMask(),
      application: 'Patchbay',
      now: () => new Date().toISOString(),
      log: () => undefined,
      onRemoved: () => emptyQuarantine(aside, 'vault'),
    });
  const vault = made();
  await vault.put(OWNER, { refreshToken: new Secret('a secret that is deleted later') });
  const sealed = storedRows()[0]?.sealed ?? Buffer.alloc(0);
  checkpoint(db, 'truncate');
  for (const name of ['vault-20260101T000000Z.vault.db', 'config-20260101T000000Z.config.db'])
    copyFileSync(join(folder, 'vault.db'), join(aside, name));
  vault.remove(OTHER);
  expect(readdirSync(aside)).toHaveLength(2);
  vault.remove(OWNER);
  expect(readdirSync(aside)).toEqual(['config-20260101T000000Z.config.db']);
  expect(bytesOnDisk().includes(sealed)).toBe(false);
});
