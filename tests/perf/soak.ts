// node tests/perf/soak.ts FILE [--minutes 30] [--seed 1]: mixed questions, lists, timelines, cancels and reopenings of one
// engine; prints memory each minute and its slope behind the first ten. Exits 1 when a question fails or memory climbs.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { Reply } from '../../protocol/index.ts';
import { createEngine, type LocalEngine } from '../../worker/host.ts';
import { randomOf } from '../support/random-log.ts';
import { FIRST_STEP, makeQuestion } from './soak-questions.ts';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { minutes: { type: 'string', default: '30' }, seed: { type: 'string', default: '1' } },
});
const MEGABYTE = 1 << 20;
/** Warming up: columns, indexes and caches fill until then. */
const SETTLED_MINUTES = 10;
const MOST_MB_A_MINUTE = 0.5;
const file = path.resolve(positionals[0] ?? '');
const ref = { kind: 'sqlite', path: file } as const;
const random = randomOf(Number(options.seed));
const minutes = Number(options.minutes);
const failures = new Map<string, number>();
const done = { questions: 0, lists: 0, timelines: 0, cancels: 0, openings: 0 };

function take<T>(reply: Reply<T>, allowed: readonly string[] = []): T | null {
  if (reply.ok) return reply.value;
  if (!allowed.includes(reply.error.code)) {
    const name = `${reply.error.code}: ${reply.error.message}`;
    if (!failures.has(name)) console.log(name);
    failures.set(name, (failures.get(name) ?? 0) + 1);
  }
  return null;
}

async function open(engine: LocalEngine): Promise<string> {
  done.openings++;
  return take(await engine.open({ requestId: `open ${done.openings}`, ref }))?.sourceId ?? '';
}

async function ask(engine: LocalEngine, sourceId: string): Promise<void> {
  const requestId = `q${done.questions++}`;
  const analysis = makeQuestion(random);
  const asked = engine.run({ requestId, sourceId, analysis, detail: random() < 0.5 ? 'counts' : 'full' });
  if (random() < 0.1) {
    done.cancels++;
    await engine.cancel(requestId);
  }
  const answer = take(await asked, ['E_CANCELLED']);
  if (answer?.type !== 'funnel' || random() < 0.8) return;
  done.lists++;
  const page = take(
    await engine.actors({ requestId: `${requestId} list`, sourceId, analysis, selection: FIRST_STEP, limit: 50 }),
  );
  const actor = page?.rows[0]?.actor;
  if (actor === undefined) return;
  done.timelines++;
  take(await engine.timeline({ requestId: `${requestId} timeline`, sourceId, actor, analysis }));
}

const dataDir = mkdtempSync(path.join(os.tmpdir(), 'tributary-soak-'));
const engine = createEngine({ dataDir, threads: 2 });
const samples: { readonly minute: number; readonly mb: number }[] = [];
const fds = (): number => (process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0);
const startedAt = performance.now();
const elapsed = (): number => (performance.now() - startedAt) / 60_000;
try {
  let sourceId = await open(engine);
  for (let next = 1; elapsed() < minutes;) {
    await ask(engine, sourceId);
    if (random() < 0.005) {
      take(await engine.close(sourceId));
      sourceId = await open(engine);
    }
    if (elapsed() < next) continue;
    const { rss, heapUsed, external } = process.memoryUsage();
    const mb = rss / MEGABYTE;
    samples.push({ minute: next++, mb });
    console.log(
      `${samples.length} min  ${mb.toFixed(0)} MB (main thread: heap ${(heapUsed / MEGABYTE).toFixed(0)}, external ${(external / MEGABYTE).toFixed(0)})  ${fds()} descriptors  ${JSON.stringify(done)}  ${failures.size} kinds of failures`,
    );
  }
} finally {
  await engine.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

/** Least squares over what lies behind the warm-up, MB a minute. */
function getSlope(points: typeof samples): number {
  const n = points.length;
  const meanX = points.reduce((sum, p) => sum + p.minute, 0) / n;
  const meanY = points.reduce((sum, p) => sum + p.mb, 0) / n;
  const spread = points.reduce((sum, p) => sum + (p.minute - meanX) ** 2, 0);
  return points.reduce((sum, p) => sum + (p.minute - meanX) * (p.mb - meanY), 0) / spread;
}

for (const [name, times] of failures) console.log(`${times} times ${name}`);
const settled = samples.filter(({ minute }) => minute > SETTLED_MINUTES);
const slope = settled.length < 3 ? 0 : getSlope(settled);
console.log(`slope behind minute ${SETTLED_MINUTES}: ${slope.toFixed(2)} MB a minute (${settled.length} samples)`);
process.exit(failures.size === 0 && slope < MOST_MB_A_MINUTE ? 0 : 1);
