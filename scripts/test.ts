// npm test: checks, build, unit and component tests, end-to-end tests; ends with one line for CI.
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { root, runStep } from './run-tool.ts';

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
  /** Of those passed: at the second try only. */
  flaky?: number;
}
const results = path.join(root, 'test-results');
rmSync(results, { recursive: true, force: true });
mkdirSync(results);
const total = { passed: 0, failed: 0, skipped: 0, flaky: 0 };
let broken = false;

function step(...args: Parameters<typeof runStep>): void {
  if (!runStep(...args)) broken = true;
}
/** Adds what a JSON report counted; a missing report is a failure, never silence. */
function addReport(file: string, read: (report: never) => Counts): void {
  if (!existsSync(file)) {
    broken = true;
    console.error(`${path.basename(file)} was not written`);
    return;
  }
  const counts = read(JSON.parse(readFileSync(file, 'utf8')) as never);
  total.passed += counts.passed;
  total.failed += counts.failed;
  total.skipped += counts.skipped;
  total.flaky += counts.flaky ?? 0;
}

step({ label: 'check', tool: 'scripts/check.ts' });
step({ label: 'build', tool: ['electron-vite', 'electron-vite'], args: ['build', '--logLevel', 'error'] });
step({ label: 'bundle', tool: 'scripts/check-bundle.ts' });

const vitestReport = path.join(results, 'vitest.json');
step({
  label: 'unit and component tests',
  tool: ['vitest', 'vitest'],
  args: ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${vitestReport}`],
});
addReport(
  vitestReport,
  (r: { numPassedTests: number; numFailedTests: number; numPendingTests: number; numTodoTests?: number }) => ({
    passed: r.numPassedTests,
    failed: r.numFailedTests,
    skipped: r.numPendingTests + (r.numTodoTests ?? 0),
  }),
);

const playwrightReport = path.join(root, 'test-results-e2e.json');
step({
  label: 'end-to-end tests',
  tool: ['@playwright/test', 'playwright'],
  args: ['test', '--reporter=list,json'],
  env: { PLAYWRIGHT_JSON_OUTPUT_NAME: playwrightReport },
});
addReport(
  playwrightReport,
  (r: { stats: { expected: number; unexpected: number; flaky: number; skipped: number } }) => ({
    passed: r.stats.expected + r.stats.flaky,
    failed: r.stats.unexpected,
    skipped: r.stats.skipped,
    flaky: r.stats.flaky,
  }),
);
rmSync(playwrightReport, { force: true });

if (total.flaky > 0) console.log(`\n${total.flaky} of the end-to-end tests passed at the second try only`);
console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exit(broken || total.failed > 0 ? 1 : 0);
