// npm start: real Electron when its binary is present or can be downloaded, else the same UI served on 127.0.0.1.
//   TRIBUTARY_MODE=electron | browser forces one;  TRIBUTARY_NO_BUILD=1 skips the build;  PORT=n fixes the port of browser mode.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const [maj, min] = process.versions.node.split('.').map(Number);
if (maj < 22 || (maj === 22 && min < 18)) {
  console.error(`Node ${process.versions.node} is too old: 22.18 or newer is needed (24 recommended).`);
  process.exit(1);
}
const root = path.join(import.meta.dirname, '..');
const require = createRequire(import.meta.url);
const mode = process.env.TRIBUTARY_MODE ?? 'auto';

if (!process.env.TRIBUTARY_NO_BUILD) {
  const bin = path.join(path.dirname(require.resolve('electron-vite/package.json')), 'bin/electron-vite.js');
  const r = spawnSync(process.execPath, [bin, 'build', '--logLevel', 'warn'], { cwd: root, stdio: 'inherit' });
  if (r.status !== 0) process.exit(r.status ?? 1);
}

/** Path of the Electron executable, or null with the reason. */
function findElectron() {
  const dir = path.dirname(require.resolve('electron/package.json'));
  const version = require('electron/package.json').version;
  if (process.env.ELECTRON_OVERRIDE_DIST_PATH) {
    const exe = path.join(process.env.ELECTRON_OVERRIDE_DIST_PATH, process.platform === 'win32' ? 'electron.exe' : process.platform === 'darwin' ? 'Electron.app/Contents/MacOS/Electron' : 'electron');
    return existsSync(exe) ? { exe } : { why: `ELECTRON_OVERRIDE_DIST_PATH has no ${exe}` };
  }
  const pathTxt = path.join(dir, 'path.txt');
  const installed = () => (existsSync(pathTxt) ? path.join(dir, 'dist', readFileSync(pathTxt, 'utf8')) : '');
  if (!existsSync(installed())) {
    console.log(`Electron ${version} is not on this machine yet, trying to download it ...`);
    const r = spawnSync(process.execPath, [path.join(dir, 'install.js')], { stdio: ['ignore', 'inherit', 'pipe'], timeout: Number(process.env.TRIBUTARY_ELECTRON_TIMEOUT_MS ?? 600_000) });
    if (r.status !== 0 || !existsSync(installed())) return { why: `Electron could not be downloaded (${String(r.stderr).trim().split('\n').pop() || r.signal || `exit ${r.status}`})` };
  }
  return { exe: installed() };
}

let electron = { why: 'TRIBUTARY_MODE=browser' };
if (mode !== 'browser') {
  if (mode === 'auto' && process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) electron = { why: 'no display (DISPLAY and WAYLAND_DISPLAY are unset)' };
  else electron = findElectron();
}
let child;
if (electron.exe) {
  const args = [root, ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), ...process.argv.slice(2)];
  const { ELECTRON_RUN_AS_NODE: _drop, ...env } = process.env;
  child = spawn(electron.exe, args, { cwd: root, stdio: 'inherit', env });
} else {
  if (mode === 'electron') { console.error(electron.why); process.exit(1); }
  console.log(`${electron.why}: starting in browser mode.`);
  child = spawn(process.execPath, [path.join(root, 'out/main/serve-cli.js')], { cwd: root, stdio: 'inherit' });
}
for (const s of ['SIGINT', 'SIGTERM']) process.on(s, () => child.kill(s));
// npm dies without ending its grandchildren when it gets SIGTERM: leave when the parent is gone
const ppid = process.ppid;
setInterval(() => { if (process.ppid !== ppid) child.kill('SIGTERM'); }, 500).unref();
child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));

