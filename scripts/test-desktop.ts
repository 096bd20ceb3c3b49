// npm run test:desktop: the built app in a real Electron: TRIBUTARY_ELECTRON, else the `electron` package. Without a
// display an own one is made by xvfb-run. TRIBUTARY_ELECTRON_MODULES = a node_modules with a better-sqlite3 built for
// that Electron, where it is older than ours.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildIfOlder } from './build-if-older.ts';
import { findElectron } from './find-electron.ts';
import { root } from './run-tool.ts';
import { stageApp } from './stage-app.ts';

function electronPath(): string {
  const given = process.env['TRIBUTARY_ELECTRON'];
  if (given !== undefined && given !== '') return given;
  const found = findElectron({ mayDownload: false });
  if ('executable' in found) return found.executable;
  console.error(
    `Desktop tests need an Electron: ${found.why}. Set TRIBUTARY_ELECTRON, or run \`node node_modules/electron/install.js\`.`,
  );
  return process.exit(1);
}

function runPlaywright(app: string, report: string): boolean {
  const cli = path.join(
    path.dirname(createRequire(import.meta.url).resolve('@playwright/test/package.json')),
    'cli.js',
  );
  const command = [
    process.execPath,
    cli,
    'test',
    '-c',
    path.join(root, 'tests/desktop/playwright.config.ts'),
    '--reporter=list,json',
    ...process.argv.slice(2),
  ];
  const needsDisplay = process.platform === 'linux' && !process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY'];
  const [program = '', ...args] = needsDisplay
    ? ['xvfb-run', '-a', '--server-args=-screen 0 1600x1000x24', ...command]
    : command;
  const env = {
    ...process.env,
    TRIBUTARY_ELECTRON: electronPath(),
    TRIBUTARY_TEST_APP: app,
    PLAYWRIGHT_JSON_OUTPUT_NAME: report,
  };
  const result = spawnSync(program, args, { cwd: root, stdio: 'inherit', env });
  if (result.error) console.error(needsDisplay ? 'There is no display and no xvfb-run.' : String(result.error));
  return result.status === 0;
}

electronPath();
if (!process.env['TRIBUTARY_NO_BUILD'] && !buildIfOlder()) process.exit(1);
const folder = mkdtempSync(path.join(tmpdir(), 'tributary-desktop-'));
let ok = false;
try {
  const report = path.join(folder, 'report.json');
  const app = path.join(folder, 'app');
  stageApp(app);
  ok = runPlaywright(app, report);
  const { stats } = (
    existsSync(report)
      ? JSON.parse(readFileSync(report, 'utf8'))
      : { stats: { expected: 0, flaky: 0, unexpected: 1, skipped: 0 } }
  ) as {
    stats: { expected: number; flaky: number; unexpected: number; skipped: number };
  };
  if (stats.flaky > 0) console.log(`\n${stats.flaky} of the desktop tests passed at the second try only`);
  console.log(`\n${stats.expected + stats.flaky} passed, ${stats.unexpected} failed, ${stats.skipped} skipped`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(ok ? 0 : 1);
