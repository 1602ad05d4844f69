/** An entry of a listing as a file, with a name and an ETag in one form whoever has listed it. */
import { ConnectorError } from '../contract.ts';

export interface S3File {
  readonly key: string;
  /** Milliseconds since the epoch, second precision. */
  readonly modifiedMs: number;
  readonly size: number;
  /** With its quotes, as If-Match wants it. Not an MD5 for multipart or KMS objects: for change detection only. */
  readonly etag: string;
  readonly storageClass: string;
  /** Why this file cannot be asked for, where its name shows it. */
  readonly fault?: string | undefined;
}

/** Just the members of the AWS client's entry that are used here. */
export interface ListedObject {
  readonly Key?: string | undefined;
  readonly LastModified?: Date | undefined;
  readonly Size?: number | undefined;
  readonly ETag?: string | undefined;
  readonly StorageClass?: string | undefined;
}

/** @param isEncoded whether the listing's names are encoded as in forms @throws ConnectorError invalid_response */
export function toFile(entry: ListedObject, isEncoded: boolean): S3File {
  const { Key: key, LastModified: modified, ETag: etag } = entry;
  if (key === undefined || modified === undefined || etag === undefined || Number.isNaN(modified.getTime())) {
    throw new ConnectorError('invalid_response', 'The store listed a file without name, date or ETag.');
  }
  return {
    ...nameOf(key, isEncoded),
    modifiedMs: modified.getTime(),
    size: entry.Size ?? 0,
    etag: quotedEtag(etag),
    storageClass: entry.StorageClass ?? 'STANDARD',
  };
}

/** Some stores leave the quotes away, in listings or everywhere: https://www.rfc-editor.org/rfc/rfc9110#section-8.8.3 */
export function quotedEtag(etag: string): string {
  return `"${etag.replace(/^W\//, '').replace(/^"|"$/g, '')}"`;
}

function nameOf(listed: string, isEncoded: boolean): { key: string; fault?: string } {
  const key = isEncoded ? decodeKey(listed) : listed;
  if (key === null)
    return { key: listed, fault: 'The store listed this name with a broken encoding. Rename the file.' };
  if (hasDotSegment(key)) {
    const fault =
      'The name has a "." or ".." between slashes, which cannot be asked for over the web. Rename the file.';
    return { key, fault };
  }
  return { key };
}

/** Form encoding: a space is a plus sign. Null = not properly encoded. */
function decodeKey(key: string): string | null {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '));
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
}

/** Web addresses drop such segments, so the request would be for another file than the one that was signed. */
function hasDotSegment(key: string): boolean {
  return key.includes('.') && key.split('/').some((segment) => segment === '.' || segment === '..');
}
