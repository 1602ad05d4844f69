/** What a bucket offers: groups of files with the same columns, most likely, and the columns of their newest file. */
import {
  type ConnectorContext,
  ConnectorError,
  type CsvSample,
  createProgressGuard,
  inferColumns,
  likelyKey,
  openSteady,
  type S3File,
  type S3Listing,
  type S3Store,
  type SourceField,
  type SourceObject,
  sampleCsv,
} from '../kit/index.ts';
import { isFault } from './fault.ts';
import { collapseNumbers, hasDate, literalHead, matchesPattern } from './pattern.ts';
import { isArchived, isFile, openStore, type Settings, settingsOf } from './settings.ts';

/** Looked at for the list of objects; a bucket with more is narrowed by folder or pattern. */
const MAX_LISTED = 10_000;
const MAX_OBJECTS = 500;
/** Held at once while a job reads: about 200 bytes each. */
const MAX_FILES = 100_000;
/** Read to find the types: a few hundred kilobytes, and values that are rare are met. */
const SAMPLE_ROWS = 1000;
/** Handed to the job editor at most: rows, texts in all, and characters of each; no longer text is a number or a date. */
const SHOWN_ROWS = 200;
const SHOWN_TEXTS = 40_000;
const SHOWN_CHARS = 100;
const TEXT_FILE = /\.(?:csv|tsv|tab|psv|txt)(?:\.gz)?$/i;

/** Members that every record has besides the columns of its file. */
export const MODIFIED_FIELD = '_modified';
export const FILE_FIELD = '_file';
export const ROW_FIELD = '_row';
export const FILE_ROW_FIELD = '_fileRow';

export async function listObjects(context: ConnectorContext): Promise<SourceObject[]> {
  const settings = settingsOf(context);
  const store = await openStore(context, settings);
  const names: string[] = [];
  const progress = createProgressGuard(({ key }) => key);
  let token: string | null = null;
  let listed = 0;
  do {
    const page: S3Listing = await store.list({ prefix: settings.prefix + literalHead(settings.pattern), token });
    progress.check(page.next, page.files.map(asRecord));
    listed += page.files.length;
    for (const file of page.files.filter((one) => isFile(one) && !isArchived(one))) {
      const name = file.key.slice(settings.prefix.length);
      if (settings.pattern === '' ? TEXT_FILE.test(name) : matchesPattern(name, settings.pattern)) names.push(name);
    }
    token = page.next;
  } while (token !== null && listed < MAX_LISTED && !context.signal.aborted);
  if (token !== null)
    context.log(`Only the first ${listed} files were looked at. Set a folder or a file name pattern to narrow them.`);
  return toObjects(names, settings);
}

const asRecord = ({ key }: S3File) => ({ key });

function toObjects(names: readonly string[], settings: Settings): SourceObject[] {
  const groups = new Map<string, string[]>();
  for (const name of names) {
    const collapsed = collapseNumbers(name);
    const group = groups.get(collapsed);
    if (group === undefined) groups.set(collapsed, [name]);
    else group.push(name);
  }
  const objects = new Map<string, SourceObject>();
  if (settings.pattern !== '') objects.set(settings.pattern, toObject(settings.pattern, names.length, settings));
  for (const [collapsed, members] of groups) {
    const only = members.length === 1 ? members[0] : undefined;
    const name = only !== undefined && !hasDate(only) ? only : collapsed;
    if (!objects.has(name) && objects.size < MAX_OBJECTS) objects.set(name, toObject(name, members.length, settings));
  }
  return [...objects.values()];
}

function toObject(name: string, files: number, settings: Settings): SourceObject {
  const where = settings.prefix === '' ? settings.bucket : `${settings.bucket}/${settings.prefix}`;
  return { name, label: name, description: `${files === 1 ? '1 file' : `${files} files`} in ${where}` };
}

/** All files of an object, oldest first; files of the same second in key order. @throws ConnectorError bad_request beyond 100,000 */
export async function filesOf(
  context: ConnectorContext,
  store: S3Store,
  settings: Settings,
  object: string,
): Promise<S3File[]> {
  const files: S3File[] = [];
  const progress = createProgressGuard(({ key }) => key);
  let token: string | null = null;
  do {
    const page: S3Listing = await store.list({ prefix: settings.prefix + literalHead(object), token });
    progress.check(page.next, page.files.map(asRecord));
    files.push(
      ...page.files.filter((file) => isFile(file) && matchesPattern(file.key.slice(settings.prefix.length), object)),
    );
    if (files.length > MAX_FILES)
      throw new ConnectorError(
        'bad_request',
        `More than ${MAX_FILES} files match "${object}". Narrow the folder or the pattern.`,
      );
    token = page.next;
  } while (token !== null && !context.signal.aborted);
  return files.sort((first, second) => first.modifiedMs - second.modifiedMs || (first.key < second.key ? -1 : 1));
}

export function noFiles(settings: Settings, object: string): ConnectorError {
  return new ConnectorError('not_found', `No file in ${settings.bucket}/${settings.prefix} matches "${object}".`);
}

/** Columns of the newest file that has any, typed by its first rows, and where a record comes from. */
export async function listFields(context: ConnectorContext, object: string): Promise<SourceField[]> {
  const settings = settingsOf(context);
  const store = await openStore(context, settings);
  const files = await filesOf(context, store, settings, object);
  if (files.length === 0) throw noFiles(settings, object);
  const sample = await sampleOf(context, store, settings, files);
  const columns = inferColumns(sample.layout?.columns ?? [], sample.records);
  const key = likelyKey(columns);
  const own: SourceField[] = columns.map(({ name, type, decimals }) => ({
    name,
    label: name,
    type,
    isKey: name === key,
    isCursor: false,
    required: false,
    ...(decimals === undefined ? {} : { decimals }),
    sample: shown(sample.records, name, columns.length),
  }));
  const names = new Set(columns.map(({ name }) => name));
  return [...own, ...provenanceFields(key === null).filter(({ name }) => !names.has(name))];
}

function shown(records: CsvSample['records'], name: string, columns: number): string[] {
  const rows = records.slice(0, Math.min(SHOWN_ROWS, Math.floor(SHOWN_TEXTS / columns)));
  return rows.map((record) => String(record[name] ?? '').slice(0, SHOWN_CHARS));
}

/** Files looked at for columns before it is said why there are none. */
const MAX_SAMPLED = 10;

/** @throws the newest file's fault when none could be read; files without a header have no columns and no fault */
async function sampleOf(
  context: ConnectorContext,
  store: S3Store,
  settings: Settings,
  files: readonly S3File[],
): Promise<CsvSample> {
  const newestFirst = files.filter(({ size }) => size > 0).reverse();
  // Archived ones last: most of them cannot be read.
  const candidates = [...newestFirst.filter((file) => !isArchived(file)), ...newestFirst.filter(isArchived)];
  let fault: unknown = null;
  for (const file of candidates.slice(0, MAX_SAMPLED)) {
    try {
      const { bytes, hasRanges } = await openSteady(context, store, file, 0);
      const sample = await sampleCsv(bytes, settings.csv(file.key, hasRanges), SAMPLE_ROWS);
      if (sample.layout !== null) return sample;
    } catch (error) {
      if (!isFault(error)) throw error;
      context.log(error.message);
      fault ??= error;
    }
  }
  if (fault !== null) throw fault;
  return { layout: null, records: [] };
}

function provenanceFields(isKeyNeeded: boolean): SourceField[] {
  const field = (name: string, label: string, type: SourceField['type']): SourceField => ({
    name,
    label,
    type,
    isKey: false,
    isCursor: false,
    required: false,
  });
  return [
    { ...field(MODIFIED_FIELD, 'File modified at', 'datetime'), isCursor: true },
    field(FILE_FIELD, 'File', 'text'),
    field(ROW_FIELD, 'Row in the file', 'integer'),
    { ...field(FILE_ROW_FIELD, 'File and row', 'text'), isKey: isKeyNeeded },
  ];
}
