// The shape of every bundle that runs in Node: main, the preload script, the worker and its threads, the programs without a window.
import { builtinModules } from 'node:module';
import path from 'node:path';

const project = path.resolve(import.meta.dirname, '..');
const external = ['electron', 'better-sqlite3', ...builtinModules, ...builtinModules.map((name) => `node:${name}`)];

/**
 * Vite's configuration for `.vite/build/<name>.cjs`: one self-contained CommonJS file, or `inPieces`, with what is imported
 * later in `<name>-<piece>.cjs`.
 *
 * @param {import('./bundles.mjs').Bundle} bundle
 * @returns {import('vite').UserConfig}
 */
export function nodeBundle({ name, entry, inPieces = false }) {
  return {
    root: project,
    build: {
      // Resolve and treat imports as Node does, not as a browser would.
      ssr: true,
      // Electron 25, the stand-in where no current one can be downloaded, has Node 18.
      target: 'node18',
      outDir: path.join(project, '.vite/build'),
      emptyOutDir: false,
      copyPublicDir: false,
      // Readable stack traces in logs are worth more than the bytes.
      minify: false,
      lib: { entry: { [name]: path.join(project, entry) }, formats: ['cjs'], fileName: () => '[name].cjs' },
      // .cjs, because package.json says that .js files are modules.
      rolldownOptions: {
        external,
        output: { codeSplitting: inPieces, entryFileNames: '[name].cjs', chunkFileNames: `${name}-[name].cjs` },
      },
    },
    // Everything but the native addon goes into the file, so that a package needs no node_modules.
    ssr: { noExternal: true },
    resolve: { conditions: ['node'], mainFields: ['module', 'jsnext:main', 'jsnext', 'main'] },
  };
}
