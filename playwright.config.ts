import { defineConfig } from '@playwright/test';
import { chromiumArgs, chromiumEnv, chromiumPath } from './scripts/chromium.ts';

const exe = await chromiumPath();

export default defineConfig({
  testDir: 'tests/e2e',
  fullyParallel: false,
  // Each with a browser and a program of its own; much of a test is waiting for one of them.
  workers: 2,
  // One machine in some is so slow for a moment that a key is lost; what passes only then is printed as flaky.
  retries: 1,
  timeout: 60_000,
  // What is waited for comes as soon as the machine lets it.
  expect: { timeout: 20_000 },
  reporter: [['list']],
  outputDir: 'test-results/e2e',
  use: {
    browserName: 'chromium',
    headless: true,
    viewport: { width: 1280, height: 800 },
    acceptDownloads: true,
    launchOptions: {
      executablePath: exe,
      args: chromiumArgs,
      env: { ...process.env, ...chromiumEnv(exe) } as Record<string, string>,
    },
    // A trace takes more than the tests themselves, most of it in the kernel: `--trace on` makes one.
    screenshot: 'only-on-failure',
  },
});
