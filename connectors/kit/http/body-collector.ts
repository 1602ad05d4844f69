import type { ConnectorError } from '../contract.ts';
import { tooLarge } from './decode.ts';

export interface BodyCollector {
  /** @returns why the body is refused before it comes, or null */
  begin(contentLength: string | undefined, hasNoBody: boolean): ConnectorError | null;
  add(chunk: Uint8Array): ConnectorError | null;
  /** The whole body in an ArrayBuffer of its own. */
  end(): Uint8Array;
}

/**
 * Gathers a body with one copy: a declared length is reserved beforehand, an unknown one is joined at the end. Chunks are
 * views over the socket's buffer and are therefore copied as they come.
 * @param maxBytes cap on the bytes of the wire
 */
export function createBodyCollector(maxBytes: number, host: string): BodyCollector {
  let whole = new Uint8Array(0);
  let chunks: Uint8Array[] = [];
  let size = 0;
  const refuse = (): ConnectorError => tooLarge(host, `is larger than ${Math.round(maxBytes / 1e6)} MB`);
  return {
    begin(contentLength, hasNoBody) {
      const declared = contentLength === undefined || hasNoBody ? 0 : Number(contentLength);
      if (declared > maxBytes) return refuse();
      if (declared > 0) whole = new Uint8Array(declared);
      return null;
    },
    add(chunk) {
      if (size + chunk.byteLength > maxBytes) return refuse();
      if (size + chunk.byteLength <= whole.byteLength) whole.set(chunk, size);
      else chunks.push(Uint8Array.prototype.slice.call(chunk));
      size += chunk.byteLength;
      return null;
    },
    end() {
      if (size === whole.byteLength) return whole;
      const joined = new Uint8Array(size);
      const inWhole = size - chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0);
      joined.set(whole.subarray(0, inWhole));
      let offset = inWhole;
      for (const chunk of chunks) {
        joined.set(chunk, offset);
        offset += chunk.byteLength;
      }
      chunks = [];
      return joined;
    },
  };
}
