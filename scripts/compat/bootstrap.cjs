// Becomes resources/app/main.cjs of the stand-in Electron. It does what Electron's own default app does: take the first
// argument that is not a switch as the app's folder, give the app its name, version and path, and load its main file.
'use strict';
const { app } = require('electron');
const fs = require('node:fs');
const path = require('node:path');
const Module = require('node:module');

/** -r/--require take a module that must be loaded first (Playwright and debuggers use it). */
function readArguments(argv) {
  const preloads = [];
  for (let index = 0; index < argv.length; index += 1) {
    const argument = argv[index];
    if (argument === '-r' || argument === '--require') preloads.push(argv[++index]);
    else if (argument === '-v' || argument === '--version') return { version: true, preloads };
    else if (!argument.startsWith('-')) return { folder: argument, preloads };
  }
  return { preloads };
}

function load(folder) {
  const packagePath = path.resolve(folder);
  const file = path.join(packagePath, 'package.json');
  if (fs.existsSync(file)) {
    const description = JSON.parse(fs.readFileSync(file, 'utf8'));
    if (description.version) app.setVersion(description.version);
    const name = description.productName ?? description.name;
    if (name) app.name = name;
    app.setDesktopName(description.desktopName ?? `${app.name}.desktop`);
    app.setAppPath(packagePath);
  }
  const entry = Module._resolveFilename(packagePath, null, true);
  Module._load(entry, null, true);
}

/**
 * What newer Node has: here, and in each utility process and its threads, which read NODE_OPTIONS when they start. Not given
 * with the environment from outside, because Playwright takes NODE_OPTIONS out of it.
 */
function addNodeGlobals() {
  const file = path.join(__dirname, 'node-globals.cjs');
  require(file);
  process.env.NODE_OPTIONS = [process.env.NODE_OPTIONS, `--require "${file}"`].filter(Boolean).join(' ');
}

const { folder, version, preloads } = readArguments(process.argv.slice(1));
if (version) {
  console.log(`v${process.versions.electron}`);
  app.exit(0);
} else if (folder === undefined) {
  console.error('The stand-in Electron needs the folder of an app as its first argument.');
  app.exit(1);
} else {
  process.defaultApp = true;
  try {
    addNodeGlobals();
    for (const preload of preloads) Module._load(path.resolve(preload), null, false);
    load(folder);
  } catch (error) {
    console.error('The app did not load.', error);
    app.exit(1);
  }
}
