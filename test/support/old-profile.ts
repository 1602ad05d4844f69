// A profile as version 0.1.0 left it when it was killed, journals and all. How it was made: docs/development.md, "Tests".
import fs from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';

const source = path.resolve(import.meta.dirname, '..', 'fixtures', 'profile-0.1.0');

/** The passphrase that opens its vault. */
export const OLD_PASSPHRASE = 'a passphrase of version 0.1.0';

/** Unpacks it into a folder, which is made. */
export function unpackOldProfile(folder: string): void {
  for (const name of fs.readdirSync(source, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.gz')) continue;
    const target = path.join(folder, name.slice(0, -'.gz'.length));
    fs.mkdirSync(path.dirname(target), { recursive: true, mode: 0o700 });
    fs.writeFileSync(target, gunzipSync(fs.readFileSync(path.join(source, name))), { mode: 0o600 });
  }
}
