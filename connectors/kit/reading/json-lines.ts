import { ConnectorError, type JsonValue, type Page, type SourceRecord } from '../contract.ts';
import { unpack } from '../csv/unpack.ts';
import { areRecords } from '../http/pages/cursor.ts';
import { pick } from '../http/pages/parts.ts';
import { parseJson } from '../json.ts';

/** Largest line, bytes. */
const MAX_LINE_BYTES = 50_000_000;

export interface JsonLinesOptions {
  /** What the stream is, for messages: "events-2026-07.json". */
  readonly name: string;
  /** Records a page; default 1 000. */
  readonly pageSize?: number | undefined;
  /** Of a page read before: the records up to it are passed over, as a stream has no other way to begin in its middle. */
  readonly checkpoint?: JsonValue | undefined;
}

/**
 * Records of JSON lines (one object a line), plain or gzip-compressed, in pages and constant memory.
 * @throws ConnectorError invalid_response for a line that is no object, or too long; CsvFileError for damaged gzip data
 */
export async function* readJsonLines(
  bytes: AsyncIterable<Uint8Array>,
  options: JsonLinesOptions,
): AsyncGenerator<Page> {
  const { name, pageSize = 1_000, checkpoint = null } = options;
  const before = skipped(checkpoint);
  if (before === null) return;
  let line = 0;
  let records: SourceRecord[] = [];
  let size = 0;
  for await (const text of linesOf(bytes, name)) {
    line += 1;
    if (line <= before) continue;
    records.push(recordOf(text, name, line));
    size += text.byteLength;
    if (records.length < pageSize) continue;
    yield { records, bytes: size, checkpoint: { line } };
    records = [];
    size = 0;
  }
  if (line < before) throw new ConnectorError('invalid_response', `${name} has become shorter since it was begun.`);
  yield { records, bytes: size, checkpoint: { line, done: true } };
}

function skipped(checkpoint: JsonValue): number | null {
  if (checkpoint === null) return 0;
  if (pick(checkpoint, 'done') === true) return null;
  const line = pick(checkpoint, 'line');
  if (typeof line === 'number') return line;
  throw new ConnectorError('internal', 'The stored checkpoint names no line. Start the job again from the beginning.');
}

function recordOf(text: Buffer, name: string, line: number): SourceRecord {
  const value = [parseJson(text, `Line ${line} of ${name}`)];
  if (areRecords(value) && !Array.isArray(value[0])) return value[0] as SourceRecord;
  throw new ConnectorError('invalid_response', `Line ${line} of ${name} is not a record.`);
}

async function* linesOf(bytes: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Buffer> {
  let parts: Buffer[] = [];
  let size = 0;
  for await (const chunk of unpack(bytes, { file: name }, { received: 0, isPacked: false })) {
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      const line = Buffer.concat([...parts, chunk.subarray(from, end)]);
      parts = [];
      size = 0;
      from = end + 1;
      if (!isBlank(line)) yield line;
    }
    parts.push(chunk.subarray(from));
    size += chunk.length - from;
    if (size > MAX_LINE_BYTES)
      throw new ConnectorError('invalid_response', `${name} has a line of more than ${MAX_LINE_BYTES / 1_000_000} MB.`);
  }
  const rest = Buffer.concat(parts);
  if (!isBlank(rest)) yield rest;
}

function isBlank(line: Buffer): boolean {
  return line.length === 0 || (line.length === 1 && line[0] === 13);
}
