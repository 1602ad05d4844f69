// Everything a start needs, in order. Each step is quick when it has nothing to do.
import { runtimeVariables } from './app-environment.mjs';
import { ensureElectronLibraries } from './debian.mjs';
import { hasDisplay } from './display.mjs';
import { ensureElectron } from './electron-runtime.mjs';
import { ensurePackages } from './packages.mjs';

/** @returns the Electron to run and the variables it needs */
export async function setUpApp({ retryOfficial = false } = {}) {
  await ensurePackages();
  const electron = await ensureElectron({ retryOfficial });
  await ensureElectronLibraries(electron.executable, { display: !hasDisplay() });
  return { electron, variables: await runtimeVariables(electron) };
}
