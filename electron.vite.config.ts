import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';

const root = import.meta.dirname;

/** The parser of Postgres looks for its code beside the chunk it is in. */
const postgresParser = {
  name: 'postgres-parser',
  generateBundle(this: { emitFile(file: { type: 'asset'; fileName: string; source: Uint8Array }): void }) {
    const entry = createRequire(import.meta.url).resolve('libpg-query');
    const source = readFileSync(resolve(entry, '..', 'libpg-query.wasm'));
    this.emitFile({ type: 'asset', fileName: 'chunks/libpg-query.wasm', source });
  },
};

export default defineConfig({
  main: {
    plugins: [postgresParser],
    build: {
      outDir: 'out/main',
      // Electron for tests has Node 20.18 (design.md section 7).
      target: 'node20.18',
      // `dependencies` (only better-sqlite3) stay external, everything else is bundled.
      externalizeDeps: true,
      rolldownOptions: {
        input: {
          main: resolve(root, 'electron/main/main.ts'),
          engine: resolve(root, 'electron/engine/engine.ts'),
          query: resolve(root, 'worker/query/main.ts'),
          thread: resolve(root, 'worker/thread.ts'),
          'postgres-session': resolve(root, 'worker/source/postgres/session-thread.ts'),
          'writer-thread': resolve(root, 'samples/writer-thread.ts'),
          server: resolve(root, 'server/main.ts'),
          tributary: resolve(root, 'cli/tributary.ts'),
        },
        output: { entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      outDir: 'out/preload',
      rolldownOptions: {
        input: { preload: resolve(root, 'electron/preload/preload.ts') },
        // A sandboxed preload must be CommonJS.
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: resolve(root, 'renderer'),
    plugins: [react()],
    build: {
      outDir: resolve(root, 'out/renderer'),
      emptyOutDir: true,
      minify: true,
      chunkSizeWarningLimit: 1500,
      rolldownOptions: { input: resolve(root, 'renderer/index.html') },
    },
    worker: { format: 'es' },
  },
});
