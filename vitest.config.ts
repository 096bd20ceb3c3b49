import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import react from '@vitejs/plugin-react';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { chromiumArgs, chromiumEnv, chromiumPath } from './scripts/chromium.ts';

const executablePath = await chromiumPath();

// An engine's thread starts in a fifth of the time where Node need not strip the types of its modules again. Inherited by
// the processes of the tests.
process.env['NODE_COMPILE_CACHE'] ??= resolve(import.meta.dirname, 'node_modules/.cache/compiled-tests');

const PREBUNDLED = [
  '@mantine/core',
  '@mantine/dates',
  '@mantine/hooks',
  '@mantine/notifications',
  '@mantine/spotlight',
  'comlink',
  'dayjs',
  'lucide-react',
  'react-resizable-panels',
  'vitest-browser-react',
  'zod',
  'zustand',
];

export default defineConfig({
  test: {
    // Many tests wait for servers, threads and clocks rather than for a core.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      {
        test: {
          name: 'unit',
          environment: 'node',
          include: [
            '{protocol,worker,cli,server,electron,samples,migrations,scripts,renderer}/**/*.test.ts',
            'tests/{contract,conformance,property,security,guard,faults,migrations}/**/*.test.ts',
          ],
          pool: 'forks',
          // Node strips types in WebAssembly, in every thread of an engine; V8 may abort when it replaces a wrapper of one
          // thread while another gives its own back (ThreadIsolation::UnregisterWasmAllocation). So none is replaced.
          execArgv: ['--wasm-wrapper-tiering-budget=1000000000'],
          // Far from what they take: a loaded machine is no failure.
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        plugins: [react()],
        // Found late, a dependency would reload the page in the middle of a test.
        optimizeDeps: { include: PREBUNDLED },
        test: {
          name: 'browser',
          include: ['renderer/**/*.test.tsx'],
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({
              launchOptions: {
                executablePath,
                args: chromiumArgs,
                env: { ...process.env, ...chromiumEnv(executablePath) } as Record<string, string>,
              },
            }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
    ],
  },
});
