// electron-packager wants Electron as the zip file it would have downloaded.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { cachedFolder } from './cache.mjs';
import { step } from './log.mjs';
import { run } from './process.mjs';
import { installedVersion } from './project.mjs';

/** The folder of a zip made from the stand-in, without the default app, under the name of the version that is expected. */
export function ensureStandInZip(electron) {
  const expected = `electron-v${installedVersion('electron')}-linux-x64.zip`;
  const key = createHash('sha256').update(electron.folder).update(expected).digest('hex').slice(0, 8);
  return cachedFolder(`electron-zip-${electron.version}-${key}`, (folder) =>
    step('Preparing Electron for packaging', () =>
      // -1: it is unpacked again in a minute. -y: links stay links.
      run(
        'zip',
        ['-q', '-r', '-y', '-1', path.join(folder, expected), '.', '-x', 'resources/app/*', 'resources/app/'],
        {
          cwd: fs.realpathSync(electron.folder),
        },
      ),
    ),
  );
}
