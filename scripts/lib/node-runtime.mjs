// The Node that tools and headless runs use: this one when it is new enough, else a pinned one from the npm registry.
import fs from 'node:fs';
import path from 'node:path';
import { cachedFolder } from './cache.mjs';
import { SetupError, step } from './log.mjs';
import { runForeground } from './process.mjs';
import { fetchPackage } from './registry.mjs';

/** better-sqlite3 13 needs Node-API 10. */
const oldest = [22, 14];

// The packages hold the plain binary and its headers and have no install script. Those named here are the platforms that have one.
const version = '24.21.0';
const integrities = {
  'linux-x64': 'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
  'linux-arm64': 'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
  'win-x64': 'sha512-0ddSuAi9KnmYzfjJwKfFUO5YfljMVfa9smiGRQXmp5QGhm8KXk7xbqkFNeaPXVaL6sfZ5oGfCD7q8wWY/TnypA==',
};

const platform = `${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;

function isNewEnough([major, minor]) {
  return major > oldest[0] || (major === oldest[0] && minor >= oldest[1]);
}

const currentIsNewEnough = () => isNewEnough(process.versions.node.split('.').map(Number));

/** The folder of the pinned Node: bin/node and include/node. */
async function pinnedNode() {
  const integrity = integrities[platform];
  if (integrity === undefined) {
    throw new SetupError(
      `Node ${process.versions.node} is too old (${oldest.join('.')} is needed), and no pinned one is known for ${platform}.`,
      'Install Node 24 from https://nodejs.org, then run the same command again.',
    );
  }
  return cachedFolder(`node-${platform}-${version}`, (folder) =>
    step(`Getting Node ${version} (this one is ${process.versions.node})`, async () => {
      await fetchPackage({ name: `node-${platform}`, version, integrity }, folder);
      fs.chmodSync(nodeBinary(folder), 0o755);
    }),
  );
}

const nodeBinary = (folder) => path.join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');

/** Headers to compile an addon with, without asking a download host for them. */
export const nodeHeaders = pinnedNode;

/**
 * To be called first by each script: goes on in this process when its Node is new enough; else runs the script again under
 * the pinned Node and ends with its exit code.
 */
export async function useProjectNode() {
  if (currentIsNewEnough()) {
    putFirstOnPath(path.dirname(process.execPath));
    return;
  }
  const node = nodeBinary(await pinnedNode());
  process.exit(await runForeground(node, process.argv.slice(1)));
}

/** Children that ask for `node` (npm, node-gyp, command-line tools) get the same one. */
function putFirstOnPath(folder) {
  const name = Object.keys(process.env).find((key) => key.toUpperCase() === 'PATH') ?? 'PATH';
  process.env[name] = [folder, process.env[name]].filter(Boolean).join(path.delimiter);
}
