// better-sqlite3's prebuilt addon needs Node-API 10. For an older Electron the same sources are compiled once for Node-API 8,
// with a header that supplies what version 10 added (scripts/compat/node-api-8.h).
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { cachedFolder } from './cache.mjs';
import { ensureBuildTools } from './debian.mjs';
import { SetupError, step } from './log.mjs';
import { nodeHeaders } from './node-runtime.mjs';
import { run } from './process.mjs';
import { inProject, installedVersion } from './project.mjs';

const header = inProject('scripts', 'compat', 'node-api-8.h');

/** The path of the compiled addon. */
export async function ensureSqliteBinding() {
  const headerHash = createHash('sha256').update(fs.readFileSync(header)).digest('hex').slice(0, 8);
  const name = `better-sqlite3-${installedVersion('better-sqlite3')}-napi8-${process.platform}-${process.arch}-${headerHash}`;
  const folder = await cachedFolder(name, (target) =>
    step('Compiling better-sqlite3 for Node-API 8 (about two minutes, once)', () => compile(target)),
  );
  return path.join(folder, 'better_sqlite3.node');
}

async function compile(target) {
  await ensureBuildTools();
  const headers = await nodeHeaders();
  const work = path.join(target, 'build');
  copyPackage('node-addon-api', path.join(work, 'node_modules', 'node-addon-api'));
  const sources = path.join(work, 'better-sqlite3');
  copyPackage('better-sqlite3', sources);
  edit(path.join(sources, 'binding.gyp'), 'NAPI_VERSION=10', 'NAPI_VERSION=8');
  try {
    await run(
      process.execPath,
      [
        inProject('node_modules', 'node-gyp', 'bin', 'node-gyp.js'),
        'rebuild',
        '--release',
        '--force_build=1',
        '--jobs=max',
        `--nodedir=${headers}`,
        '--loglevel=error',
      ],
      { cwd: sources, capture: true, env: { ...process.env, CXXFLAGS: `-include "${header}"`, MAKEFLAGS: '' } },
    );
  } catch (cause) {
    throw new SetupError(
      'better-sqlite3 could not be compiled.',
      'The last lines above say why; g++ 12 or newer is needed.',
      { cause },
    );
  }
  fs.renameSync(
    path.join(sources, 'build', 'Release', 'better_sqlite3.node'),
    path.join(target, 'better_sqlite3.node'),
  );
  fs.rmSync(work, { recursive: true });
}

const copyPackage = (name, target) => fs.cpSync(inProject('node_modules', name), target, { recursive: true });

function edit(file, from, to) {
  const text = fs.readFileSync(file, 'utf8');
  if (!text.includes(from)) throw new Error(`${file} does not contain ${from} any more`);
  fs.writeFileSync(file, text.replace(from, to));
}
