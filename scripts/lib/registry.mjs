// Single packages from the npm registry, by npm itself (so the user's registry, proxy and login settings hold), checked
// against a hash written here, and unpacked without running anything of theirs.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { SetupError } from './log.mjs';
import { run } from './process.mjs';

/** The npm that runs us, or the one on PATH. */
export function npmCommand() {
  const script = process.env.npm_execpath;
  if (script && /npm-cli\.[cm]?js$/.test(script)) return { command: process.execPath, args: [script] };
  return { command: process.platform === 'win32' ? 'npm.cmd' : 'npm', args: [] };
}

/** Puts the content of `name@version` into `folder`. `integrity` is the registry's sha512 string. */
export async function fetchPackage({ name, version, integrity }, folder) {
  const npm = npmCommand();
  const download = path.join(folder, '.download');
  fs.mkdirSync(download, { recursive: true });
  try {
    await run(npm.command, [...npm.args, 'pack', `${name}@${version}`, '--silent', '--pack-destination', download], {
      cwd: download,
      capture: true,
      timeoutMs: 600_000,
    });
  } catch (cause) {
    throw new SetupError(
      `${name}@${version} did not come from the npm registry.`,
      'Check the connection and `npm config get registry`, then run the same command again.',
      { cause },
    );
  }
  const [file] = fs.readdirSync(download);
  const archive = path.join(download, file);
  checkIntegrity(archive, integrity, `${name}@${version}`);
  await untar(archive, folder, ['--strip-components=1']);
  fs.rmSync(download, { recursive: true });
}

function checkIntegrity(file, integrity, what) {
  const found = `sha512-${createHash('sha512').update(fs.readFileSync(file)).digest('base64')}`;
  if (found === integrity) return;
  throw new SetupError(
    `${what} is not the file this project was made with (found ${found}).`,
    'Do not use it. Tell the maintainers, and ask who runs the registry.',
  );
}

/** Linux, macOS and Windows 10 all have a tar that reads gzip. Its remarks about unknown headers are of no use to anyone. */
export async function untar(archive, folder, options = []) {
  try {
    await run('tar', ['-xzf', archive, '-C', folder, ...options], { capture: true });
  } catch (cause) {
    throw new SetupError(
      `${path.basename(archive)} could not be unpacked.`,
      'Check the free disk space and that `tar` is installed.',
      {
        cause,
      },
    );
  }
}
