// Who may import whom. Every source file belongs to exactly one zone (test/architecture.test.ts checks that too), and a zone
// may import what its row says and nothing else: a new dependency has to be entered here before it can be used.
// There are no exemptions; a rule that is wrong is changed for all.

const npm = (...names) => names.map((name) => `^node_modules/${name}/`);

const test = '\\.test\\.tsx?$';
/** What tests of the application share, in folders of this name. */
const testing = '/testing/';
/** The standard suite of connectors: a test that other tests call. */
const suite = '^connectors/kit/conformance\\.ts$';
/** What every test may use. */
const testTools = [...npm('vitest', '@vitest/[^/]+', 'fast-check'), '^test/support/growth\\.ts$'];

/** The catalogue of connectors, and the kit's doors for the application: nobody outside `connectors` goes another way. */
const catalog = ['^connectors/catalog\\.ts$', '^connectors/kit/doors/'];

/** How the application and the process that runs jobs talk; the rest of the engine is its own business. */
const enginePort = '^src/engine/(messages|contract|protocol|port)\\.ts$';

const kitLibraries = npm('undici', 'ipaddr\\.js', 'secure-json-parse', 'csv-parse', '@aws-sdk/client-s3', 'zod');
const coreLibraries = npm('electron-log', 'oauth4webapi', 'csv-stringify', 'secure-json-parse', 'zod', 'undici');
const mainLibraries = [...coreLibraries, ...npm('electron', 'electron-store')];
const pageLibraries = npm(
  'react',
  'react-dom',
  '@types/react',
  '@types/react-dom',
  '@mantine/[^/]+',
  '@tabler/icons-react',
  '@tanstack/react-virtual',
  'simple-icons',
  'zustand',
  'zod',
);

/** Doors to the network, the disk and other programs. Connectors reach them through the kit only. */
const dangerousModules =
  '^(node:)?(fs|net|tls|dns|dgram|http|https|http2|child_process|worker_threads|cluster|vm|inspector|sqlite)(/|$)';

/**
 * `path` (and not `except`) is the zone; `may` what it imports; `node` whether it uses Node's own modules.
 * @type {{name: string, path: string, except?: string[], may: string[], node: boolean}[]}
 */
const zones = [
  { name: 'shared', path: '^src/shared/', except: [test], may: ['^src/shared/', ...npm('zod')], node: false },
  {
    name: 'shared-tests',
    path: `^src/shared/.*${test}`,
    may: ['^src/shared/', ...testTools, ...npm('zod')],
    node: true,
  },

  {
    name: 'kit',
    path: '^connectors/kit/',
    except: [test, suite],
    may: ['^connectors/kit/', '^src/shared/', ...kitLibraries],
    node: true,
  },
  {
    name: 'kit-tests',
    path: `^connectors/kit/.*(${test}|conformance\\.ts$)`,
    may: ['^connectors/kit/', '^src/shared/', ...kitLibraries, ...testTools, ...npm('vega-datasets', 'oidc-provider')],
    node: true,
  },
  {
    name: 'catalog',
    path: '^connectors/catalog\\.ts$',
    may: ['^connectors/kit/', '^connectors/[^/]+/manifest\\.ts$', '^src/shared/', ...npm('zod')],
    node: true,
  },
  {
    name: 'practice-program',
    path: '^connectors/practice/',
    except: [test],
    may: [
      '^connectors/practice/',
      '^connectors/kit/',
      '^connectors/[^/]+/practice\\.ts$',
      '^src/shared/',
      ...npm('zod'),
    ],
    node: true,
  },
  {
    name: 'catalog-tests',
    path: `^connectors/([^/]+|practice/[^/]+)${test}`,
    may: ['^connectors/', '^src/shared/', ...testTools, ...npm('zod', 'vite')],
    node: true,
  },
  {
    name: 'connector',
    path: '^connectors/([^/]+)/',
    except: [
      '^connectors/(kit|practice)/',
      '^connectors/[^/]+/practice[^/]*\\.ts$',
      '^connectors/[^/]+/practice/',
      test,
    ],
    // simple-icons: a manifest names its icon itself, so that a bundle holds only the icons in use.
    may: ['^connectors/$1/', '^connectors/kit/index\\.ts$', ...npm('simple-icons')],
    node: true,
  },
  {
    name: 'connector-practice',
    path: '^connectors/([^/]+)/practice',
    except: ['^connectors/(kit|practice)/', test],
    // Its own folder's practice files only: a fake that shares code with what it tests agrees with its mistakes.
    may: ['^connectors/$1/practice', '^connectors/kit/practice/'],
    node: true,
  },
  {
    name: 'connector-tests',
    path: `^connectors/([^/]+)/.*${test}`,
    except: ['^connectors/(kit|practice)/'],
    may: ['^connectors/$1/', '^connectors/kit/', ...testTools, ...npm('vega-datasets', '@20minutes/s3rver')],
    node: true,
  },

  {
    name: 'store',
    path: '^src/store/',
    except: [test, testing],
    may: ['^src/store/', '^src/shared/', ...npm('better-sqlite3', '@types/better-sqlite3', 'secure-json-parse', 'zod')],
    node: true,
  },
  {
    name: 'engine',
    path: '^src/engine/',
    except: [test, testing],
    may: ['^src/engine/', '^src/store/', '^src/shared/', ...catalog, ...npm('zod')],
    node: true,
  },
  // The application without Electron.
  {
    name: 'core',
    path: '^src/core/',
    except: [test, testing],
    may: ['^src/core/', '^src/store/', enginePort, '^src/shared/', ...catalog, ...coreLibraries],
    node: true,
  },
  {
    name: 'main',
    path: '^src/main/',
    except: [test, testing],
    may: ['^src/main/', '^src/core/', '^src/store/', enginePort, '^src/shared/', ...catalog, ...mainLibraries],
    node: true,
  },
  {
    name: 'application-tests',
    path: `^src/(store|engine|core|main|cli)/.*(${test}|testing/)`,
    may: [
      '^src/(store|engine|core|main)/',
      '^src/shared/',
      ...catalog,
      '^connectors/(kit/)?practice/',
      '^test/support/',
      ...mainLibraries,
      ...testTools,
      ...npm('better-sqlite3', '@types/better-sqlite3', 'oidc-provider', 'csv-parse'),
    ],
    node: true,
  },
  {
    name: 'cli',
    path: '^src/cli/',
    except: [test, testing],
    may: ['^src/cli/', '^src/store/', '^src/engine/', '^src/shared/', ...catalog, ...npm('zod')],
    node: true,
  },

  {
    name: 'preload',
    path: '^src/preload/',
    may: ['^src/preload/', '^src/shared/ipc/channels\\.ts$', ...npm('electron')],
    node: false,
  },
  {
    name: 'renderer',
    path: '^src/renderer/',
    except: [test],
    may: ['^src/renderer/', '^src/shared/', ...pageLibraries],
    node: false,
  },
  {
    name: 'renderer-tests',
    path: `^src/renderer/.*${test}`,
    may: ['^src/renderer/', '^src/shared/', ...pageLibraries, ...testTools],
    node: true,
  },

  {
    name: 'tests',
    path: '^test/',
    may: [
      '^test/',
      // The engine as the scripts build it.
      '^build/',
      '^src/shared/',
      // Who logs in on a practice system, for main's tests and for these.
      '^src/core/connections/testing/person\\.ts$',
      '^connectors/kit/practice/',
      '^dependency-rules\\.cjs$',
      ...testTools,
      ...npm(
        '@playwright/test',
        'playwright-core',
        '@axe-core/playwright',
        '@electron/(fuses|asar)',
        'oidc-provider',
        'undici',
        'electron',
      ),
      ...npm('better-sqlite3', '@types/better-sqlite3', 'zod', 'vite', '@swc/core'),
    ],
    node: true,
  },
  // Scripts run before `npm ci`, so Node alone; Vite is loaded by name when it is there.
  { name: 'scripts', path: '^scripts/', may: ['^scripts/', '^build/', ...npm('vite', 'electron')], node: true },
  { name: 'build', path: '^build/', may: ['^build/', ...npm('vite', '@vitejs/plugin-react')], node: true },
];

const rules = zones.map(({ name, path, except, may, node }) => ({
  name: `zone-${name}`,
  severity: 'error',
  from: { path, ...(except && { pathNot: except }) },
  to: { pathNot: may, ...(node && { dependencyTypesNot: ['core'] }) },
}));

module.exports = {
  forbidden: [
    ...rules,
    {
      name: 'connector-doors',
      comment: 'Connectors and their practice servers reach network, disk and programs through the kit only.',
      severity: 'error',
      from: { path: '^connectors/[^/]+/', pathNot: ['^connectors/(kit|practice)/', test] },
      to: { dependencyTypes: ['core'], path: dangerousModules },
    },
    {
      name: 'no-zone',
      comment: 'A file of none of the zones above.',
      severity: 'error',
      from: { path: '^(src|connectors|test|scripts|build)/', pathNot: zones.map(({ path }) => path) },
      to: {},
    },
    {
      name: 'not-resolvable',
      severity: 'error',
      from: { path: '^(src|connectors|test|scripts|build)/' },
      to: { couldNotResolve: true, pathNot: ['\\.css$'] },
    },
    {
      name: 'stores-below-pages',
      comment: 'Pages show what stores hold; a store knows no page.',
      severity: 'error',
      from: { path: '^src/renderer/stores/' },
      to: { path: '^src/renderer/pages/' },
    },
    {
      name: 'no-circular',
      comment: 'Files that need each other cannot be understood apart, be it for a type alone.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
  ],
  options: {
    // TypeScript 7 has no API that the checker could use.
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(\\.vite|out|test-results)/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'require', 'types'],
      extensions: ['.ts', '.tsx', '.mjs', '.cjs', '.js', '.json'],
    },
  },
};

// Not enumerable: the import checker accepts no key of ours. For test/architecture.test.ts.
Object.defineProperty(module.exports, 'zones', { value: zones });
