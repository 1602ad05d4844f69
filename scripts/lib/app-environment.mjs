// How this machine starts the built app: executable, arguments, environment.
import path from 'node:path';
import { inProject, projectRoot } from './project.mjs';
import { ensureSqliteBinding } from './sqlite-binding.mjs';

/** Variables the app needs on this Electron: none on a current one. */
export async function runtimeVariables(electron) {
  if (electron.isModern) return {};
  const binding = { PATCHBAY_SQLITE_BINDING: await ensureSqliteBinding() };
  // The stand-in's default app loads the shim itself; an old Electron of the user's has its own default app.
  if (electron.kind === 'stand-in') return binding;
  const shim = `--require "${inProject('scripts', 'compat', 'node-globals.cjs').replaceAll('\\', '/')}"`;
  return { ...binding, NODE_OPTIONS: [process.env.NODE_OPTIONS, shim].filter(Boolean).join(' ') };
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
