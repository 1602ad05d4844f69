// Every damage of every file of a profile leads to an open profile: what is derived is built again, what can be read is kept,
// the rest is put aside, and the person is told.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { unpackOldProfile } from '../../test/support/old-profile.ts';
import { activityIdSchema, tenantIdSchema } from '../shared/ids.ts';
import { openCache } from './cache/cache.ts';
import { readRejected } from './cache/ledger.ts';
import { tableInfos } from './cache/table.ts';
import { DATA_FILES, openDatabase } from './database.ts';
import type { StoreNotice } from './open-rules.ts';
import { openProfile } from './profile.ts';
import { Store } from './store.ts';
import { edit, PAGE } from './testing/damage.ts';
import { aConnection, aJob, anExecution, anUpdate } from './testing/records.ts';

const PRACTICE = tenantIdSchema.parse('1tr9dhga1k8r0j7twp3v');
const OPEN_RUN = activityIdSchema.parse('01m8q960wce2sstwmmm0rcyy0b');
const DELIVERY = activityIdSchema.parse('01m8q95wj0dsa9q2ejh7b7dmpn');
const NEWER = activityIdSchema.parse('01mzzzzzzzzzzzzzzzzzzzzzzz');
const NOBODY = 65_534;

let folder: string;
let seeded: string;
let count = 0;

interface Found {
  readonly notices: StoreNotice[];
  readonly connections: number;
  readonly executions: number;
  readonly updates: number;
  readonly secrets: number;
  readonly rows: number;
}

/** Opens all of it, reads what its pages read, writes into each file, and closes it. */
async function use(root: string): Promise<Found> {
  const notices: StoreNotice[] = [];
  const log = (): void => undefined;
  const onNotice = (notice: StoreNotice): void => void notices.push(notice);
  const store = await Store.open({ version: '1', profile: openProfile(root), onNotice, log });
  const cache = await openCache(root, log);
  for (const text of cache.notices) notices.push({ id: 'cache', kind: 'warning', text });
  const page = { tenantId: PRACTICE, offset: 0, limit: 100 };
  const read = () => ({
    notices,
    connections: store.connections.list(PRACTICE).length,
    executions: store.executions.list(page).total,
    updates: store.updates.list(page).total,
    secrets: Number(store.vaultDb.prepare('SELECT count(*) FROM secrets').pluck().get()),
    rows: tableInfos(cache.db).reduce((sum, info) => sum + info.rows, 0),
  });
  let found: Found;
  try {
    found = read();
    store.updates.list({ ...page, search: 'sales emea' });
    store.executions.list({ ...page, search: 'all tickets' });
  } catch (error) {
    // Met only now: the page fails once, and what is damaged is put right.
    expect(error).toMatchObject({ code: 'database_damaged' });
    await expect.poll(() => notices.length).toBeGreaterThan(0);
    found = read();
  }
  store.executions.latestByConnection(PRACTICE);
  store.logs.list(OPEN_RUN);
  readRejected(cache.db, DELIVERY, { offset: 0, limit: 10 });
  const tenant = store.tenants.list()[0];
  if (tenant !== undefined) {
    const connection = aConnection(tenant.id, { name: `After ${count}` });
    store.change(() => store.connections.insert(connection), anUpdate(connection, 'Connection created'));
    store.change(() => store.connections.remove(connection.id), null);
  }
  store.vaultDb.exec("INSERT INTO keys VALUES ('after', 'keyring', 0, '{}', x'00', '2026')");
  store.vaultDb.exec("DELETE FROM keys WHERE key_id = 'after'");
  cache.close();
  await store.close();
  return found;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pb-every-damage-'));
  chmodSync(folder, 0o755);
  writeFileSync(join(folder, 'elsewhere.txt'), 'not ours');
  mkdirSync(join(folder, 'linked'));
  seeded = join(folder, 'seeded');
  unpackOldProfile(seeded);
  // Upgraded, with a backup, and closed cleanly.
  await use(seeded);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function copyOfProfile(): string {
  count += 1;
  const root = join(folder, `damaged-${count}`);
  cpSync(seeded, root, { recursive: true });
  return root;
}

type Damage = readonly [name: string, damage: (path: string) => void];

const flip = (place: (bytes: Buffer) => number) => (path: string) =>
  edit(path, (bytes) => {
    const at = Math.min(bytes.length - 1, place(bytes));
    bytes.writeUInt8(bytes.readUInt8(at) ^ 0x40, at);
  });
const replaceWith = (make: (path: string) => void) => (path: string) => {
  rmSync(path, { force: true, recursive: true });
  make(path);
};

const IN_PLACE: readonly Damage[] = [
  ['a folder', replaceWith((path) => mkdirSync(path))],
  [
    'a folder with files',
    replaceWith((path) => {
      mkdirSync(path);
      writeFileSync(join(path, 'something'), 'of somebody');
    }),
  ],
  ['a link that leads nowhere', replaceWith((path) => symlinkSync(join(folder, 'nowhere'), path))],
  ['a link to itself', replaceWith((path) => symlinkSync(path, path))],
  ['a link to a text elsewhere', replaceWith((path) => symlinkSync(join(folder, 'elsewhere.txt'), path))],
  ['a link to a folder', replaceWith((path) => symlinkSync(join(folder, 'linked'), path))],
  ['a pipe', replaceWith((path) => void execFileSync('mkfifo', [path]))],
];

const IN_CONTENT: readonly Damage[] = [
  ...[1, 1001, 3000].map(
    (bytes): Damage => [`${bytes} bytes cut off`, (path) => truncateSync(path, statSync(path).size - bytes)],
  ),
  ['half of it cut off', (path) => truncateSync(path, Math.floor(statSync(path).size / 2))],
  ['nothing in it', (path) => truncateSync(path, 0)],
  ['no file at all', (path) => rmSync(path)],
  ['a header that is no database’s', (path) => edit(path, (bytes) => bytes.write('This is not a database.', 0))],
  ['a flipped bit in its schema’s number', flip(() => 62)],
  ['a flipped bit in its page size', flip(() => 16)],
  ['text after its end', (path) => writeFileSync(path, 'more', { flag: 'a' })],
];

/** One of each kind of page: https://www.sqlite.org/fileformat2.html#b_tree_pages, and those without a kind. */
function pagesOfEachKind(path: string, pageBytes: number): number[] {
  const bytes = readFileSync(path);
  const found = new Map<number, number>();
  for (let page = 0; page * pageBytes < bytes.length; page += 1) {
    const kind = bytes.readUInt8(page * pageBytes + (page === 0 ? 100 : 0));
    if (!found.has(kind)) found.set(kind, page);
  }
  return [...found.values()];
}

async function expectUsable(root: string): Promise<Found> {
  const found = await use(root);
  expect(found.connections).toBe(6);
  for (const { text } of found.notices) expect(text).toMatch(/^[A-Z].*\.$/s);
  // The second start has nothing to say.
  expect((await use(root)).notices).toEqual([]);
  expect(readFileSync(join(folder, 'elsewhere.txt'), 'utf8')).toBe('not ours');
  rmSync(root, { recursive: true, force: true });
  return found;
}

describe.each(DATA_FILES)('%s.db', (file) => {
  const path = (root: string): string => join(root, 'data', `${file}.db`);

  it.each([...IN_PLACE, ...IN_CONTENT])('with %s opens, and says what was lost', async (name, damage) => {
    const root = copyOfProfile();
    damage(path(root));
    const { notices } = await expectUsable(root);
    const isHarmless = name === 'text after its end' || (file === 'cache' && name === 'no file at all');
    if (!isHarmless && !(file === 'cache' && name === 'nothing in it')) expect(notices.length).toBeGreaterThan(0);
  });

  it.each(IN_PLACE.flatMap(([name, damage]) => ['-wal', '-shm'].map((part) => [part, name, damage] as const)))(
    'with, in place of its %s, %s opens with nothing lost',
    async (part, _name, damage) => {
      const root = copyOfProfile();
      damage(`${path(root)}${part}`);
      const found = await expectUsable(root);
      expect(found).toMatchObject({ executions: 9, updates: 25, secrets: 9, rows: 2682 });
    },
  );

  it('with any one page of zeros, or one bit of it flipped, opens', async () => {
    const pageBytes = file === 'cache' ? 16_384 : PAGE;
    for (const page of pagesOfEachKind(path(seeded), pageBytes))
      for (const damage of [
        (bytes: Buffer): unknown => bytes.fill(0, page * pageBytes, (page + 1) * pageBytes),
        (bytes: Buffer): unknown =>
          bytes.writeUInt8(bytes.readUInt8(page * pageBytes + 101) ^ 4, page * pageBytes + 101),
        (bytes: Buffer): unknown => bytes.fill(0xff, page * pageBytes + 3, page * pageBytes + 9),
      ]) {
        const root = copyOfProfile();
        edit(path(root), damage);
        await expectUsable(root);
      }
  }, 300_000);
});

describe('the activity history', () => {
  it.each([1001, 3000])('keeps all that is readable when %i bytes are cut off', async (bytes) => {
    const root = copyOfProfile();
    const path = join(root, 'data', 'history.db');
    truncateSync(path, statSync(path).size - bytes);
    const { executions, notices } = await expectUsable(root);
    expect(executions).toBe(9);
    expect(notices.map(({ text }) => text).join()).toMatch(/could still be read.*data\/quarantine\/history-/);
  });

  /** A profile with one activity that its backup, made before the upgrade, does not have. */
  async function withNewerActivity(): Promise<{ root: string; path: string }> {
    const root = copyOfProfile();
    const quiet = { onNotice: (): void => undefined, log: (): void => undefined };
    const store = await Store.open({ version: '1', profile: openProfile(root), ...quiet });
    const connection = aConnection(PRACTICE);
    store.executions.insert(anExecution(connection, aJob(connection), { id: NEWER, status: 'success' }));
    await store.close();
    return { root, path: join(root, 'data', 'history.db') };
  }

  it('keeps what is newer than the backup when entries of its schema cannot be read', async () => {
    const { root, path } = await withNewerActivity();
    edit(path, (bytes) => {
      // The triggers stand last in the schema; their page keeps its directory and loses its end.
      const page = Math.floor(bytes.lastIndexOf('CREATE TRIGGER updates_folded') / PAGE);
      bytes.fill(0, (page + 1) * PAGE - 1001, (page + 1) * PAGE);
    });
    const { executions, updates, notices } = await expectUsable(root);
    expect([executions, updates]).toEqual([10, 25]);
    expect(notices.map(({ text }) => text).join()).toContain('could still be read');
  });

  it('takes from the backup only what the damage hides', async () => {
    const { root, path } = await withNewerActivity();
    const db = openDatabase(path, 'history');
    const first =
      db.prepare<[], number>("SELECT rootpage FROM sqlite_schema WHERE name = 'updates'").pluck().get() ?? 0;
    db.close();
    edit(path, (bytes) => bytes.fill(0xff, (first - 1) * PAGE, first * PAGE));
    const { executions, updates, notices } = await expectUsable(root);
    expect([executions, updates]).toEqual([10, 24]);
    expect(notices.map(({ text }) => text).join()).toMatch(/could still be read.* 25 more came from the backup of /);
  });

  it('restores the backup when nothing of it can be read', async () => {
    const { root, path } = await withNewerActivity();
    edit(path, (bytes) => bytes.fill(0xff, 100, PAGE));
    const { executions, updates, notices } = await expectUsable(root);
    expect([executions, updates]).toEqual([9, 24]);
    expect(notices.map(({ text }) => text).join()).toMatch(/The backup of .* was restored; later changes are lost\./);
  });

  it.each(['subjects_search', 'updates_search'])(
    'builds %s again when its contents are gone, and loses nothing',
    async (index) => {
      for (const statement of [
        `DELETE FROM ${index}_data`,
        `UPDATE ${index}_config SET v = 0 WHERE k = 'version'`,
        `UPDATE ${index}_data SET block = zeroblob(length(block))`,
        `DELETE FROM ${index}_idx`,
      ]) {
        const root = copyOfProfile();
        const db = openDatabase(join(root, 'data', 'history.db'), 'history');
        // Only so may the tables behind an index be written.
        db.unsafeMode(true);
        db.exec(statement);
        db.close();
        const { executions, updates } = await expectUsable(root);
        expect([executions, updates], statement).toEqual([9, 25]);
      }
    },
  );
});

describe('the other files', () => {
  const SMALL = [
    'preferences.json',
    'data/closed.json',
    'data/cache.lock',
    'data/profile.lock',
    'data/restore-wish.json',
    'data/history.suspect',
    'data/backups',
    'data/quarantine',
    'practice',
  ];

  it.each(SMALL.flatMap((name) => IN_PLACE.map(([what, damage]) => [name, what, damage] as const)))(
    '%s as %s is moved out of the way, and nothing is lost',
    async (name, what, damage) => {
      const root = copyOfProfile();
      const path = join(root, name);
      const isFolder = ['data/backups', 'data/quarantine', 'practice'].includes(name);
      damage(path);
      const found = await expectUsable(root);
      expect(found).toMatchObject({ executions: 9, updates: 25, secrets: 9, rows: 2682 });
      expect(found.notices.filter(({ kind }) => kind === 'warning').length).toBeLessThanOrEqual(1);
      if (isFolder || what.startsWith('a link')) return;
      expect(lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false).toBe(false);
    },
  );

  it('a lock with text in it is no lock', async () => {
    const root = copyOfProfile();
    writeFileSync(join(root, 'data', 'cache.lock'), 'x'.repeat(5000));
    await expectUsable(root);
  });
});

describe.skipIf(process.getuid?.() !== 0)('files of somebody else', () => {
  it.each(DATA_FILES)('%s.db that this user may not open is put aside', async (file) => {
    const root = copyOfProfile();
    for (const name of ['', ...readdirSync(root, { recursive: true, encoding: 'utf8' })])
      chownSync(join(root, name), NOBODY, NOBODY);
    const path = join(root, 'data', `${file}.db`);
    chownSync(path, 0, 0);
    chmodSync(path, 0o600);
    process.seteuid?.(NOBODY);
    try {
      const { notices, connections } = await use(root);
      expect(connections).toBe(6);
      expect(notices.map(({ text }) => text).join()).toContain('a file that Patchbay may not open');
    } finally {
      process.seteuid?.(0);
    }
  });

  it.each(DATA_FILES)('%s.db without any permission gets its own back', async (file) => {
    const root = copyOfProfile();
    for (const name of ['', ...readdirSync(root, { recursive: true, encoding: 'utf8' })])
      chownSync(join(root, name), NOBODY, NOBODY);
    chmodSync(join(root, 'data', `${file}.db`), 0);
    process.seteuid?.(NOBODY);
    try {
      expect(await use(root)).toMatchObject({ notices: [], connections: 6, executions: 9, updates: 25, secrets: 9 });
    } finally {
      process.seteuid?.(0);
    }
  });

  it('a folder that may not be written ends the start in words, and nothing is written', async () => {
    const root = copyOfProfile();
    for (const name of ['', ...readdirSync(root, { recursive: true, encoding: 'utf8' })])
      chownSync(join(root, name), NOBODY, NOBODY);
    chmodSync(join(root, 'data'), 0o500);
    const before = readdirSync(root, { recursive: true });
    process.seteuid?.(NOBODY);
    try {
      expect(() => openProfile(root)).toThrow(/data can’t be written by this user/);
    } finally {
      process.seteuid?.(0);
    }
    expect(readdirSync(root, { recursive: true })).toEqual(before);
  });

  it('a file in the place of the data folder ends the start in words', () => {
    const root = join(folder, 'a-file-for-data');
    mkdirSync(root);
    writeFileSync(join(root, 'data'), 'mine');
    expect(() => openProfile(root)).toThrow(/data is a file, but Patchbay needs a folder there/);
    expect(readFileSync(join(root, 'data'), 'utf8')).toBe('mine');
  });
});
