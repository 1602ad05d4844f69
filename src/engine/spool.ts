/**
 * Keeps the raw answers of the pages under way, so that a killed run asks for at most one page twice: while a page is being
 * stored the next one is on the wire already, and without this both would be fetched again.
 *
 * Two files per job, used in turn, because at most two pages are under way. An answer is in its file before the request after
 * it goes out. A write is one call whose bytes the kernel copies in order, header first, trailer last: after a kill the trailer
 * either matches the header, or the entry does not count.
 */
import { createHash, randomBytes } from 'node:crypto';
import { closeSync, constants, lstatSync, openSync, readFileSync, rmSync, writev } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { JobId } from '../shared/ids.ts';
import type { Transport, WireRequest, WireResponse } from './connectors.ts';

const writeParts = promisify(writev);

/** Larger answers are not kept: such a source pages by something other than 1,000 records. */
const MAX_SPOOLED_BYTES = 16_000_000;
const PLACES = ['a', 'b'] as const;
const HEADER_BYTES = 16_384;
const NONCE_BYTES = 16;
const OPEN_FLAGS = constants.O_RDWR | constants.O_CREAT;

const headerSchema = z.strictObject({
  key: z.string(),
  nonce: z.string(),
  status: z.number().int(),
  headers: z.record(z.string(), z.string()),
  length: z.number().int().min(0).max(MAX_SPOOLED_BYTES),
});

interface Entry {
  readonly place: number;
  readonly key: string;
  readonly response: WireResponse;
}

export class PageSpool implements Transport {
  readonly #inner: Transport;
  readonly #paths: readonly string[];
  readonly #log: (line: string) => void;
  readonly #kept = new Map<string, Entry>();
  #files: number[] = [];
  #next = 0;
  #writing: Promise<void> = Promise.resolve();
  #isBroken = false;

  /** @param folder the profile's data folder */
  constructor(inner: Transport, folder: string, jobId: JobId, log: (line: string) => void) {
    this.#inner = inner;
    this.#paths = spoolPaths(folder, jobId);
    this.#log = log;
  }

  /** Before a run goes on: answers that the killed one had received are used instead of asking again, once each. */
  recover(): void {
    for (const [place, path] of this.#paths.entries()) {
      const entry = readEntry(path, place);
      if (entry !== null) this.#kept.set(entry.key, entry);
    }
  }

  /** Resolves when the request of the next page can go out. */
  settled(): Promise<void> {
    return this.#writing;
  }

  async send(wire: WireRequest, signal?: AbortSignal): Promise<WireResponse> {
    if (wire.method !== 'GET' && wire.method !== 'POST') return this.#inner.send(wire, signal);
    const key = keyOf(wire);
    const kept = this.#kept.get(key);
    if (kept !== undefined) {
      this.#kept.delete(key);
      // The page before this one is stored by the time the page after it arrives: its place is the free one.
      this.#next = otherPlace(kept.place);
      return kept.response;
    }
    // The run is past what was kept: whatever is left belongs to requests that will not come.
    this.#kept.clear();
    await this.#writing;
    const response = await this.#inner.send(wire, signal);
    if (response.status >= 200 && response.status < 300) this.#writing = this.#write(key, response);
    return response;
  }

  stream: Transport['stream'] = (wire, signal) => this.#inner.stream(wire, signal);

  /** The transport below is shared and stays open. */
  async close(): Promise<void> {
    await this.#writing;
    for (const file of this.#files) closeSync(file);
    this.#files = [];
  }

  async #write(key: string, response: WireResponse): Promise<void> {
    const { body, status, headers } = response;
    if (this.#isBroken || body.byteLength > MAX_SPOOLED_BYTES) return;
    const nonce = randomBytes(NONCE_BYTES);
    const header = Buffer.alloc(HEADER_BYTES, ' ');
    const text = JSON.stringify({ key, nonce: nonce.toString('hex'), status, headers, length: body.byteLength });
    if (header.write(text) < Buffer.byteLength(text)) return;
    try {
      if (this.#files.length === 0) this.#files = this.#paths.map(openEntry);
      const file = this.#files[this.#next] as number;
      this.#next = otherPlace(this.#next);
      const { bytesWritten } = await writeParts(file, [header, body, nonce], 0);
      if (bytesWritten < HEADER_BYTES + body.byteLength + NONCE_BYTES) throw new Error('short write');
    } catch (error) {
      // A full disk, mostly. The run is right without the spool; only a kill costs one page more.
      this.#isBroken = true;
      this.#log(`Pages under way are not kept on disk (${error instanceof Error ? error.message : 'unknown reason'}).`);
    }
  }
}

/** Removes what a job's passes left behind. */
export function removeSpool(folder: string, jobId: JobId): void {
  for (const path of spoolPaths(folder, jobId)) rmSync(path, { force: true, recursive: true });
}

function spoolPaths(folder: string, jobId: JobId): string[] {
  return PLACES.map((place) => join(folder, `page-${jobId}-${place}.spool`));
}

function otherPlace(place: number): number {
  return 1 - place;
}

/** What makes two requests the same; not the authorization, which may have been renewed in between. */
function keyOf(wire: WireRequest): string {
  const hash = createHash('sha256').update(wire.method).update('\0').update(wire.url).update('\0');
  if (wire.body !== undefined) hash.update(wire.body);
  return hash.digest('hex');
}

function isFile(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

/** A folder, a link or a pipe of this name is nobody's page. */
function openEntry(path: string): number {
  if (!isFile(path)) rmSync(path, { force: true, recursive: true });
  return openSync(path, OPEN_FLAGS, 0o600);
}

function readEntry(path: string, place: number): Entry | null {
  if (!isFile(path)) return null;
  const content = readFileSync(path);
  const header = parseHeader(content.subarray(0, HEADER_BYTES).toString('utf8'));
  if (header === null) return null;
  const end = HEADER_BYTES + header.length;
  if (content.subarray(end, end + NONCE_BYTES).toString('hex') !== header.nonce) return null;
  const body = new Uint8Array(content.subarray(HEADER_BYTES, end));
  return { place, key: header.key, response: { status: header.status, headers: header.headers, body } };
}

function parseHeader(text: string): z.infer<typeof headerSchema> | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    // Torn by the kill: the entry does not count.
    if (error instanceof SyntaxError) return null;
    throw error;
  }
  const parsed = headerSchema.safeParse(value);
  return parsed.success ? parsed.data : null;
}
