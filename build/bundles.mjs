// What is built, from what: read by scripts/lib/bundles.mjs and by electron-forge alike. A new program is one row here.
const node = ['src', 'connectors'];

/**
 * @typedef {object} Bundle
 * @property {string} name of the file in .vite/build, without its ending
 * @property {string} entry
 * @property {readonly string[]} sources files and folders whose change makes the bundle stale
 * @property {boolean} [inPieces] what is imported later is a file of its own
 * @property {boolean} [isPackaged] part of the app that users install; false for a program that runs from a checkout
 */

/** Those that run in Node: one CommonJS file each, `.vite/build/<name>.cjs`. @type {readonly Bundle[]} */
export const nodeBundles = [
  // In pieces: what is not needed to show the window (the AWS client above all) is not even read at a start.
  { name: 'main', entry: 'src/main/index.ts', sources: node, inPieces: true },
  { name: 'preload', entry: 'src/preload/index.ts', sources: ['src/preload', 'src/shared'] },
  { name: 'worker', entry: 'src/engine/index.ts', sources: node },
  { name: 'network-thread', entry: 'src/engine/network-thread.ts', sources: node },
  { name: 'reader-thread', entry: 'src/core/data/reader-thread.ts', sources: node },
  { name: 'check-thread', entry: 'src/store/check-thread.ts', sources: node },
  // "Open the practice tenant" starts it, also in a package.
  { name: 'practice', entry: 'connectors/practice/main.ts', sources: ['connectors', 'src/shared'] },
  { name: 'headless', entry: 'src/cli/index.ts', sources: node, isPackaged: false },
];

/** The page, in `.vite/renderer/main_window`. */
export const pageBundle = {
  name: 'renderer',
  entry: 'src/renderer/index.html',
  sources: ['src/renderer', 'src/shared', 'src/preload'],
};
