// What the window loads before it can paint stays small: sizes of the built files, so the same everywhere. Needs a build.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { root } from './run-tool.ts';

/** gzip, bytes. */
const BUDGET = 450_000;
/** Parts that a session may never need: they come when they are asked for. */
const ON_DEMAND = /echarts|monaco|ag-grid/i;

const folder = path.join(root, 'out/renderer');
const html = readFileSync(path.join(folder, 'index.html'), 'utf8');
const initial = [...html.matchAll(/(?:src|href)="\.\/([^"]+\.js)"/g)].map(([, file]) => file ?? '');
const sizeOf = (file: string): number => gzipSync(readFileSync(path.join(folder, file)), { level: 9 }).length;
const total = initial.reduce((sum, file) => sum + sizeOf(file), 0);
const kilobytes = (bytes: number): string => `${Math.round(bytes / 1000)} kB`;

const problems = [
  ...(initial.length === 0 ? ['index.html loads no script'] : []),
  ...(total > BUDGET ? [`initial JavaScript is over ${kilobytes(BUDGET)} gzip`] : []),
  ...initial.filter((file) => ON_DEMAND.test(file)).map((file) => `${file} is loaded at the start`),
];
console.log(`initial JavaScript: ${kilobytes(total)} gzip in ${initial.length} files (at most ${kilobytes(BUDGET)})`);
for (const problem of problems) console.error(problem);
process.exit(problems.length === 0 ? 0 : 1);
