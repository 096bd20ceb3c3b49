// node tests/perf/cancels.ts FILE [--times 30] [--seed 7] [--within 2200]: cancels first openings of FILE at random moments
// and prints how long each took, from the call of `cancel` to the reply of `open`. Asserts nothing.
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createEngine } from '../../worker/host.ts';
import { randomOf } from '../support/random-log.ts';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    times: { type: 'string', default: '30' },
    seed: { type: 'string', default: '7' },
    within: { type: 'string', default: '2200' },
  },
});
const ref = { kind: 'sqlite', path: path.resolve(positionals[0] ?? '') } as const;
const random = randomOf(Number(options.seed));
/** Threads are there by then. */
const LEAST_MS = 50;

/** How long a cancel took, ms; null = the opening had ended before. */
async function cancelOnce(): Promise<number | null> {
  const dataDir = mkdtempSync(path.join(os.tmpdir(), 'tributary-cancels-'));
  const engine = createEngine({ dataDir, threads: 2 });
  try {
    const opened = engine.open({ requestId: 'open', ref });
    await new Promise((resolve) => setTimeout(resolve, LEAST_MS + random() * Number(options.within)));
    const askedAt = performance.now();
    await engine.cancel('open');
    const reply = await opened;
    if (!reply.ok && reply.error.code !== 'E_CANCELLED') throw new Error(`${reply.error.code}: ${reply.error.message}`);
    return reply.ok ? null : performance.now() - askedAt;
  } finally {
    await engine.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

const taken: number[] = [];
let late = 0;
for (let i = 0; i < Number(options.times); i++) {
  const ms = await cancelOnce();
  if (ms === null) late++;
  else taken.push(ms);
}
const sorted = taken.toSorted((a, b) => a - b);
const at = (share: number): string => (sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN).toFixed(1);
console.log(`${sorted.length} cancels (${late} came too late), ms: ${sorted.map((ms) => ms.toFixed(1)).join(' ')}`);
console.log(`p50 ${at(0.5)}, p99 ${at(0.99)} ms`);
