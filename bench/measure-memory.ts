import { ROW_STORES, type DataPaths, type EngineName } from './bench-engine.ts';
import { choiceKey, type Choices } from './check-answers.ts';
import { COMPILE_CACHE } from './data.ts';
import { EngineClient } from './engine-client.ts';
import type { Question } from './question.ts';

/** Bytes: after opening, and the most while answering. */
export interface MemoryUse {
  readonly opened: number;
  readonly answering: number;
}
export type MemoryUses = Partial<Record<EngineName, MemoryUse>>;
interface MemoryOptions {
  readonly paths: DataPaths;
  readonly engines: readonly EngineName[];
  readonly questions: readonly Question[];
  readonly threads: number;
  readonly choices: Choices;
}
const TIMES = 2;

/**
 * One engine after the other, each in a new process that answers all questions twice and makes no rows of the answers:
 * what comparing them needs is no memory of the engine's. Not of row stores, whose time is too long and whose memory is
 * small because they go to the file every time.
 */
export async function measureMemory({
  paths,
  engines,
  questions,
  threads,
  choices,
}: MemoryOptions): Promise<MemoryUses> {
  const uses: MemoryUses = {};
  for (const name of engines.filter((engine) => !ROW_STORES.includes(engine))) {
    const client = new EngineClient(name, paths, COMPILE_CACHE);
    try {
      await client.open(threads);
      const opened = await client.peakMemory();
      for (let time = 0; time < TIMES; time++)
        for (const { id } of questions) {
          const names = await client.formulations(id);
          await client.discard(id, Math.max(0, names.indexOf(choices.get(choiceKey(name, id)) ?? '')));
        }
      uses[name] = { opened, answering: await client.peakMemory() };
    } finally {
      await client.stop();
    }
  }
  return uses;
}
