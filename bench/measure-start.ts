import { mkdirSync, rmSync } from 'node:fs';
import { COMPILE_CACHE } from './data.ts';
import { EngineClient } from './engine-client.ts';
import type { DataPaths, EngineName, Opening } from './bench-engine.ts';
import { START_QUESTION } from './questions.ts';
import { SQLITE_WITHOUT_INDEX } from './ordered-sql.ts';
import { getMedian } from './stats.ts';

/** From the start of a process to its first answer (`START_QUESTION`), files in the page cache. */
export interface StartTimes {
  readonly engine: EngineName;
  readonly opening: Opening;
  readonly roundsMs: readonly number[];
  readonly medianMs: number;
  readonly peakBytes: number;
  /** Why there is no time. */
  readonly omitted?: string;
}
interface StartOptions {
  readonly paths: DataPaths;
  readonly engines: readonly EngineName[];
  readonly threads: number;
  readonly rounds: number;
}

/** Interleaved: each round starts every engine once. The answers must be equal. */
export async function measureStarts(opening: Opening, options: StartOptions): Promise<readonly StartTimes[]> {
  const rounds = new Map(options.engines.map((name) => [name, [] as number[]]));
  const peaks = new Map<EngineName, number>();
  const omitted = new Map<EngineName, string>();
  const digests = new Map<string, EngineName>();
  for (let round = 0; round < options.rounds; round++)
    for (const name of options.engines) {
      if (omitted.has(name) || (name === 'sqlite' && round > 0)) continue;
      try {
        const once = await startOnce(name, opening, options);
        rounds.get(name)?.push(once.ms);
        peaks.set(name, Math.max(peaks.get(name) ?? 0, once.peakBytes));
        digests.set(once.digest, name);
      } catch (error) {
        if (name === 'tributary') throw error;
        omitted.set(name, error instanceof Error ? error.message : String(error));
      }
    }
  if (digests.size > 1) throw new Error(`First answers differ: ${[...digests.values()].join(' and ')}.`);
  return options.engines.map((engine) => {
    const reason = omitted.get(engine);
    const roundsMs = rounds.get(engine) ?? [];
    const times = { engine, opening, roundsMs, medianMs: getMedian(roundsMs), peakBytes: peaks.get(engine) ?? 0 };
    return reason === undefined ? times : { ...times, omitted: reason };
  });
}

async function startOnce(
  name: EngineName,
  opening: Opening,
  { paths, threads }: StartOptions,
): Promise<{ ms: number; digest: string; peakBytes: number }> {
  if (opening === 'raw' && name === 'tributary') {
    // What an earlier opening left would make this one known.
    rmSync(paths.dataDir, { recursive: true, force: true });
    mkdirSync(paths.dataDir, { recursive: true });
  }
  const formulation = name === 'sqlite' && opening === 'raw' ? SQLITE_WITHOUT_INDEX : 0;
  const start = performance.now();
  const client = new EngineClient(name, paths, COMPILE_CACHE);
  try {
    const [, answer] = await Promise.all([
      client.open(threads, opening),
      client.ask(START_QUESTION, { formulation, round: 0, full: true }),
    ]);
    const ms = performance.now() - start;
    return { ms, digest: answer.digest, peakBytes: await client.peakMemory() };
  } finally {
    await client.stop();
  }
}
