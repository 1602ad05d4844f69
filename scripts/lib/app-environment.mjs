// How this machine starts the built app: executable, arguments, environment.
import path from 'node:path';
import { inProject, projectRoot } from './project.mjs';
import { ensureSqliteBinding } from './sqlite-binding.mjs';

/** Variables the app needs on this Electron: none on a current one. */
export async function runtimeVariables(electron) {
  if (electron.isModern) return {};
  const shim = inProject('scripts', 'compat', 'node-globals.cjs');
  return {
    PATCHBAY_SQLITE_BINDING: await ensureSqliteBinding(),
    NODE_OPTIONS: [process.env.NODE_OPTIONS, `--require "${shim.replaceAll('\\', '/')}"`].filter(Boolean).join(' '),
  };
}

export function appArguments({ profile, extra = [] } = {}) {
  return [
    // Chromium refuses to run its sandbox as root; nobody else gives it up.
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    ...(profile ? [`--user-data-dir=${path.resolve(profile)}`] : []),
    projectRoot,
    ...extra,
  ];
}
