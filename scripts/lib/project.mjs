import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const projectRoot = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');

export const inProject = (...parts) => path.join(projectRoot, ...parts);

/** The installed version of a package. */
export const installedVersion = (name) =>
  JSON.parse(fs.readFileSync(inProject('node_modules', name, 'package.json'), 'utf8')).version;
