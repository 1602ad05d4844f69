// Packages for users: the same bundles as `npm run build`, from the same list (build/bundles.mjs), in an asar with fuses set.
import fs from 'node:fs';
import path from 'node:path';
import { FuseV1Options, FuseVersion } from '@electron/fuses';
import { MakerDeb } from '@electron-forge/maker-deb';
import { MakerDMG } from '@electron-forge/maker-dmg';
import { MakerSquirrel } from '@electron-forge/maker-squirrel';
import { MakerZIP } from '@electron-forge/maker-zip';
import { FusesPlugin } from '@electron-forge/plugin-fuses';
import { VitePlugin } from '@electron-forge/plugin-vite';
import type { ForgeConfig } from '@electron-forge/shared-types';
import { nodeBundles } from './build/bundles.mjs';

const project = import.meta.dirname;

/** Set by scripts/forge.mjs where only the stand-in Electron is to be had: its zip's folder, and the addon compiled for it. */
const standIn =
  process.env.PATCHBAY_STAND_IN_ZIP_DIR && process.env.PATCHBAY_SQLITE_BINDING
    ? { zipFolder: process.env.PATCHBAY_STAND_IN_ZIP_DIR, binding: process.env.PATCHBAY_SQLITE_BINDING }
    : undefined;

/** Programs of their own are no part of the app. They are built all the same: the plugin empties .vite first. */
const notPackaged = [
  '/.vite/stamps.json',
  ...nodeBundles.filter(({ isPackaged }) => isPackaged === false).map(({ name }) => `/.vite/build/${name}.cjs`),
];

/**
 * better-sqlite3 as far as it runs: its scripts and the addon for the platform. Its sources and the other platforms' addons
 * are 20 MB that nobody needs.
 */
function addSqlite(appFolder: string, platform: string, arch: string): void {
  const from = path.join(project, 'node_modules', 'better-sqlite3');
  const to = path.join(appFolder, 'node_modules', 'better-sqlite3');
  for (const name of ['package.json', 'LICENSE', 'lib']) {
    fs.cpSync(path.join(from, name), path.join(to, name), { recursive: true });
  }
  fs.mkdirSync(path.join(to, 'prebuilds'));
  if (standIn) {
    fs.copyFileSync(standIn.binding, path.join(to, 'prebuilds', 'node-api-8.node'));
    return;
  }
  for (const name of [`${platform}-${arch}.node`, `${platform}musl-${arch}.node`]) {
    const addon = path.join(from, 'prebuilds', name);
    if (fs.existsSync(addon)) fs.copyFileSync(addon, path.join(to, 'prebuilds', name));
  }
}

/**
 * In a package no variable of the environment may name code to load, and NODE_OPTIONS is switched off by a fuse: what a
 * development start gives from outside is fixed inside each bundle instead.
 */
function fixEnvironment(appFolder: string): void {
  const folder = path.join(appFolder, '.vite', 'build');
  const lines = standIn
    ? "require('./node-globals.cjs');process.env.PATCHBAY_SQLITE_BINDING=require('node:path').join(__dirname,'../../node_modules/better-sqlite3/prebuilds/node-api-8.node');"
    : 'delete process.env.PATCHBAY_SQLITE_BINDING;';
  for (const name of ['main.cjs', 'worker.cjs', 'network-thread.cjs', 'practice.cjs']) {
    const file = path.join(folder, name);
    fs.writeFileSync(file, `'use strict';${lines}\n${fs.readFileSync(file, 'utf8')}`);
  }
  if (standIn) {
    fs.copyFileSync(path.join(project, 'scripts/compat/node-globals.cjs'), path.join(folder, 'node-globals.cjs'));
  }
}

const config: ForgeConfig = {
  outDir: process.env.PATCHBAY_FORGE_OUT ?? 'out',
  packagerConfig: {
    name: 'Patchbay',
    executableName: 'patchbay',
    appBundleId: 'com.patchbay.desktop',
    // An addon is loaded by the system's loader, which cannot look into an archive.
    asar: { unpack: '**/*.node' },
    ignore: (file) => file !== '' && (!file.startsWith('/.vite') || notPackaged.includes(file)),
    prune: false,
    ...(standIn && { electronZipDir: standIn.zipFolder }),
  },
  // The only addon is ready-made (or compiled by scripts/lib/sqlite-binding.mjs).
  rebuildConfig: { onlyModules: [] },
  hooks: {
    packageAfterCopy: async (_config, appFolder, _version, platform, arch) => {
      addSqlite(appFolder, platform, arch);
      fixEnvironment(appFolder);
    },
  },
  plugins: [
    new VitePlugin({
      build: nodeBundles.map(({ entry }) => ({ entry, config: 'build/forge-bundle.ts' })),
      renderer: [{ name: 'main_window', config: 'build/vite.renderer.config.ts' }],
      // Two cores are the smallest machine this is built on.
      concurrent: 2,
    }),
    new FusesPlugin({
      version: FuseVersion.V1,
      [FuseV1Options.RunAsNode]: false,
      [FuseV1Options.EnableCookieEncryption]: true,
      [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: false,
      // Playwright drives the app through the inspector: a package for its tests differs by this fuse alone.
      [FuseV1Options.EnableNodeCliInspectArguments]: process.env.PATCHBAY_TEST_FUSES === '1',
      // Honoured on macOS and Windows only.
      [FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: true,
      [FuseV1Options.OnlyLoadAppFromAsar]: true,
      // Electron 25 does not have this one yet.
      ...(!standIn && { [FuseV1Options.GrantFileProtocolExtraPrivileges]: false }),
    }),
  ],
  makers: [
    new MakerZIP({}, ['linux', 'darwin', 'win32']),
    new MakerDeb({
      options: { name: 'patchbay', productName: 'Patchbay', section: 'net', categories: ['Network', 'Office'] },
    }),
    new MakerSquirrel({ name: 'patchbay', noMsi: true }),
    new MakerDMG({ format: 'ULFO' }),
  ],
};

export default config;
