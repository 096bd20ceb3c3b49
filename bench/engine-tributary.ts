import type { AnalysisDocument, AnalysisResult, Detail, EngineApi, Reply } from '../protocol/index.ts';
import { createEngine } from '../worker/host.ts';
import { sumRows, type Question } from './question.ts';
import { OWN_DETAILS, type DataPaths, type OwnEngine, type Scrubbed } from './bench-engine.ts';

/** Threads as users have them: unbuilt ones carry what strips the types of their sources, 10 MB each. */
const THREAD = new URL('../out/main/thread.js', import.meta.url);

export function unwrap<T>(reply: Reply<T>): T {
  if (reply.ok) return reply.value;
  throw new Error(`${reply.error.code}: ${reply.error.message}`);
}

interface Own {
  readonly engine: EngineApi;
  readonly sourceId: string;
}
async function run({ engine, sourceId }: Own, analysis: AnalysisDocument, detail: Detail): Promise<AnalysisResult> {
  return unwrap(await engine.run({ requestId: 'bench', sourceId, analysis, detail }));
}

async function scrub(own: Own, { analysis, rows }: Question, moments: readonly number[]): Promise<readonly Scrubbed[]> {
  const steps: Scrubbed[] = [];
  for (const moment of moments) {
    const start = performance.now();
    const result = await run(own, { ...analysis, asOf: new Date(moment).toISOString() }, 'counts');
    steps.push({ ms: performance.now() - start, rows: rows(result) });
  }
  return steps;
}

/** Ours opens the snapshot; what it keeps from an earlier opening is its own affair (`dataDir`). */
export async function openTributary(paths: DataPaths, threads: number, derived: boolean): Promise<OwnEngine> {
  const engine = createEngine({ dataDir: paths.dataDir, threads, threadUrl: THREAD, derived, keptAnswers: 0 });
  const ref = { kind: 'sqlite', path: paths.snapshot } as const;
  const { sourceId } = unwrap(await engine.open({ requestId: 'open', ref }));
  const own = { engine, sourceId };
  return {
    version: unwrap(await engine.status()).version,
    formulations: () => (derived ? OWN_DETAILS : OWN_DETAILS.slice(0, 1)),
    ask: async (question, { formulation, allRows }) => {
      const result = await run(own, question.analysis, OWN_DETAILS[formulation] ?? 'full');
      return () => {
        const rows = question.rows(result);
        return question.summed === true && !allRows ? sumRows(rows) : rows;
      };
    },
    held: async () => {
      const { sources } = unwrap(await engine.status());
      const source = sources.find((s) => s.sourceId === sourceId);
      return { events: source?.events ?? 0, actors: source?.actors ?? 0, bytes: source?.memoryBytes ?? 0 };
    },
    scrub: (question, moments) => scrub(own, question, moments),
    close: () => engine.stop(),
  };
}
