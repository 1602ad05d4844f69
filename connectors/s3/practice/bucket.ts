/** One bucket: listing, reading with ranges and conditions, writing. https://docs.aws.amazon.com/AmazonS3/latest/API/ */
import { element, type S3Answer, S3Refusal, xmlAnswer } from './answers.ts';
import { type StoredFile, wholeFile } from './files.ts';

type Query = ReadonlyMap<string, string>;
type Headers = Readonly<Record<string, string | undefined>>;

const MAX_KEYS = 1000;

export class PracticeBucket {
  readonly name: string;
  /** As some stores do that call themselves compatible with S3. */
  hasUnquotedEtags = false;
  readonly #files = new Map<string, StoredFile>();
  /** In the order of their UTF-8 bytes; null = to be sorted again. */
  #sortedKeys: readonly string[] | null = null;

  constructor(name: string, files: readonly StoredFile[]) {
    this.name = name;
    for (const file of files) this.put(file);
  }

  put(file: StoredFile): void {
    if (!this.#files.has(file.key)) this.#sortedKeys = null;
    this.#files.set(file.key, file);
  }

  delete(key: string): void {
    if (this.#files.delete(key)) this.#sortedKeys = null;
  }

  file(key: string): StoredFile | undefined {
    return this.#files.get(key);
  }

  keys(): readonly string[] {
    this.#sortedKeys ??= [...this.#files.keys()].sort(byBytes);
    return this.#sortedKeys;
  }

  /** ListObjectsV2: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
  list(query: Query): S3Answer {
    const prefix = query.get('prefix') ?? '';
    const delimiter = query.get('delimiter') ?? '';
    const maxKeys = Math.min(wholeNumber(query.get('max-keys'), MAX_KEYS), MAX_KEYS);
    const token = query.get('continuation-token');
    const after = token === undefined ? (query.get('start-after') ?? '') : keyOfToken(token);
    const encode = query.get('encoding-type') === 'url' ? formEncode : (text: string): string => text;
    const entries = this.#entries(prefix, delimiter, after);
    const page = entries.slice(0, maxKeys);
    const isTruncated = entries.length > page.length && maxKeys > 0;
    const last = page.at(-1);
    const xml = [
      '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">',
      element('Name', this.name),
      element('Prefix', encode(prefix)),
      delimiter === '' ? '' : element('Delimiter', encode(delimiter)),
      element('KeyCount', page.length),
      element('MaxKeys', maxKeys),
      query.has('encoding-type') ? element('EncodingType', 'url') : '',
      element('IsTruncated', isTruncated),
      token === undefined ? '' : element('ContinuationToken', token),
      isTruncated && last !== undefined ? element('NextContinuationToken', tokenOfKey(last.name)) : '',
      ...page.map((entry) =>
        entry.file === null
          ? `<CommonPrefixes>${element('Prefix', encode(entry.name))}</CommonPrefixes>`
          : contents(entry.file, encode, this.hasUnquotedEtags),
      ),
      '</ListBucketResult>',
    ];
    return xmlAnswer(200, xml.join(''));
  }

  /** Files and, with a delimiter, common prefixes, in the order of their UTF-8 bytes. */
  #entries(prefix: string, delimiter: string, after: string): { name: string; file: StoredFile | null }[] {
    const entries: { name: string; file: StoredFile | null }[] = [];
    const folders = new Set<string>();
    for (const key of this.keys()) {
      if (!key.startsWith(prefix)) continue;
      const cut = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
      const name = cut === -1 ? key : key.slice(0, cut + delimiter.length);
      if (byBytes(name, after) <= 0 || folders.has(name)) continue;
      if (cut !== -1) folders.add(name);
      entries.push({ name, file: cut === -1 ? (this.#files.get(key) ?? null) : null });
    }
    return entries;
  }

  /** GetObject and HeadObject: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html */
  get(key: string, headers: Headers, isHead = false): S3Answer {
    const file = this.#files.get(key);
    if (file === undefined) throw new S3Refusal(404, 'NoSuchKey', 'The specified key does not exist.', { Key: key });
    if (!isHead) refuseLocked(file);
    const common = headersOf(file, this.hasUnquotedEtags);
    const ifMatch = headers['if-match'];
    if (ifMatch !== undefined && ifMatch !== '*' && unquoted(ifMatch) !== unquoted(file.etag)) {
      throw new S3Refusal(412, 'PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', {
        Condition: 'If-Match',
      });
    }
    if (headers['if-none-match'] === common.etag) return { status: 304, headers: common };
    const range = rangeOf(headers.range, file.size);
    if (range === null)
      return {
        status: 200,
        headers: { ...common, 'content-length': String(file.size) },
        body: file.read(0, file.size),
      };
    const { from, to } = range;
    const partial = {
      ...common,
      'content-length': String(to - from),
      'content-range': `bytes ${from}-${to - 1}/${file.size}`,
    };
    return { status: 206, headers: partial, body: file.read(from, to) };
  }

  write(key: string, content: Uint8Array, headers: Headers, nowMs: number): S3Answer {
    const file = wholeFile(key, content, {
      modifiedMs: nowMs,
      contentType: headers['content-type'],
      contentEncoding: headers['content-encoding'],
      storageClass: headers['x-amz-storage-class'],
    });
    this.put(file);
    return { status: 200, headers: { etag: file.etag } };
  }
}

function contents(file: StoredFile, encode: (text: string) => string, hasUnquotedEtags: boolean): string {
  return [
    '<Contents>',
    element('Key', encode(file.key)),
    element('LastModified', new Date(file.modifiedMs).toISOString()),
    element('ETag', hasUnquotedEtags ? unquoted(file.etag) : file.etag),
    element('Size', file.size),
    element('StorageClass', file.storageClass),
    '</Contents>',
  ].join('');
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html, https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html */
const RESTORED = 'ongoing-request="false", expiry-date="Fri, 21 Dec 2040 00:00:00 GMT"';

function headersOf(file: StoredFile, hasUnquotedEtags: boolean): Record<string, string> {
  return {
    etag: hasUnquotedEtags ? unquoted(file.etag) : file.etag,
    ...(file.storageClass === 'STANDARD' ? {} : { 'x-amz-storage-class': file.storageClass }),
    ...(file.restore === undefined
      ? {}
      : { 'x-amz-restore': file.restore === 'done' ? RESTORED : 'ongoing-request="true"' }),
    'last-modified': new Date(file.modifiedMs).toUTCString(),
    'accept-ranges': 'bytes',
    'content-type': file.contentType,
    ...(file.contentEncoding === undefined ? {} : { 'content-encoding': file.contentEncoding }),
  };
}

function unquoted(etag: string): string {
  return etag.replaceAll('"', '');
}

const KMS_KEY = 'arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';

/** Archived files without a restored copy, and files whose KMS key does not open them. @throws S3Refusal */
function refuseLocked({ storageClass, restore, kms }: StoredFile): void {
  if ((storageClass === 'GLACIER' || storageClass === 'DEEP_ARCHIVE') && restore !== 'done')
    throw new S3Refusal(403, 'InvalidObjectState', "The operation is not valid for the object's storage class", {
      StorageClass: storageClass,
    });
  // https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html#API_Decrypt_Errors
  if (kms === 'disabled') throw new S3Refusal(400, 'KMS.DisabledException', `${KMS_KEY} is disabled.`);
  if (kms === 'pendingDeletion')
    throw new S3Refusal(400, 'KMS.KMSInvalidStateException', `${KMS_KEY} is pending deletion.`);
  if (kms === 'denied')
    throw new S3Refusal(
      403,
      'AccessDenied',
      `User: arn:aws:iam::111122223333:user/export-reader is not authorized to perform: kms:Decrypt on resource: ${KMS_KEY}`,
    );
}

/** Null = the whole file: no range, or one that is not understood. */
function rangeOf(header: string | undefined, size: number): { from: number; to: number } | null {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return null;
  const from = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const to = first === '' || last === '' ? size : Math.min(size, Number(last) + 1);
  if (from >= size || from >= to)
    throw new S3Refusal(416, 'InvalidRange', 'The requested range is not satisfiable', {
      ActualObjectSize: String(size),
    });
  return { from, to };
}

function wholeNumber(text: string | undefined, fallback: number): number {
  if (text === undefined || text === '') return fallback;
  if (!/^\d{1,10}$/.test(text))
    throw new S3Refusal(400, 'InvalidArgument', 'Provided max-keys not an integer or within integer range', {
      ArgumentName: 'max-keys',
    });
  return Number(text);
}

const TOKEN_MARK = 'practice:';

function tokenOfKey(key: string): string {
  return Buffer.from(TOKEN_MARK + key, 'utf8').toString('base64');
}

function keyOfToken(token: string): string {
  const text = Buffer.from(token, 'base64').toString('utf8');
  if (!text.startsWith(TOKEN_MARK))
    throw new S3Refusal(400, 'InvalidArgument', 'The continuation token provided is incorrect', {
      ArgumentName: 'continuation-token',
    });
  return text.slice(TOKEN_MARK.length);
}

/** encoding-type=url: a space is a plus sign, slashes stay. */
function formEncode(text: string): string {
  return encodeURIComponent(text).replaceAll('%2F', '/').replaceAll('%20', '+').replaceAll('*', '%2A');
}

function byBytes(first: string, second: string): number {
  return Buffer.compare(Buffer.from(first, 'utf8'), Buffer.from(second, 'utf8'));
}
