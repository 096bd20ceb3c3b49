import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const require = createRequire(import.meta.url);
const EXECUTABLES: Partial<Record<NodeJS.Platform, string>> = {
  win32: 'electron.exe',
  darwin: 'Electron.app/Contents/MacOS/Electron',
};

export type FoundElectron = { readonly executable: string } | { readonly why: string };

/** Electron's executable: ELECTRON_OVERRIDE_DIST_PATH, else the `electron` package, downloaded if it may be. */
export function findElectron({ mayDownload }: { readonly mayDownload: boolean }): FoundElectron {
  const override = process.env['ELECTRON_OVERRIDE_DIST_PATH'];
  if (override !== undefined) {
    const executable = path.join(override, EXECUTABLES[process.platform] ?? 'electron');
    return existsSync(executable)
      ? { executable }
      : { why: `ELECTRON_OVERRIDE_DIST_PATH has no ${path.basename(executable)}` };
  }
  const folder = path.dirname(require.resolve('electron/package.json'));
  return installed(folder) ?? (mayDownload ? download(folder) : { why: 'the electron package has no binary' });
}

function installed(folder: string): FoundElectron | undefined {
  const pathFile = path.join(folder, 'path.txt');
  if (!existsSync(pathFile)) return undefined;
  const executable = path.join(folder, 'dist', readFileSync(pathFile, 'utf8'));
  return existsSync(executable) ? { executable } : undefined;
}

const DOWNLOAD_MS = 600_000;
function download(folder: string): FoundElectron {
  console.log('Electron is not on this machine yet, trying to download it …');
  const result = spawnSync(process.execPath, [path.join(folder, 'install.js')], {
    stdio: ['ignore', 'inherit', 'pipe'],
    timeout: DOWNLOAD_MS,
    encoding: 'utf8',
  });
  const reason =
    result.stderr
      .split('\n')
      .find((line) => /error|failed/i.test(line))
      ?.trim() ?? `exit ${result.status ?? result.signal}`;
  return installed(folder) ?? { why: `Electron could not be downloaded (${reason})` };
}
