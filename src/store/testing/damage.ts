/** What can happen to a file of a profile while nobody looks: for the tests of repair. Not part of any bundle. */
import { copyFileSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { type DataFile, openDatabase } from '../database.ts';

export const PAGE = 4096;

export interface DamageParts {
  readonly path: string;
  readonly file: DataFile;
  /** Numbers from 0 to 1, the same at each run. */
  readonly next: () => number;
  /** The same file of another profile. */
  readonly foreign: string;
  /** A sound file of another kind. */
  readonly otherKind: string;
  /** A table of the file, and an assignment that changes each of its rows. */
  readonly change: readonly [table: string, assignment: string];
}
export type Damage = readonly [name: string, damage: (parts: DamageParts) => void];

export function random(seedValue: number): () => number {
  let state = seedValue;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

export function edit(path: string, change: (bytes: Buffer) => void): void {
  const bytes = readFileSync(path);
  change(bytes);
  writeFileSync(path, bytes);
}

/** A WAL with committed pages, as a process that was killed leaves it: of another profile's file. */
function foreignJournal(parts: DamageParts, content: 'some pages' | 'every page'): void {
  const { path, file, foreign, change } = parts;
  const source = `${path}.foreign`;
  copyFileSync(foreign, source);
  const db = openDatabase(source, file);
  db.pragma('wal_autocheckpoint = 0');
  // The whole of the other file: replayed, it would be a perfectly sound one.
  if (content === 'every page') db.exec('VACUUM');
  db.exec(`UPDATE ${change[0]} SET ${change[1]}`);
  db.exec('CREATE TABLE grown (x TEXT) STRICT');
  copyFileSync(`${source}-wal`, `${path}-wal`);
  db.close();
}

function pageRange(bytes: Buffer, page: number): [number, number] {
  return [page * PAGE, Math.min(bytes.length, (page + 1) * PAGE)];
}

export const DAMAGES: readonly Damage[] = [
  ...[1, 2, 3, 4, 5, 6].map(
    (n): Damage => [
      `${n * 3} flipped bits`,
      ({ path, next }) =>
        edit(path, (bytes) => {
          for (let flip = 0; flip < n * 3; flip += 1) {
            const place = Math.floor(next() * bytes.length);
            bytes.writeUInt8(bytes.readUInt8(place) ^ (1 << Math.floor(next() * 8)), place);
          }
        }),
    ],
  ),
  ...[0.1, 0.5, 0.9].map(
    (part): Damage => [`cut to ${part}`, ({ path }) => truncateSync(path, Math.floor(statSync(path).size * part))],
  ),
  ['cut inside a page', ({ path }) => truncateSync(path, PAGE * 3 + 100)],
  ['cut to nothing', ({ path }) => truncateSync(path, 0)],
  ...[1, 2, 3].map(
    (n): Damage => [
      `a zeroed page (${n})`,
      ({ path, next }) =>
        edit(path, (bytes) => bytes.fill(0, ...pageRange(bytes, Math.floor(next() * (bytes.length / PAGE))))),
    ],
  ),
  ['a zeroed first page', ({ path }) => edit(path, (bytes) => bytes.fill(0, 0, PAGE))],
  [
    'a header that is no database’s',
    ({ path }) => edit(path, (bytes) => bytes.write('This is not a database at all.', 0)),
  ],
  ['another kind of file', ({ path, otherKind }) => copyFileSync(otherKind, path)],
  ['text in its place', ({ path }) => writeFileSync(path, 'hello')],
  ['a journal of another profile', (parts) => foreignJournal(parts, 'some pages')],
  ['a whole journal of another profile', (parts) => foreignJournal(parts, 'every page')],
  ['a journal of rubbish', ({ path }) => writeFileSync(`${path}-wal`, Buffer.alloc(50_000, 'x'))],
];
