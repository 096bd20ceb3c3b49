import { defineConfig } from '@playwright/test';

/** Run by scripts/test-desktop.ts. One window at a time: they share a display. */
export default defineConfig({
  testDir: '.',
  fullyParallel: false,
  workers: 1,
  // As in playwright.config.ts: what passes at the second try only is said.
  retries: 1,
  timeout: 60_000,
  expect: { timeout: 20_000 },
  outputDir: '../../test-results/desktop',
});
