// What the import checker cannot see: files outside all zones, calls that have one door, connector ids in shared code.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

interface Zone {
  name: string;
  path: string;
  except?: string[];
}

const root = path.resolve(import.meta.dirname, '..');
const { zones } = createRequire(import.meta.url)('../dependency-rules.cjs') as { zones: Zone[] };
const sourceEnding = /\.(ts|tsx|mts|cts|js|jsx|mjs|cjs)$/;
const isTest = (file: string) => /(\.test\.tsx?$|\/testing\/)/.test(file);

function filesUnder(folder: string): string[] {
  const full = path.join(root, folder);
  if (!fs.existsSync(full)) return [];
  return fs
    .readdirSync(full, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && sourceEnding.test(entry.name))
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, '/'));
}

const read = (file: string) => fs.readFileSync(path.join(root, file), 'utf8');

/** The code without its comments: a comment may name what the code must not use. String contents stay. */
function withoutComments(source: string): string {
  const token = /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|\/\/[^\n]*|\/\*[\s\S]*?\*\//g;
  return source.replace(token, (match) => (match.startsWith('/') ? ' ' : match));
}

const product = [...filesUnder('src'), ...filesUnder('connectors')];
const productCode = product.filter((file) => !isTest(file));
const code = new Map(product.map((file) => [file, withoutComments(read(file))]));

const filesMatching = (pattern: RegExp, files: string[]) => files.filter((file) => pattern.test(code.get(file) ?? ''));

const inZone = (file: string, zone: Zone) =>
  new RegExp(zone.path).test(file) && !(zone.except ?? []).some((pattern) => new RegExp(pattern).test(file));

describe('zones', () => {
  test('every source file belongs to exactly one zone', () => {
    const all = ['src', 'connectors', 'test', 'scripts', 'build'].flatMap(filesUnder);
    const wrong = all
      .map((file) => ({ file, zones: zones.filter((zone) => inZone(file, zone)).map(({ name }) => name) }))
      .filter(({ zones: found }) => found.length !== 1);
    expect(wrong).toEqual([]);
  });
});

describe('single doors', () => {
  test.each([
    ['ipcMain', /\bipcMain\b/, ['src/main/ipc/router.ts']],
    // The platform hands it over and asks it nothing.
    ['safeStorage', /\bsafeStorage\b/, ['src/core/vault/keyring.ts', 'src/main/electron-platform.ts']],
    ['new BrowserWindow', /\bnew\s+BrowserWindow\b/, ['src/main/windows.ts', 'src/main/login-window/window.ts']],
    ['other kinds of web contents', /\bnew\s+(BrowserView|WebContentsView|BaseWindow)\b|<webview/, []],
    ['shell.openExternal', /\bopenExternal\b/, ['src/main/links.ts']],
    [
      'window.patchbay',
      /\b(window|globalThis|self)\s*(\.\s*patchbay\b|\[\s*['"]patchbay['"])/,
      ['src/renderer/bridge.ts'],
    ],
    ['ipcRenderer', /\bipcRenderer\b/, ['src/preload/index.ts']],
    [
      'markup from text',
      /\b(innerHTML|outerHTML|insertAdjacentHTML|dangerouslySetInnerHTML|createContextualFragment|DOMParser|srcdoc|srcDoc|setHTMLUnsafe)\b|\bdocument\s*\.\s*write/,
      [],
    ],
    ['code from text', /\beval\s*\(|\bnew\s+Function\b/, []],
    ['certificate checks switched off', /rejectUnauthorized\s*:\s*false|NODE_TLS_REJECT_UNAUTHORIZED/, []],
  ])('%s', (_name, pattern, doors) => {
    expect(filesMatching(pattern, productCode).filter((file) => !doors.includes(file))).toEqual([]);
  });

  test('better-sqlite3 only in the store', () => {
    const users = filesMatching(/from\s+['"]better-sqlite3['"]|require\(\s*['"]better-sqlite3['"]/, productCode);
    expect(users.filter((file) => !file.startsWith('src/store/'))).toEqual([]);
  });
});

describe('connectors', () => {
  const ids = fs
    .readdirSync(path.join(root, 'connectors'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !['kit', 'practice'].includes(entry.name))
    .map((entry) => entry.name);

  // The practice tenant is made of particular systems; its seed has to name them.
  const mayNameConnectors = (file: string) => /^(src\/core\/practice|connectors\/practice)\//.test(file);

  test('no connector is named outside its own folder', () => {
    const shared = productCode.filter(
      (file) => !/^connectors\/(?!(kit|practice)\/)[^/]+\//.test(file) && !mayNameConnectors(file),
    );
    const named = ids.flatMap((id) =>
      filesMatching(new RegExp(`['"\`]${id}['"\`]`), shared).map((file) => `${file} names '${id}'`),
    );
    expect(named).toEqual([]);
  });

  test('connectors do not reach the network by themselves', () => {
    const own = productCode.filter((file) => /^connectors\/(?!(kit|practice)\/)[^/]+\//.test(file));
    expect(
      filesMatching(/(?<![\w.])fetch\s*\(|\bglobalThis\s*\.\s*fetch\b|\bXMLHttpRequest\b|\bnew\s+WebSocket\b/, own),
    ).toEqual([]);
  });
});

test('named exports only', () => {
  // A declaration file describes somebody else's module.
  const ours = product.filter((file) => !file.endsWith('.d.ts'));
  expect(filesMatching(/\bexport\s+default\b|\bas\s+default\b/, ours)).toEqual([]);
});

test('no type check is switched off', () => {
  const switchedOff = product.filter((file) => /@ts-(ignore|nocheck|expect-error)/.test(read(file)) && !isTest(file));
  expect(switchedOff).toEqual([]);
});
