// The desktop window where there is a display and an Electron, else the same window served to a browser on 127.0.0.1.
//   npm start [-- FILE …] [--data-dir=DIR] [--port N: browser mode]
//   TRIBUTARY_MODE=electron | browser forces one; TRIBUTARY_NO_BUILD=1 starts what is built.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildIfOlder } from './build-if-older.ts';
import { findElectron, type FoundElectron } from './find-electron.ts';
import { root } from './run-tool.ts';
import { stageApp } from './stage-app.ts';

const { TRIBUTARY_MODE: mode = 'auto', TRIBUTARY_NO_BUILD: noBuild, DISPLAY, WAYLAND_DISPLAY } = process.env;
const words = process.argv.slice(2);

function chooseElectron(): FoundElectron {
  if (mode === 'browser') return { why: 'TRIBUTARY_MODE is browser' };
  if (mode !== 'electron' && process.platform === 'linux') {
    if (!DISPLAY && !WAYLAND_DISPLAY) return { why: 'There is no display' };
  }
  return findElectron({ mayDownload: true });
}

if (!noBuild && !buildIfOlder()) process.exit(1);
const electron = chooseElectron();
if ('why' in electron) {
  if (mode === 'electron') {
    console.error(`${electron.why}.`);
    process.exit(1);
  }
  console.log(`${electron.why}: starting in browser mode.`);
}
/** Chromium cannot sandbox itself as root (containers): such a start of a clone goes without. The package never does. */
const asRoot = process.platform === 'linux' && process.getuid?.() === 0 && !('why' in electron);
if (asRoot) console.log('You are root, so this window runs without Chromium’s sandbox.');
// Set by some editors' terminals; it would turn Electron into plain Node.
const { ELECTRON_RUN_AS_NODE: _runAsNode, ...env } = process.env;
/** With an Electron older than ours, a copy of the app that has the native module built for it; removed at the end. */
function appFolder(): string {
  if (!process.env['TRIBUTARY_ELECTRON_MODULES']) return root;
  const folder = mkdtempSync(path.join(tmpdir(), 'tributary-start-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  stageApp(path.join(folder, 'app'));
  return path.join(folder, 'app');
}
const [program, args] =
  'why' in electron
    ? [process.execPath, [path.join(root, 'out/main/server.js')]]
    : [electron.executable, [appFolder()]];
const child = spawn(program, [...args, ...words], {
  stdio: 'inherit',
  env: asRoot ? { ...env, ELECTRON_DISABLE_SANDBOX: '1' } : env,
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => child.kill(signal === 'SIGINT' ? 'SIGINT' : 'SIGTERM'));
// npm ends on SIGTERM without ending what it started: leave when the parent is gone.
const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) child.kill('SIGTERM');
}, 500).unref();
child.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 0 : 1)));
