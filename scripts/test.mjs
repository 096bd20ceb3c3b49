// npm test: type-check, build, vitest (unit + real Postgres + real browser), Playwright e2e; one closing line for CI.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
const root = path.join(import.meta.dirname, '..');
const require = createRequire(import.meta.url);
const bin = (pkg, name) => { const p = require.resolve(`${pkg}/package.json`); const b = require(p).bin; return path.join(path.dirname(p), typeof b === 'string' ? b : b[name]); };
const out = path.join(root, 'test-results');
rmSync(out, { recursive: true, force: true }); mkdirSync(out);
const run = (label, args, env = {}) => { console.log(`\n== ${label}`); const r = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } }); return r.status ?? 1; };
let passed = 0, failed = 0, skipped = 0, bad = false;
if (run('types', [bin('typescript', 'tsc'), '-b'])) bad = true;
if (run('build', [bin('electron-vite', 'electron-vite'), 'build', '--logLevel', 'error'])) bad = true;
if (run('vitest', [bin('vitest', 'vitest'), 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${out}/vitest.json`])) bad = true;
if (existsSync(`${out}/vitest.json`)) { const j = JSON.parse(readFileSync(`${out}/vitest.json`, 'utf8')); passed += j.numPassedTests; failed += j.numFailedTests; skipped += j.numPendingTests + (j.numTodoTests ?? 0); } else bad = true;
if (run('playwright', [bin('@playwright/test', 'playwright'), 'test', '--reporter=list,json'], { PLAYWRIGHT_JSON_OUTPUT_NAME: path.join(root, 'test-results-pw.json') })) bad = true;
const pw = path.join(root, 'test-results-pw.json');
if (existsSync(pw)) { const { stats } = JSON.parse(readFileSync(pw, 'utf8')); passed += stats.expected + stats.flaky; failed += stats.unexpected; skipped += stats.skipped; rmSync(pw); } else bad = true;
console.log(`\n${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exit(bad || failed ? 1 : 0);

