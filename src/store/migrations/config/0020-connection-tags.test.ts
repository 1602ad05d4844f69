import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeDatabase, openDatabase, type WritableDb } from '../../database.ts';
import { migrate } from '../../migrate.ts';
import { CONFIG_MIGRATIONS } from '../../migrations.ts';
import { planOf } from '../../testing/query-plan.ts';

let folder: string;
let db: WritableDb;

const upTo = (last: number) => CONFIG_MIGRATIONS.filter(({ id }) => id <= last);
const tag = (connection: string, key: string, text = key) =>
  db.prepare('INSERT INTO connection_tags VALUES (?, ?, ?)').run(connection, key, text);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pb-0020-'));
  db = openDatabase(join(folder, 'config.db'), 'config');
  migrate(db, upTo(10));
  db.exec("INSERT INTO tenants VALUES ('tenant0001', 'Acme', 'acme.test', '[]', 'real', '{}', '2026')");
  db.exec(`INSERT INTO connections VALUES ('connection01', 'tenant0001', 'example', 'A', 'a', 'key', '{}', '{}',
    '{"kind":"draft"}', NULL, '{}', '2026', '2026', 1)`);
  migrate(db, upTo(20));
});

afterAll(() => {
  closeDatabase(db);
  rmSync(folder, { recursive: true, force: true });
});

describe('config 0020 connection tags', () => {
  it('keeps what was there', () => {
    expect(db.prepare('SELECT count(*) AS n FROM connections').get()).toEqual({ n: 1 });
    expect(db.pragma('user_version', { simple: true })).toBe(20);
  });

  it('refuses a tag twice, a long one, and one of no connection', () => {
    tag('connection01', 'eu', 'EU');
    expect(() => tag('connection01', 'eu')).toThrow('UNIQUE constraint failed');
    expect(() => tag('connection01', 'long', 'x'.repeat(41))).toThrow('CHECK constraint failed');
    expect(() => tag('nobody00001', 'eu')).toThrow('FOREIGN KEY constraint failed');
  });

  it('finds the tags of a connection by its key, and lets them go with it', () => {
    expect(planOf(db, "SELECT tag FROM connection_tags WHERE connection_id = 'x' ORDER BY tag_key")).toBe(
      'SEARCH connection_tags USING PRIMARY KEY (connection_id=?)',
    );
    db.exec("DELETE FROM connections WHERE id = 'connection01'");
    expect(db.prepare('SELECT count(*) AS n FROM connection_tags').get()).toEqual({ n: 0 });
  });
});
