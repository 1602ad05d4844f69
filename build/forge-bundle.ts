import { defineConfig } from 'vite';
import { nodeBundles } from './bundles.mjs';
import { nodeBundle } from './node-bundle.mjs';

/** electron-forge asks with the entry that it builds. */
export default defineConfig((environment) => {
  const { entry } = (environment as { forgeConfigSelf?: { entry?: unknown } }).forgeConfigSelf ?? {};
  // Tools that only read configurations ask without one.
  if (entry === undefined) return {};
  const bundle = nodeBundles.find((one) => one.entry === entry);
  if (bundle === undefined) throw new Error(`build/bundles.mjs has no bundle with the entry ${String(entry)}.`);
  return nodeBundle(bundle);
});
