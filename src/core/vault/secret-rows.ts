import { z } from 'zod';
import { checkpoint, inTransaction, type WritableDb } from '../../store/database.ts';
import { fromJson, type Row, statement, toJson } from '../../store/rows.ts';
import { CLIENT_SECRET_HOSTS, type SecretOwner } from './contract.ts';
import type { Envelope, Place } from './envelope.ts';

const ownerKindSchema = z.enum(['connection', 'oauthApp']);

export interface StoredSecret extends Place {
  readonly keyId: string;
  readonly setAt: string;
  readonly envelope: Envelope;
}

export interface StoredKey {
  readonly keyId: string;
  readonly scheme: 'keyring' | 'passphrase';
  readonly isActive: boolean;
  readonly params: unknown;
  readonly check: Buffer;
}

function readSecret(row: Row): StoredSecret {
  return {
    owner: { kind: ownerKindSchema.parse(row.owner_kind), id: String(row.owner_id) },
    name: String(row.name),
    keyId: String(row.key_id),
    setAt: String(row.set_at),
    envelope: { header: String(row.header), sealed: Buffer.from(row.sealed as Uint8Array) },
  };
}

function readKey(row: Row): StoredKey {
  return {
    keyId: String(row.key_id),
    scheme: z.enum(['keyring', 'passphrase']).parse(row.scheme),
    isActive: row.is_active === 1,
    params: fromJson(row.params),
    check: Buffer.from(row.key_check as Uint8Array),
  };
}

/** The SQL of vault.db. Sealed bytes only: nothing here can open them. */
export class SecretRows {
  readonly #db: WritableDb;
  readonly #get;
  readonly #ofOwner;
  readonly #all;
  readonly #countByKey;
  readonly #countEntered;
  readonly #put;
  readonly #remove;
  readonly #keys;
  readonly #addKey;
  readonly #deactivate;
  readonly #removeUnusedKeys;

  constructor(db: WritableDb) {
    this.#db = db;
    const place = 'owner_kind = ? AND owner_id = ? AND name = ?';
    this.#get = statement<[string, string, string]>(db, `SELECT * FROM secrets WHERE ${place}`);
    this.#ofOwner = statement<[string, string]>(
      db,
      'SELECT * FROM secrets WHERE owner_kind = ? AND owner_id = ? ORDER BY name',
    );
    this.#all = statement(db, 'SELECT * FROM secrets ORDER BY owner_kind, owner_id, name');
    this.#countByKey = statement(db, 'SELECT key_id, count(*) AS n FROM secrets GROUP BY key_id');
    this.#countEntered = statement<[string]>(
      db,
      'SELECT key_id, count(*) AS n FROM secrets WHERE name <> ? GROUP BY key_id',
    );
    this.#put = statement<unknown[]>(
      db,
      `INSERT INTO secrets (owner_kind, owner_id, name, key_id, header, sealed, set_at) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (owner_kind, owner_id, name) DO UPDATE SET
         key_id = excluded.key_id, header = excluded.header, sealed = excluded.sealed, set_at = excluded.set_at`,
    );
    this.#remove = statement<[string, string, string]>(db, `DELETE FROM secrets WHERE ${place}`);
    this.#keys = statement(db, 'SELECT * FROM keys ORDER BY made_at');
    this.#addKey = statement<unknown[]>(
      db,
      'INSERT INTO keys (key_id, scheme, is_active, params, key_check, made_at) VALUES (?, ?, 1, ?, ?, ?)',
    );
    this.#deactivate = statement(db, "UPDATE keys SET is_active = 0 WHERE scheme = 'passphrase'");
    this.#removeUnusedKeys = statement(
      db,
      'DELETE FROM keys WHERE is_active = 0 AND key_id NOT IN (SELECT key_id FROM secrets)',
    );
  }

  /** One durable transaction: the file's rule is synchronous FULL. */
  atomically<T>(work: () => T): T {
    return inTransaction(this.#db, work);
  }

  /** Empties the WAL, so that nothing of a replaced or removed ciphertext is left anywhere. */
  forgetOldPages(): boolean {
    return checkpoint(this.#db, 'truncate');
  }

  get({ owner, name }: Place): StoredSecret | null {
    const row = this.#get.get(owner.kind, owner.id, name);
    return row === undefined ? null : readSecret(row);
  }

  ofOwner(owner: SecretOwner): StoredSecret[] {
    return this.#ofOwner.all(owner.kind, owner.id).map(readSecret);
  }

  all(): StoredSecret[] {
    return this.#all.all().map(readSecret);
  }

  countByKey(): Map<string, number> {
    return new Map(this.#countByKey.all().map((row) => [String(row.key_id), Number(row.n)]));
  }

  /** Without the notes of whose a client secret is: nobody has entered them. */
  countEntered(): Map<string, number> {
    return new Map(this.#countEntered.all(CLIENT_SECRET_HOSTS).map((row) => [String(row.key_id), Number(row.n)]));
  }

  put({ owner, name, keyId, envelope, setAt }: StoredSecret): void {
    this.#put.run(owner.kind, owner.id, name, keyId, envelope.header, envelope.sealed, setAt);
  }

  remove({ owner, name }: Place): boolean {
    return this.#remove.run(owner.kind, owner.id, name) > 0;
  }

  keys(): StoredKey[] {
    return this.#keys.all().map(readKey);
  }

  addKey(key: Omit<StoredKey, 'isActive'>, madeAt: string): void {
    if (key.scheme === 'passphrase') this.#deactivate.run();
    this.#addKey.run(key.keyId, key.scheme, toJson(key.params), key.check, madeAt);
  }

  /** Passphrase keys that seal nothing any more. Keyring keys stay: they tell a keyring that came back. */
  removeUnusedKeys(): void {
    this.#removeUnusedKeys.run();
  }
}
