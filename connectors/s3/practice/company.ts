/** What Acme exports: its accounts, their usage by day, contacts, regions, and a file with mistakes in it. */
import { gzipSync } from 'node:zlib';
import { acmeCustomer } from '../../kit/practice/index.ts';
import { type GeneratedRows, generatedFile, type StoredFile, wholeFile } from './files.ts';

export interface AcmeAccount {
  readonly account_id: string;
  readonly name: string;
  readonly domain: string;
  readonly industry: string;
  readonly postal_code: string;
  readonly arr: string;
  readonly renewal_date: string;
  readonly is_active: string;
  readonly notes: string;
}

const NOTES = [
  '',
  'Renewal, discussed with "Sam"',
  'Two sites:\nAustin and Köln',
  '',
  'Prefers e-mail',
  'Uses O’Brien’s team',
];

export function acmeAccount(index: number): AcmeAccount {
  const { name, domain, industry } = acmeCustomer(index);
  return {
    account_id: `ACME-${String(index + 1).padStart(5, '0')}`,
    name,
    domain,
    industry,
    postal_code: String((index * 7919) % 100_000).padStart(5, '0'),
    arr: String(12_000 + ((index * 3571) % 480_000)),
    renewal_date: new Date(Date.UTC(2027, index % 12, 1 + (index % 28))).toISOString().slice(0, 10),
    is_active: index % 9 === 8 ? 'false' : 'true',
    notes: NOTES[index % NOTES.length] ?? '',
  };
}

type Row = Readonly<Record<string, string>>;

function cell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function csv(rows: readonly (readonly string[])[], lineEnd = '\n'): string {
  return rows.map((row) => row.map(cell).join(',') + lineEnd).join('');
}

/** With a header of the first row's names. */
function table(rows: readonly Row[], lineEnd = '\n'): string {
  return csv([Object.keys(rows[0] ?? {}), ...rows.map((row) => Object.values(row))], lineEnd);
}

/** Above this many, accounts are made while they are read. */
const HELD_ACCOUNTS = 20_000;
const HEADER = Object.keys(acmeAccount(0));

function manyAccounts(count: number): GeneratedRows {
  return {
    header: 'account_id,name,domain,industry,postal_code,arr,renewal_date,is_active\n',
    rows: count,
    line(index) {
      const number = String(index + 1).padStart(9, '0');
      const arr = String(100_000 + ((index * 3571) % 480_000));
      const postal = String((index * 7919) % 100_000).padStart(5, '0');
      const day = String(1 + (index % 28)).padStart(2, '0');
      return `ACME-${number},Acme customer ${number},customer-${number}.example,Software,${postal},${arr},2027-03-${day},true\n`;
    },
  };
}

export function accountsFile(count: number, modifiedMs: number): StoredFile {
  const key = 'exports/accounts.csv';
  if (count > HELD_ACCOUNTS) return generatedFile(key, manyAccounts(count), { modifiedMs });
  const rows = Array.from({ length: count }, (_, index) => Object.values(acmeAccount(index)) as string[]);
  return wholeFile(key, csv([HEADER, ...rows], '\r\n'), { modifiedMs });
}

/** The rows of {@link accountsFile} as a reader should find them. */
export function accountRows(count: number): Row[] {
  if (count <= HELD_ACCOUNTS) return Array.from({ length: count }, (_, index) => ({ ...acmeAccount(index) }));
  const { header, line } = manyAccounts(count);
  const names = header.trimEnd().split(',');
  return Array.from({ length: count }, (_, index) => {
    const cells = line(index).trimEnd().split(',');
    return Object.fromEntries(names.map((name, column) => [name, cells[column] ?? '']));
  });
}

const DAY_MS = 86_400_000;
const ACCOUNTS_WITH_USAGE = 40;

const USAGE_DAYS = 7;

function firstDayMs(nowMs: number): number {
  return Math.floor(nowMs / DAY_MS - 8) * DAY_MS;
}

function usageOfDay(day: number, startMs: number): Row[] {
  const date = new Date(startMs + day * DAY_MS).toISOString().slice(0, 10);
  return Array.from({ length: ACCOUNTS_WITH_USAGE }, (_, index) => {
    const { account_id: id } = acmeAccount(index);
    return {
      usage_id: `${id}-${date}`,
      account_id: id,
      date,
      logins: String((index * 31 + day * 17) % 240),
      hours: (((index * 13 + day * 7) % 1000) / 10).toFixed(1),
    };
  });
}

/** The rows of all usage files as a reader should find them, oldest day first. */
export function usageRows(nowMs: number): Row[] {
  return Array.from({ length: USAGE_DAYS }, (_, day) => usageOfDay(day, firstDayMs(nowMs))).flat();
}

function usageFile(day: number, startMs: number): StoredFile {
  const rows = usageOfDay(day, startMs);
  const [first] = rows;
  const key = `exports/usage/usage-${first?.date}.csv`;
  const modifiedMs = startMs + day * DAY_MS + 2 * 3_600_000;
  return wholeFile(key, table(rows), { modifiedMs });
}

export function contactRows(): Row[] {
  return Array.from({ length: 120 }, (_, index) => {
    const { account_id: id, domain } = acmeAccount(index % 40);
    const number = String(index + 1);
    return {
      contact_id: `C-${1000 + index}`,
      account_id: id,
      name: `Contact ${number}`,
      email: `contact.${number}@${domain}`,
    };
  });
}

const REGIONS = csv([
  ['code', 'name', 'manager'],
  ['NO', 'Nordics', 'Åse Bjørnstad'],
  ['DA', 'DACH', 'Jürgen Groß'],
  ['JP', '日本', '佐藤 花子'],
  ['IB', 'Iberia', 'Núria Peña'],
]);

/** Row 3 has a cell too few, row 5 one too many, row 6 goes on behind its quote; the last one is never closed. */
const BROKEN =
  'invoice_id,account_id,amount\nI-1,ACME-00001,120.00\nI-2,ACME-00002\nI-3,ACME-00003,88.50\nI-4,ACME-00004,10,00\n"I-5"x,ACME-00005,12.00\nI-6,ACME-00006,14.00\nI-7,"ACME-00007,15.00\n';

/** Files of a new bucket; their times count back from `nowMs`. */
export function seededFiles(accounts: number, nowMs: number): StoredFile[] {
  const startMs = firstDayMs(nowMs);
  const modifiedMs = startMs + 3_600_000;
  return [
    wholeFile('exports/', '', { modifiedMs, contentType: 'application/x-directory' }),
    wholeFile('exports/empty.csv', '', { modifiedMs }),
    accountsFile(accounts, modifiedMs),
    ...Array.from({ length: USAGE_DAYS }, (_, day) => usageFile(day, startMs)),
    wholeFile('exports/contacts.csv.gz', gzipSync(table(contactRows())), {
      modifiedMs,
      contentType: 'application/gzip',
    }),
    wholeFile('exports/regions-utf16.csv', Buffer.from(`\uFEFF${REGIONS}`, 'utf16le'), { modifiedMs }),
    wholeFile('exports/invoices-with-errors.csv', BROKEN, { modifiedMs }),
    wholeFile('exports/archive/usage-2019.csv', 'usage_id\n1\n', { modifiedMs, storageClass: 'GLACIER' }),
    wholeFile('other/secret plan+draft.csv', 'id,plan\n1,"a, b"\n', { modifiedMs }),
  ];
}
