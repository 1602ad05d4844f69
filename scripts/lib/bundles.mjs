// Builds what is stale of build/bundles.mjs, which electron-forge reads too when it packages.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { nodeBundles, pageBundle } from '../../build/bundles.mjs';
import { nodeBundle } from '../../build/node-bundle.mjs';
import { readNote, withLock, writeNote } from './cache.mjs';
import { SetupError, say, step } from './log.mjs';
import { inProject, projectRoot } from './project.mjs';

const bundles = [
  ...nodeBundles.map((bundle) => ({ ...bundle, output: `.vite/build/${bundle.name}.cjs` })),
  { ...pageBundle, output: '.vite/renderer/main_window/index.html' },
];

const stampFile = inProject('.vite', 'stamps.json');
const lockName = `build-${createHash('sha256').update(projectRoot).digest('hex').slice(0, 12)}`;

/** Builds what is stale among the bundles of these names. @param {{force?: boolean, names?: string[]}} options */
export async function ensureBuilt({ force = false, names = bundles.map(({ name }) => name) } = {}) {
  const wanted = bundles.filter(({ name }) => names.includes(name));
  if (!force && !wanted.some(isStale)) return;
  await withLock(lockName, async () => {
    const stale = force ? wanted : wanted.filter(isStale);
    if (stale.length > 0) await step(`Building ${stale.map(({ name }) => name).join(', ')}`, () => build(stale));
  });
}

/** electron-forge has just built all of them from the same list: nothing is stale now. */
export function stampAll() {
  writeNote(stampFile, Object.fromEntries(bundles.map((bundle) => [bundle.name, sourceHash(bundle)])));
}

const isStale = (bundle) =>
  !fs.existsSync(inProject(bundle.output)) || readNote(stampFile)?.[bundle.name] !== sourceHash(bundle);

async function build(stale) {
  const vite = await import('vite');
  const failed = [];
  for (const bundle of stale) {
    try {
      if (!fs.existsSync(inProject(bundle.entry))) throw new Error(`there is no ${bundle.entry}`);
      // Taken before the build: what is edited meanwhile makes it stale again.
      const hash = sourceHash(bundle);
      await vite.build({ ...configurationOf(bundle), logLevel: 'error' });
      writeNote(stampFile, { ...readNote(stampFile), [bundle.name]: hash });
    } catch (error) {
      failed.push(bundle.name);
      say(`  ${bundle.name}: ${error.message}`);
    }
  }
  if (failed.length > 0) {
    throw new SetupError(
      `Not built: ${failed.join(', ')}.`,
      'Correct the errors above; `npm run build` alone shows them again.',
    );
  }
}

const configurationOf = (bundle) =>
  bundle.name === pageBundle.name
    ? { configFile: inProject('build/vite.renderer.config.ts') }
    : { configFile: false, ...nodeBundle(bundle) };

function sourceHash({ sources }) {
  const hash = createHash('sha256');
  for (const source of [...sources, 'build', 'package.json', 'package-lock.json']) addToHash(hash, source);
  return hash.digest('hex');
}

function addToHash(hash, relative) {
  const full = inProject(relative);
  if (!fs.existsSync(full)) return;
  if (!fs.statSync(full).isDirectory()) {
    hash.update(relative).update('\0').update(fs.readFileSync(full)).update('\0');
    return;
  }
  for (const name of fs.readdirSync(full).sort()) {
    // Tests are never part of a bundle.
    if (!/\.test\.tsx?$/.test(name)) addToHash(hash, path.join(relative, name));
  }
}
