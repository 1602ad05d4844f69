// Looks for secret values in whatever an app has left or said, in the forms in which they usually leak.
import fs from 'node:fs';
import path from 'node:path';

/** What base64 makes of a value inside a longer text, by where it begins: the characters that do not depend on its neighbours. */
function base64Inside(value: string, shift: number): string {
  const bytes = Buffer.concat([Buffer.alloc(shift), Buffer.from(value)]);
  const text = bytes.toString('base64').replaceAll('=', '');
  return text.slice(Math.ceil((shift * 8) / 6), Math.floor((bytes.length * 8) / 6));
}

/** A value in nine encodings (base64 at each of the three places it can have). */
export function encodingsOf(value: string): ReadonlyMap<string, Buffer> {
  const hex = Buffer.from(value).toString('hex');
  const texts: Record<string, string> = {
    plain: value,
    url: encodeURIComponent(value),
    hex,
    'upper hex': hex.toUpperCase(),
    json: JSON.stringify(value).slice(1, -1),
    reversed: [...value].reverse().join(''),
  };
  for (const shift of [0, 1, 2]) {
    const inside = base64Inside(value, shift);
    texts[`base64 at ${shift}`] = inside;
    texts[`base64url at ${shift}`] = inside.replaceAll('+', '-').replaceAll('/', '_');
  }
  const forms = new Map(Object.entries(texts).map(([name, text]) => [name, Buffer.from(text)]));
  return forms.set('utf16le', Buffer.from(value, 'utf16le'));
}

export interface LeakSearch {
  /** Where a value was found: "name: encoding of value". */
  inText(name: string, text: string | Buffer): string[];
  /** The same for every file below a folder; files that go away meanwhile are passed over. */
  inFolder(folder: string, isSkipped?: (relative: string) => boolean): string[];
}

export function searchFor(values: readonly string[]): LeakSearch {
  const forms = [...new Set(values)].flatMap((value) =>
    [...encodingsOf(value)].map(([encoding, bytes]) => ({ what: `${encoding} of ${value}`, bytes })),
  );
  const inText = (name: string, text: string | Buffer): string[] => {
    const bytes = typeof text === 'string' ? Buffer.from(text) : text;
    return forms.filter((form) => bytes.includes(form.bytes)).map((form) => `${name}: ${form.what}`);
  };
  return {
    inText,
    inFolder: (folder, isSkipped = () => false) =>
      filesBelow(folder)
        .filter((file) => !isSkipped(path.relative(folder, file)))
        .flatMap((file) => inText(file, fs.existsSync(file) ? fs.readFileSync(file) : '')),
  };
}

/** Every file below a folder: no links, sockets or folders. */
function filesBelow(folder: string): string[] {
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}
