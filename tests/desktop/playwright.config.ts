import { defineConfig } from '@playwright/test';

/** Run by scripts/test-desktop.ts. One window at a time: they share a display. */
export default defineConfig({
  testDir: '.',
  fullyParallel: false,
  workers: 1,
  timeout: 60_000,
  outputDir: '../../test-results/desktop',
});
