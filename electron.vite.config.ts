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

/** Commands here are no programs of their own, and what starts one takes longer to load than a known source to open. */
const commandsInHere = {
  name: 'commands-in-here',
  transform(code: string, id: string): string | null {
    if (!/commander[\\/]lib[\\/]command\.js$/.test(id)) return null;
    const loads = "const childProcess = require('node:child_process');";
    if (!code.includes(loads)) throw new Error('commander no longer loads child processes in this way');
    return code.replace(
      loads,
      "const childProcess = { spawn: (...args) => require('node:child_process').spawn(...args) };",
    );
  },
};

interface BuiltFile {
  readonly fileName: string;
  readonly facadeModuleId?: string | null;
  readonly imports?: readonly string[];
  readonly viteMetadata?: { readonly importedCss: ReadonlySet<string> };
}
/** The page asks for the window together with its first script, which starts it: else one would wait for the other. */
const windowAtOnce = {
  name: 'window-at-once',
  transformIndexHtml: {
    order: 'post' as const,
    handler(html: string, { bundle = {} }: { readonly bundle?: Readonly<Record<string, BuiltFile>> }) {
      const window = Object.values(bundle).find((file) => file.facadeModuleId?.endsWith('renderer/window.tsx'));
      if (window === undefined) return [];
      const files = [...(window.imports ?? []), window.fileName];
      const css = new Set(files.flatMap((file) => [...(bundle[file]?.viteMetadata?.importedCss ?? [])]));
      return [
        ...files.filter((file) => !html.includes(file)).map((file) => linkTo('modulepreload', file)),
        ...[...css].map((file) => linkTo('stylesheet', file)),
      ];
    },
  },
};
const linkTo = (rel: string, file: string) => ({
  tag: 'link',
  injectTo: 'head' as const,
  attrs: { rel, crossorigin: true, href: `./${file}` },
});

interface Bundle {
  readonly [file: string]: { readonly type: 'chunk'; code: string } | { readonly type: 'asset' };
}
/**
 * To import a module of Node's makes it fill in everything that it could export: of `node:fs`, streams that nobody asked
 * for, which takes longer than to open a known source. Asked for by name it gives what is named.
 */
const builtinsByName = {
  name: 'builtins-by-name',
  generateBundle(_options: unknown, bundle: Bundle): void {
    for (const chunk of Object.values(bundle)) if (chunk.type === 'chunk') chunk.code = askByName(chunk.code);
  },
};
const BUILTIN_IMPORT = /^import (?:\* as )?(?:(\w+)|(?:(\w+), )?\{([^}]*)\}) from "(node:[\w/]+)";$/gm;
const askByName = (code: string): string =>
  code.replaceAll(BUILTIN_IMPORT, (_all, whole?: string, also?: string, names?: string, from?: string) =>
    [whole, also, names && `{${names.replaceAll(' as ', ': ')}}`]
      .filter(Boolean)
      .map((pattern) => `var ${pattern} = process.getBuiltinModule("${from}");`)
      .join(' '),
  );

/** Small parts of the engine that other programs use too, which else would load all of it. */
const COMMON =
  /protocol[\\/](actor-segments|errors|journey-states|limits|source-names)\.ts$|worker[\\/](files[\\/](app-root|byte-size|data-dir|file-error)|connection[\\/]session-budget|host[\\/]control|query[\\/]scratch[\\/]scratch-file)\.ts$/;

export default defineConfig({
  main: {
    plugins: [postgresParser, commandsInHere, builtinsByName],
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
        output: {
          entryFileNames: '[name].js',
          chunkFileNames: 'chunks/[name]-[hash].js',
          codeSplitting: {
            groups: [
              { name: 'common', test: COMMON, priority: 3 },
              { name: 'engine', test: /worker[\\/]host\.ts$/, priority: 2 },
              { name: 'command', test: /cli[\\/](program|run)\.ts$/, priority: 1 },
            ],
          },
        },
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
    plugins: [react(), windowAtOnce],
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
