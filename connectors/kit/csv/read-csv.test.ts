import { Buffer } from 'node:buffer';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConnectorError } from '../contract.ts';
import { inChunks, plainRows, readAll } from './csv-test-support.ts';
import { CSV_ENCODINGS, type CsvEncoding, createDecoder } from './encoding.ts';
import type { CsvPosition } from './options.ts';
import { readCsv, sampleCsv } from './read-csv.ts';

function plain(records: readonly unknown[]): unknown[] {
  return records.map((record) => Object.fromEntries(Object.entries(record as object)));
}

describe('rows and cells', () => {
  it('reads quoted line ends, doubled quotes and separators in cells, across any chunk border', async () => {
    const text = 'id,note\r\n1,"two\r\nlines"\r\n2,"say ""hi"", twice"\r\n3,5" pipe\r\n4,\r\n';
    for (const size of [1, 2, 3, 5, 64]) {
      const { records, rejected, row } = await readAll(text, {}, size);
      expect(plain(records)).toEqual([
        { id: '1', note: 'two\r\nlines' },
        { id: '2', note: 'say "hi", twice' },
        { id: '3', note: '5" pipe' },
        { id: '4', note: '' },
      ]);
      expect(rejected).toEqual([]);
      expect(row).toBe(5);
    }
  });

  it.each([
    ['tab', '\t'],
    ['semicolon', ';'],
    ['pipe', '|'],
    ['space', ' '],
  ])('splits at the separator %s only', async (_name, separator) => {
    const { records } = await readAll(`a${separator}b\n1${separator}"x,${separator}y"\n`, { separator });
    expect(plain(records)).toEqual([{ a: '1', b: `x,${separator}y` }]);
  });

  it('knows a single quote as text qualifier and a backslash as escape character', async () => {
    const { records } = await readAll("a,b\n'x\\'y','1,2'\n\"q\",'C:\\\\d'\n", { quote: "'", escape: '\\' });
    expect(plain(records)).toEqual([
      { a: "x'y", b: '1,2' },
      { a: '"q"', b: 'C:\\d' },
    ]);
  });

  it('takes quotes literally when cells are never quoted', async () => {
    const { records } = await readAll('a,b\n"x,y\n', { quote: null });
    expect(plain(records)).toEqual([{ a: '"x', b: 'y' }]);
  });

  it('passes over blank lines, counts them as rows, and needs no line end at the end', async () => {
    const { records, row } = await readAll('\n\na,b\n\n1,2\n\r\n3,4', {
      provenance: { fileField: '_file', rowField: '_row' },
    });
    expect(plain(records)).toEqual([
      { a: '1', b: '2', _file: 'a.csv', _row: 5 },
      { a: '3', b: '4', _file: 'a.csv', _row: 7 },
    ]);
    expect(row).toBe(7);
  });

  it('reads files whose lines end with a carriage return alone', async () => {
    for (const size of [1, 3, 100]) {
      expect(plain((await readAll('a,b\r1,"x\ry"\r2,3', {}, size)).records)).toEqual([
        { a: '1', b: 'x\ry' },
        { a: '2', b: '3' },
      ]);
    }
  });

  it('gives no batch for an empty file, and none for a header alone', async () => {
    for (const text of ['', '\n\r\n', 'a,b', 'a,b\r\n', '\uFEFF']) {
      expect((await readAll(text)).records).toEqual([]);
    }
  });

  it('gives no batch for an empty file of any encoding, packed or not, nor for a line sep= alone', async () => {
    for (const encoding of CSV_ENCODINGS) expect((await readAll('', { encoding })).row).toBe(0);
    for (const compression of ['auto', 'gzip', 'none'] as const)
      expect((await readAll('', { compression })).records).toEqual([]);
    expect((await readAll(gzipSync(''))).records).toEqual([]);
    expect((await readAll('sep=;\r\n')).records).toEqual([]);
    expect(await sampleCsv(inChunks(Buffer.alloc(0), 1), { file: 'a.csv' }, 10)).toEqual({ layout: null, records: [] });
  });

  it.each([
    ['sep=;\r\nid;name\r\n1;"a;b"\r\n2;c,d\r\n', ','],
    ['\uFEFFsep=;\nid;name\n1;a;\n1;"a;b"\n2;c,d\n', ';'],
    ['"SEP=;"\nid;name\n1;"a;b"\n2;c,d', '\t'],
    ['sep=\t\nid\tname\n1\ta;b\n2\tc,d\n', ','],
    ['sep=,\nid,name\n1,a;b\n2,"c,d"\n', ','],
  ])('reads a file as its first line says: %j, whatever separator is set', async (text, separator) => {
    for (const size of [1, 3, 1000]) {
      const { records } = await readAll(text, { separator }, size);
      expect(plain(records)).toEqual([
        { id: '1', name: 'a;b' },
        { id: '2', name: 'c,d' },
      ]);
    }
  });

  it('keeps the separator that a file names where a later read enters it', async () => {
    const bytes = Buffer.from('sep=;\nid;name\n1;a\n2;b,b\n3;c\n');
    const positions: CsvPosition[] = [];
    for await (const batch of readCsv(inChunks(bytes, 5), { file: 'a.csv', batchRows: 1 }))
      positions.push(JSON.parse(JSON.stringify(batch.position)) as CsvPosition);
    const resume = positions[0] as CsvPosition;
    const { records, row } = await readAll(bytes.subarray(resume.offset), { resume });
    expect(plain(records)).toEqual([
      { id: '2', name: 'b,b' },
      { id: '3', name: 'c' },
    ]);
    expect(row).toBe(5);
  });

  it('takes sep= for a separator in the first line only, and not one that quotes cells', async () => {
    expect(plain((await readAll('a\nsep=;\n')).records)).toEqual([{ a: 'sep=;' }]);
    expect(plain((await readAll('sep=;x,b\n1,2\n')).records)).toEqual([{ 'sep=;x': '1', b: '2' }]);
    await expect(readAll('sep="\na"b\n')).rejects.toThrow('row 1');
  });

  it('rejects rows with too few or too many cells, or a cell behind a closing quote, by file and row', async () => {
    const { records, rejected } = await readAll('a,b\n1\n2,3,4\n"5"x,6\n7,8\n');
    expect(plain(records)).toEqual([{ a: '7', b: '8' }]);
    expect(rejected).toEqual([
      { where: 'a.csv, row 2', reason: 'the row has 1 cells, the header has 2' },
      { where: 'a.csv, row 3', reason: 'the row has 3 cells, the header has 2' },
      { where: 'a.csv, row 4', reason: 'cell 1 goes on behind its closing quotation mark' },
    ]);
  });

  it('rejects the row of a quote that is never closed and keeps the rows before it', async () => {
    const { records, rejected } = await readAll('a,b\n1,2\n3,"open\n4,5\n');
    expect(plain(records)).toEqual([{ a: '1', b: '2' }]);
    expect(rejected).toEqual([
      {
        where: 'a.csv, row 3',
        reason: 'a quotation mark is never closed, so everything behind it belongs to this row',
      },
    ]);
  });

  it('rejects cells and rows beyond their caps and goes on behind them', async () => {
    const caps = { maxCellChars: 20, maxRowChars: 60 };
    const long = 'x'.repeat(30);
    const huge = `"${'line\n'.repeat(100)}"`;
    const { records, rejected } = await readAll(`a,b\n1,${long}\n2,${huge}\n3,${'y'.repeat(500)}\n4,ok\n`, caps);
    expect(plain(records)).toEqual([{ a: '4', b: 'ok' }]);
    expect(rejected.map(({ where }) => where)).toEqual(['a.csv, row 2', 'a.csv, row 3', 'a.csv, row 4']);
    expect(rejected[0]?.reason).toBe('cell 2 has 30 characters; at most 20 are read');
    expect(rejected[1]?.reason).toBe('the row has more than 60 characters; a quotation mark may not be closed');
  });

  it('keeps columns named like members of Object.prototype as plain data', async () => {
    const { records } = await readAll('__proto__,constructor,toString\n{"polluted":1},c,t\n');
    expect(Object.keys(records[0] ?? {})).toEqual(['__proto__', 'constructor', 'toString']);
    expect(Object.values(records[0] ?? {})).toEqual(['{"polluted":1}', 'c', 't']);
    expect('polluted' in {}).toBe(false);
    const [other = {}] = (await readAll('a\n1\n')).records;
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) expect(name in other).toBe(false);
  });

  it('puts only the wanted columns into the records', async () => {
    const options = { columns: ['b', '_row', 'missing'], provenance: { fileField: '_file', rowField: '_row' } };
    expect(plain((await readAll('a,b,c\n1,2,3\n', options)).records)).toEqual([{ b: '2', _row: 2 }]);
  });
});

describe('header', () => {
  it.each([
    ['a,b,a\n', 'a.csv, row 1: the column name "a" stands twice, in columns 1 and 3. Give every column its own name.'],
    ['a, a\n', 'a.csv, row 1: the column name "a" stands twice, in columns 1 and 2. Give every column its own name.'],
    ['a,,b\n', 'a.csv, row 1: column 2 has no name. Give every column a name in the header row.'],
    [
      'a;b;c\n1;2;3\n',
      'a.csv, row 1: the header is one column holding the character semicolon, but the separator is set to comma. Choose semicolon.',
    ],
    [
      '"a,b\n1,2\n',
      'a.csv, row 1: the header row cannot be read: a quotation mark is never closed, so everything behind it belongs to this row.',
    ],
  ])('refuses %j with a sentence', async (text, message) => {
    const failure = await readAll(text).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ConnectorError);
    expect(failure).toMatchObject({ failureClass: 'bad_data', message });
  });

  it('is trimmed', async () => {
    expect(plain((await readAll(' Name , Id\n x ,1\n')).records)).toEqual([{ Name: ' x ', Id: '1' }]);
  });
});

const WORDS = 'name,city\nZoë,Köln\nRené,München\n';
function encoded(text: string, encoding: CsvEncoding): Buffer {
  if (encoding === 'utf-8') return Buffer.from(text, 'utf8');
  if (encoding === 'utf-16le') return Buffer.from(text, 'utf16le');
  if (encoding === 'utf-16be') return Buffer.from(text, 'utf16le').swap16();
  return Buffer.from(text, 'latin1');
}

describe('encodings', () => {
  it.each(CSV_ENCODINGS)('reads %s across any chunk border', async (encoding) => {
    for (const size of [1, 2, 3, 64]) {
      expect(plain((await readAll(encoded(WORDS, encoding), { encoding }, size)).records)).toEqual([
        { name: 'Zoë', city: 'Köln' },
        { name: 'René', city: 'München' },
      ]);
    }
  });

  it.each(['utf-8', 'utf-16le', 'utf-16be'] as const)('removes the byte order mark of %s', async (encoding) => {
    const { records } = await readAll(encoded(`\uFEFF${WORDS}`, encoding), { encoding });
    expect(Object.keys(records[0] ?? {})).toEqual(['name', 'city']);
  });

  it('reads the characters that Windows-1252 has and ISO-8859-1 lacks', async () => {
    const bytes = Buffer.from([...Buffer.from('a\n'), 0x80, 0x93, 0x9f, 0x0a]);
    expect(plain((await readAll(bytes, { encoding: 'windows-1252' })).records)).toEqual([{ a: '€“Ÿ' }]);
  });

  it('reads characters of every length in UTF-8', async () => {
    for (const size of [1, 2, 3, 4, 5]) {
      expect(plain((await readAll('a\né€😀z\n', {}, size)).records)).toEqual([{ a: 'é€😀z' }]);
    }
  });

  it.each([
    [
      'iso-8859-1 read as utf-8',
      encoded(WORDS, 'iso-8859-1'),
      'utf-8',
      'a.csv, byte 12 (near row 2): byte 0xeb is not valid UTF-8. Choose ISO-8859-1 or Windows-1252 as the encoding.',
    ],
    [
      'marked utf-16 read as utf-8',
      encoded(`\uFEFF${WORDS}`, 'utf-16le'),
      'utf-8',
      'a.csv begins with the mark of UTF-16LE (byte 0), but the encoding is set to UTF-8. Choose UTF-16LE as the encoding.',
    ],
    [
      'unmarked utf-16be read as latin 1',
      encoded(WORDS, 'utf-16be'),
      'iso-8859-1',
      'a.csv does not look like ISO-8859-1 (bytes 0 to 63). Choose UTF-16BE as the encoding.',
    ],
    [
      'utf-8 read as utf-16',
      encoded(WORDS, 'utf-8'),
      'utf-16le',
      'a.csv does not look like UTF-16LE (bytes 0 to 35). Choose UTF-8 as the encoding.',
    ],
    [
      'big-endian read as little',
      encoded(WORDS, 'utf-16be'),
      'utf-16le',
      'a.csv does not look like UTF-16LE (bytes 0 to 63). Choose UTF-16BE as the encoding.',
    ],
    [
      'an undefined byte',
      Buffer.from([0x61, 0x0a, 0x81, 0x0a]),
      'windows-1252',
      'a.csv, byte 2 (near row 2): byte 0x81 has no meaning in Windows-1252. Choose UTF-8 or ISO-8859-1 as the encoding.',
    ],
    [
      'a cut last character',
      Buffer.from([0x61, 0x0a, 0x62, 0xc3]),
      'utf-8',
      'a.csv, byte 3 (near row 2): the file ends in the middle of a character. Choose the encoding the file was saved with as the encoding.',
    ],
  ] as const)('refuses %s, saying where and what to choose', async (_name, bytes, encoding, message) => {
    const failure = await readAll(bytes, { encoding }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ failureClass: 'bad_data', fault: 'encoding', message });
  });

  it('finds the place of the first bad byte like a strict decoder does, wherever the chunks are cut', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.integer({ min: 1, max: 9 }), (bytes, size) => {
        const decoder = createDecoder('utf-8');
        let text = '';
        for (let at = 0; at < bytes.length; at += size)
          text += decoder.write(Buffer.from(bytes.subarray(at, at + size)));
        decoder.end();
        const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
        let valid = 0;
        for (let length = bytes.length; length >= 0; length -= 1) {
          try {
            strict.decode(bytes.subarray(0, length));
            valid = length;
            break;
          } catch (error) {
            expect(error).toBeInstanceOf(TypeError);
          }
        }
        expect(decoder.problem?.offset ?? bytes.length).toBe(valid);
        expect(text).toBe(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(0, valid)));
      }),
      { numRuns: 500 },
    );
  });
});

describe('compression', () => {
  it('unpacks gzip by its first bytes, several members too, and counts the packed bytes', async () => {
    const packed = Buffer.concat([gzipSync('a,b\n1,'), gzipSync('2\n')]);
    const { records, bytes } = await readAll(packed);
    expect(plain(records)).toEqual([{ a: '1', b: '2' }]);
    expect(bytes).toBe(packed.length);
  });

  it.each([
    [
      'zip',
      Buffer.from('PK\u0003\u0004rest'),
      {},
      'a.csv is a zip archive or an Excel workbook, not a text file. Upload it as CSV, plain or gzip-compressed.',
    ],
    [
      'cut gzip',
      gzipSync('a,b\n1,2\n').subarray(0, 20),
      {},
      'a.csv ends in the middle of its compressed data. Upload it again.',
    ],
    [
      'plain set to gzip',
      Buffer.from('a,b\n'),
      { compression: 'gzip' },
      'a.csv is not gzip-compressed, but the compression is set to gzip. Choose "None" or "Automatic".',
    ],
    [
      'gzip set to none',
      gzipSync('a,b\n'),
      { compression: 'none' },
      'a.csv is gzip-compressed, but the compression is set to none. Choose "gzip" or "Automatic".',
    ],
  ] as const)('refuses %s', async (_name, bytes, options, message) => {
    const failure = await readAll(bytes, options).catch((error: unknown) => error);
    expect(failure).toMatchObject({ failureClass: 'bad_data', message });
  });

  it('refuses a bomb before it has unpacked much of it', async () => {
    const bomb = gzipSync(Buffer.alloc(200_000_000, 'a'));
    const before = process.memoryUsage().rss;
    const failure = await readAll(bomb, {}, 65_536).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      failureClass: 'bad_data',
      message:
        'a.csv unpacks to more than 250 times its size and was refused. Upload it uncompressed if it is a real table.',
    });
    expect(process.memoryUsage().rss - before).toBeLessThan(150_000_000);
  });
});

describe('going on', () => {
  const text = `\uFEFFid,note\n${Array.from({ length: 50 }, (_, index) => `${index},"ü\n${index}"\n`).join('')}`;

  it.each([
    ['utf-8', 1],
    ['utf-8', 9],
    ['utf-16le', 9],
  ] as const)('resumes %s at the byte where any batch ended (chunks of %i)', async (encoding, size) => {
    const bytes = encoded(text, encoding);
    const options = { file: 'a.csv', encoding, batchRows: 7 };
    const whole = (await readAll(bytes, options, size)).records;
    let seen = 0;
    for await (const { records, position, isPacked } of readCsv(inChunks(bytes, size), options)) {
      seen += records.length;
      expect(isPacked).toBe(false);
      const rest = await readAll(bytes.subarray(position.offset), { ...options, resume: position }, size);
      expect(plain(rest.records)).toEqual(plain(whole.slice(seen)));
    }
    expect(seen).toBe(50);
  });

  it('passes over rows already read where bytes cannot be skipped', async () => {
    const { records } = await readAll(gzipSync(text), { afterRow: 41 });
    expect(plain(records).map((record) => (record as { id: string }).id)).toEqual([
      '40',
      '41',
      '42',
      '43',
      '44',
      '45',
      '46',
      '47',
      '48',
      '49',
    ]);
  });

  it('samples the first rows and stops the source there', async () => {
    let given = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('a,b\n');
      for (;;) {
        given += 1;
        yield Buffer.from('1,2\n'.repeat(2000));
      }
    }
    const sample = await sampleCsv(endless(), { file: 'a.csv' }, 5);
    expect(sample.layout?.columns).toEqual(['a', 'b']);
    expect(sample.records).toHaveLength(5);
    expect(given).toBeLessThan(4);
  });
});

describe('hostile files', () => {
  const cell = fc.string({
    unit: fc.constantFrom('a', '"', ',', '\n', '\r', ' ', 'é', '€', '\u0007', '😀'),
    maxLength: 12,
  });

  it('gives back every table that was written by the rules', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(cell, cell, fc.boolean()), { maxLength: 12 }),
        fc.integer({ min: 1, max: 40 }),
        async (rows, size) => {
          const write = (text: string, isQuoted: boolean): string =>
            isQuoted || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
          const text = `x,y\n${rows.map(([first, second, isQuoted]) => `${write(first, isQuoted)},${write(second, isQuoted)}\n`).join('')}`;
          const { records, rejected } = await readAll(text, {}, size);
          expect(rejected).toEqual([]);
          expect(plain(records)).toEqual(rows.map(([x, y]) => ({ x, y })));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('accounts for every data row of anything, the same for every chunk size and row cap', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(cell, { maxLength: 30 }), fc.integer({ min: 1, max: 30 }), async (parts, size) => {
        const body = parts.join('');
        // Without a header to look at first, every chunk border falls where it is cut.
        const resume: CsvPosition = { layout: { columns: ['x', 'y'], lineEnd: '\n' }, row: 1, offset: 0 };
        const { records, rejected } = await readAll(body, { resume }, size);
        const expected = plainRows(body, ',', '"');
        expect(records.map(({ x, y }) => [x, y])).toEqual(
          expected.filter((cells) => cells !== null && cells.length === 2),
        );
        expect(records.length + rejected.length).toBe(expected.length);
        const capped = await readAll(body, { resume, maxRowChars: 8, maxCellChars: 8 }, size);
        expect(capped.records.length + capped.rejected.length).toBe(records.length + rejected.length);
      }),
      { numRuns: 400 },
    );
  });

  it('never throws anything but a typed error on random bytes and settings', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 300 }),
        fc.constantFrom(...CSV_ENCODINGS),
        fc.constantFrom(',', ';', '\t', ' '),
        fc.constantFrom('"', "'", null),
        fc.constantFrom('"', '\\', undefined),
        async (bytes, encoding, separator, quote, escapeWith) => {
          const outcome = await readAll(bytes, { encoding, separator, quote, escape: escapeWith }, 13).catch(
            (error: unknown) => error,
          );
          if (outcome instanceof Error) expect(outcome).toBeInstanceOf(ConnectorError);
        },
      ),
      { numRuns: 500 },
    );
  });
});
