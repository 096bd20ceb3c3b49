import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

/** What the Electron checklist asks of the sources and the package (docs/security.md). */
const root = join(import.meta.dirname, '..', '..');
const tracked = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: root, encoding: 'utf8' }).split(
  '\n',
);
const isTest = (file: string): boolean => /\.(test|spec|bench)\.tsx?$/.test(file);
const product = tracked.filter(
  (file) => /^(protocol|worker|electron|server|cli|renderer|samples)\/.*\.(ts|tsx|html)$/.test(file) && !isTest(file),
);
const packaging = [
  'electron-builder.yml',
  'electron.vite.config.ts',
  'package.json',
  ...tracked.filter(
    (file) =>
      /^(build|scripts\/start)/.test(file) && /\.(ts|mjs|plist|yml)$/.test(file) && file !== 'build/render-icons.ts',
  ),
];
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
/** Files of these in which the pattern occurs. */
const filesWith = (pattern: RegExp, files: readonly string[] = product): string[] =>
  files.filter((file) => pattern.test(read(file)));

describe('sources', () => {
  test('are found', () => {
    expect(product.length).toBeGreaterThan(100);
    expect(product).toContain('electron/main/main.ts');
  });

  test.each([
    ['windows are made in one place', /new BrowserWindow\(/, ['electron/main/window.ts']],
    ['calls from the window are taken in one place', /ipcMain\.(handle|on|once)\(/, ['electron/main/shell-ipc.ts']],
    ['ipcRenderer is used in the preload only', /ipcRenderer\./, ['electron/preload/preload.ts']],
    ['the context bridge is used once', /exposeInMainWorld/, ['electron/preload/preload.ts']],
    ['nothing is opened outside (15)', /openExternal|openPath\(.*shell|shell\.openPath/, []],
    ['no webview, no remote module, no BrowserView (11, 12)', /<webview|@electron\/remote|new BrowserView/, []],
    ['no Blink features (10)', /enableBlinkFeatures/, []],
    ['no eval and no generated code', /\beval\(|new Function\(/, []],
    ['no HTML from strings', /dangerouslySetInnerHTML|\.innerHTML\s*=|insertAdjacentHTML|document\.write\(/, []],
    ['no messages to any origin', /postMessage\([^)]*'\*'/, []],
    ['no certificate is waved through', /certificate-error|rejectUnauthorized(?!: true)|NODE_TLS_REJECT/, []],
  ])('%s', (_name, pattern, expected) => {
    expect(filesWith(pattern)).toEqual(expected);
  });

  test('the sandbox is never switched off, in code or in packaging (4)', () => {
    expect(filesWith(/--?no-sandbox|sandbox:\s*false|disable-web-security/, [...product, ...packaging])).toEqual([]);
    // A clone that root starts has no other way (`scripts/start.ts` is not packaged, and says so).
    expect(filesWith(/ELECTRON_DISABLE_SANDBOX/, [...product, ...packaging])).toEqual(['scripts/start.ts']);
  });

  test('only main and preload import electron; main knows no driver and no engine', () => {
    expect(filesWith(/from 'electron'/).every((file) => /^electron\/(main|preload)\//.test(file))).toBe(true);
    const main = product.filter((file) => file.startsWith('electron/main/'));
    expect(filesWith(/better-sqlite3|worker\/host|worker\/source/, main)).toEqual([]);
  });
});

describe('the package', () => {
  interface Manifest {
    readonly dependencies: Record<string, string>;
    readonly devDependencies: Record<string, string>;
  }
  const manifest = JSON.parse(read('package.json')) as Manifest;
  const lock = JSON.parse(read('package-lock.json')) as {
    packages: Record<string, { integrity?: string; link?: boolean }>;
  };

  test('fuses are as declared (19)', () => {
    const block = /electronFuses:\n((?: {2}.+\n)+)/.exec(read('electron-builder.yml'))?.[1] ?? '';
    expect(
      Object.fromEntries(
        block
          .trim()
          .split('\n')
          .map((line) => line.trim().split(': ')),
      ),
    ).toEqual({
      runAsNode: 'false',
      enableCookieEncryption: 'true',
      enableNodeOptionsEnvironmentVariable: 'false',
      enableNodeCliInspectArguments: 'false',
      enableEmbeddedAsarIntegrityValidation: 'true',
      onlyLoadAppFromAsar: 'true',
      loadBrowserProcessSpecificV8Snapshot: 'false',
      grantFileProtocolExtraPrivileges: 'false',
    });
  });

  test('few runtime packages, every package with its hash', () => {
    expect(Object.keys(manifest.dependencies)).toEqual(['better-sqlite3']);
    const without = Object.entries(lock.packages).filter(
      ([name, { integrity, link }]) => name !== '' && integrity === undefined && link !== true,
    );
    expect(without.map(([name]) => name)).toEqual([]);
  });

  test('Electron is pinned to one exact version (16)', () => {
    expect(manifest.devDependencies['electron']).toMatch(/^\d+\.\d+\.\d+$/);
    expect(Number(manifest.devDependencies['electron']?.split('.')[0])).toBeGreaterThanOrEqual(45);
  });
});
