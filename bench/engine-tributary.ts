import type { Reply } from '../protocol/index.ts';
import { DEFAULT_END } from '../samples/generate-sample.ts';
import { createEngine } from '../worker/host.ts';
import { sumRows, type Question } from './question.ts';
import type { OpenEngine } from './bench-engine.ts';

function unwrap<T>(reply: Reply<T>): T {
  if (reply.ok) return reply.value;
  throw new Error(`${reply.error.code}: ${reply.error.message}`);
}

/** Everything is before the end of the sample. The same instant written with more zeros each round: another document to the cache of answers, no other answer. */
function asOfText({ asOf = DEFAULT_END - 1 }: Question, round: number): string {
  return new Date(asOf).toISOString().replace('Z', `${'0'.repeat(round)}Z`);
}

/** Ours opens the snapshot; what it keeps from an earlier opening is its own affair (`dataDir`). */
export const openTributary: OpenEngine = async (paths, threads) => {
  const engine = createEngine({ dataDir: paths.dataDir, threads });
  const ref = { kind: 'sqlite', path: paths.snapshot } as const;
  const source = unwrap(await engine.open({ requestId: 'open', ref }));
  return {
    version: (await engine.status().then(unwrap)).version,
    events: source.events,
    bytes: source.memoryBytes,
    formulations: () => ['document'],
    ask: async (question, { round, full }) => {
      const analysis = { ...question.analysis, asOf: asOfText(question, round) };
      const result = unwrap(
        await engine.run({ requestId: `${question.id} ${round}`, sourceId: source.sourceId, analysis }),
      );
      return () => {
        const rows = question.rows(result);
        return question.summed === true && !full ? sumRows(rows) : rows;
      };
    },
    close: () => engine.stop(),
  };
};
