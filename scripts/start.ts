// The desktop window where there is a display and an Electron, else the same window served to a browser on 127.0.0.1.
//   npm start [-- FILE …] [--data-dir=DIR] [--port N: browser mode]
//   TRIBUTARY_MODE=electron | browser forces one; TRIBUTARY_NO_BUILD=1 starts what is built.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { buildIfOlder } from './build-if-older.ts';
import { findElectron, type FoundElectron } from './find-electron.ts';
import { root } from './run-tool.ts';

const { TRIBUTARY_MODE: mode = 'auto', TRIBUTARY_NO_BUILD: noBuild, DISPLAY, WAYLAND_DISPLAY } = process.env;
const words = process.argv.slice(2);

function chooseElectron(): FoundElectron {
  if (mode === 'browser') return { why: 'TRIBUTARY_MODE is browser' };
  if (mode !== 'electron' && process.platform === 'linux') {
    if (!DISPLAY && !WAYLAND_DISPLAY) return { why: 'There is no display' };
    // Chromium refuses root unless it is told to drop its sandbox, which is the user's word to give.
    if (process.getuid?.() === 0 && !words.some((word) => word.startsWith('--no-')))
      return { why: 'Electron does not run as root' };
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
// Set by some editors' terminals; it would turn Electron into plain Node.
const { ELECTRON_RUN_AS_NODE: _runAsNode, ...env } = process.env;
const [program, args] =
  'why' in electron ? [process.execPath, [path.join(root, 'out/main/server.js')]] : [electron.executable, [root]];
const child = spawn(program, [...args, ...words], { stdio: 'inherit', env });
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => child.kill(signal === 'SIGINT' ? 'SIGINT' : 'SIGTERM'));
// npm ends on SIGTERM without ending what it started: leave when the parent is gone.
const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) child.kill('SIGTERM');
}, 500).unref();
child.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 0 : 1)));
