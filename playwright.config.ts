import { defineConfig } from '@playwright/test';

export default defineConfig({
  testDir: 'test/e2e',
  testMatch: '**/*.e2e.ts',
  outputDir: 'test-results/e2e',
  // One real app at a time: two cores, one keyring, one display.
  workers: 1,
  fullyParallel: false,
  // A test that passes the second time hides a fault of the app.
  retries: 0,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  forbidOnly: Boolean(process.env.CI),
  reporter: [['list'], ['json', { outputFile: 'test-results/e2e.json' }]],
  // Traces and videos record what is typed, also secrets.
  use: { trace: 'off', video: 'off', screenshot: 'off' },
});
