import { defineConfig } from '@playwright/test';

/** Virtual displays of scripts/test.mjs, as variables: apps on one display would take the focus from each other. */
const displays = JSON.parse(process.env.E2E_DISPLAYS ?? '[]') as Record<string, string>[];
Object.assign(process.env, displays[Number(process.env.TEST_PARALLEL_INDEX ?? 0)]);

export default defineConfig({
  testDir: 'test/e2e',
  testMatch: '**/*.e2e.ts',
  outputDir: 'test-results/e2e',
  // Apps share nothing: each has its own profile, home folder, keyring and, here, display. On a person's display one at a time.
  workers: Math.max(1, displays.length),
  fullyParallel: false,
  // A test that passes the second time hides a fault of the app.
  retries: 0,
  // Limits and no measurements: many times what is seen on a machine with nothing else to do.
  timeout: 300_000,
  expect: { timeout: 60_000 },
  forbidOnly: Boolean(process.env.CI),
  reporter: [['list'], ['json', { outputFile: 'test-results/e2e.json' }]],
  // Traces and videos record what is typed, also secrets.
  use: { trace: 'off', video: 'off', screenshot: 'off' },
});
