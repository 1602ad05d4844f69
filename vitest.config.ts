import { availableParallelism } from 'node:os';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  plugins: [react()],
  test: {
    include: ['{src,connectors,test}/**/*.test.{ts,tsx}'],
    // Needs a made package and its own set-up: a step of its own in scripts/test.mjs.
    exclude: ['test/packaging/**', 'node_modules/**'],
    environment: 'node',
    // Processes, not threads: native addons and process-wide state (umask, signals) must not be shared between files.
    pool: 'forks',
    // Vitest would use one of two cores. Many tests wait for a process, a server or a time limit.
    maxWorkers: Math.max(4, availableParallelism() - 1),
    // Limits and no measurements: many times what is seen on a machine with nothing else to do.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
    reporters: ['default', ['json', { outputFile: 'test-results/unit.json' }]],
  },
});
