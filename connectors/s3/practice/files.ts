/** Stored files of the practice bucket: whole ones in memory, and one that is made while it is read. */
import { createHash } from 'node:crypto';

export interface StoredFile {
  readonly key: string;
  readonly size: number;
  /** With quotes. */
  readonly etag: string;
  readonly modifiedMs: number;
  readonly storageClass: string;
  readonly contentType: string;
  readonly contentEncoding?: string | undefined;
  /** Where the file is archived: a copy was restored, or is on its way. */
  readonly restore?: 'done' | 'ongoing' | undefined;
  /** What is wrong with the KMS key that the file is encrypted with. */
  readonly kms?: 'disabled' | 'pendingDeletion' | 'denied' | undefined;
  /** Bytes from `from` up to, not including, `to`. */
  read(from: number, to: number): Iterable<Uint8Array>;
}

export interface FileDetails {
  readonly modifiedMs: number;
  readonly storageClass?: string | undefined;
  readonly contentType?: string | undefined;
  readonly contentEncoding?: string | undefined;
  readonly restore?: StoredFile['restore'];
  readonly kms?: StoredFile['kms'];
}

const CHUNK_BYTES = 65_536;

export function wholeFile(key: string, content: string | Uint8Array, details: FileDetails): StoredFile {
  const bytes = typeof content === 'string' ? Buffer.from(content, 'utf8') : Buffer.from(content);
  return {
    key,
    size: bytes.length,
    etag: `"${createHash('md5').update(bytes).digest('hex')}"`,
    modifiedMs: wholeSecond(details.modifiedMs),
    storageClass: details.storageClass ?? 'STANDARD',
    contentType: details.contentType ?? 'text/csv',
    contentEncoding: details.contentEncoding,
    restore: details.restore,
    kms: details.kms,
    *read(from, to) {
      for (let at = from; at < to; at += CHUNK_BYTES) yield bytes.subarray(at, Math.min(at + CHUNK_BYTES, to));
    },
  };
}

/** S3 keeps times by the second. */
export function wholeSecond(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}

export interface GeneratedRows {
  /** Header line, line end included. */
  readonly header: string;
  readonly rows: number;
  /** Line of a row, counted from 0, line end included; every one has the same number of bytes, all ASCII. */
  line(index: number): string;
}

/** A file of any size without holding it: lines of one length make every byte computable. */
export function generatedFile(key: string, { header, rows, line }: GeneratedRows, details: FileDetails): StoredFile {
  const lineBytes = line(0).length;
  const size = header.length + rows * lineBytes;
  return {
    key,
    size,
    // The hyphen marks the ETag of a multipart upload, which is no MD5: large files on S3 look like this.
    etag: `"${createHash('md5').update(`${key} ${size}`).digest('hex')}-${Math.ceil(size / 8_388_608)}"`,
    modifiedMs: wholeSecond(details.modifiedMs),
    storageClass: 'STANDARD',
    contentType: 'text/csv',
    *read(from, to) {
      let at = from;
      if (at < header.length) {
        const end = Math.min(header.length, to);
        yield Buffer.from(header.slice(at, end), 'latin1');
        at = end;
      }
      const perChunk = Math.max(1, Math.floor(CHUNK_BYTES / lineBytes));
      while (at < to) {
        const first = Math.floor((at - header.length) / lineBytes);
        const last = Math.min(rows, first + perChunk);
        let text = '';
        for (let index = first; index < last; index += 1) text += line(index);
        const begin = header.length + first * lineBytes;
        const end = Math.min(begin + text.length, to);
        yield Buffer.from(text.slice(at - begin, end - begin), 'latin1');
        at = end;
      }
    },
  };
}
