/** The connection's form, read once: which files, and how they are written. */
import {
  type ConnectorContext,
  ConnectorError,
  CSV_ENCODINGS,
  type CsvEncoding,
  type CsvOptions,
  openS3Store,
  type S3File,
  type S3Store,
} from '../kit/index.ts';

export interface Settings {
  readonly bucket: string;
  /** Empty, or ending with a slash. */
  readonly prefix: string;
  /** Empty = none given. */
  readonly pattern: string;
  /** @param isStored false where the store has unpacked the file already */
  csv(key: string, isStored?: boolean): CsvOptions;
}

const SEPARATORS: Readonly<Record<string, string>> = { comma: ',', tab: '\t', semicolon: ';', pipe: '|', space: ' ' };
const QUALIFIERS: Readonly<Record<string, string | null>> = { double: '"', single: "'", none: null };

export function settingsOf(context: ConnectorContext): Settings {
  const text = (name: string): string => String(context.urls.fields[name] ?? '').trim();
  const folder = text('prefix').replace(/^\/+|(?<!\/)\/+$/g, '');
  const prefix = folder === '' ? '' : `${folder}/`;
  const encoding = CSV_ENCODINGS.find((known) => known === text('encoding')) ?? ('utf-8' satisfies CsvEncoding);
  const quote = QUALIFIERS[text('textQualifier')];
  const compression = text('compression');
  return {
    bucket: text('bucket'),
    prefix,
    pattern: text('filePattern'),
    csv: (key, isStored = true) => ({
      file: key,
      separator: SEPARATORS[text('separator')] ?? separatorOf(key),
      quote: quote === undefined ? '"' : quote,
      ...(text('escapeCharacter') === 'backslash' ? { escape: '\\' } : {}),
      encoding,
      compression: isStored && (compression === 'none' || compression === 'gzip') ? compression : 'auto',
    }),
  };
}

function separatorOf(key: string): string {
  const name = key.toLowerCase().replace(/\.gz$/, '');
  if (/\.(?:tsv|tab)$/.test(name)) return '\t';
  return name.endsWith('.psv') ? '|' : ',';
}

/** @throws ConnectorError credential_missing */
export async function openStore(context: ConnectorContext, settings: Settings): Promise<S3Store> {
  const { credentials } = await context.access.current();
  const accessKeyId = accessKeyIdOf(context);
  const secretAccessKey = credentials.secretAccessKey?.reveal().trim() ?? '';
  const sessionToken = credentials.sessionToken?.reveal().trim() ?? '';
  if (accessKeyId === '' || secretAccessKey === '')
    throw new ConnectorError('credential_missing', 'The access key of the connection is incomplete. Enter it again.');
  return openS3Store(context, {
    bucket: settings.bucket,
    region: String(context.urls.fields.region ?? '').trim(),
    endpoint: context.urls.apiBaseUrl,
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken === '' ? {} : { sessionToken }) },
  });
}

export function accessKeyIdOf(context: ConnectorContext): string {
  return String(context.urls.fields.accessKeyId ?? '').trim();
}

/** What the console makes of a folder is no file. */
export function isFile(file: S3File): boolean {
  return !file.key.endsWith('/');
}

const ARCHIVED: readonly string[] = ['GLACIER', 'DEEP_ARCHIVE'];

/** Unless it was restored, which only asking for it shows. */
export function isArchived(file: S3File): boolean {
  return ARCHIVED.includes(file.storageClass);
}
