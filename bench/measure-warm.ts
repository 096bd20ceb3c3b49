import { EngineClient } from './engine-client.ts';
import type { Asked } from './engine-process.ts';
import type { DataPaths, EngineName } from './bench-engine.ts';
import { COMPILE_CACHE } from './data.ts';
import type { Question } from './question.ts';
import { getMedian } from './stats.ts';

export interface EngineTimes {
  readonly formulation: string;
  readonly roundsMs: readonly number[];
  readonly medianMs: number;
}
export interface QuestionTimes {
  readonly question: string;
  readonly threads: number;
  readonly engines: Partial<Record<EngineName, EngineTimes>>;
}
export interface WarmMeasure {
  readonly versions: Partial<Record<EngineName, string>>;
  readonly events: number;
  readonly questions: readonly QuestionTimes[];
  /** Bytes: from the start until all is open and asked once, and in the rounds behind that. */
  readonly memory: Partial<Record<EngineName, { readonly opening: number; readonly answering: number }>>;
}
interface Candidate {
  readonly client: EngineClient;
  readonly formulation: number;
  readonly name: string;
  readonly roundsMs: number[];
  readonly digest: string;
}
interface WarmOptions {
  readonly paths: DataPaths;
  readonly engines: readonly EngineName[];
  readonly questions: readonly Question[];
  readonly threads: number;
  readonly rounds: number;
  readonly say: (text: string) => void;
}
/** A row store needs seconds a question: its first answer is its time. */
const isAskedOnce = (name: EngineName): boolean => name === 'sqlite';

/**
 * All engines are open at once, each in its own process, and only one works at a time. Every formulation is held
 * against our answer before anything is timed; of those the fastest takes part in the rounds, question by question,
 * engine by engine, so that a slow moment of the machine meets all alike.
 */
export async function measureWarm(options: WarmOptions): Promise<WarmMeasure> {
  const clients = options.engines.map((name) => new EngineClient(name, options.paths, COMPILE_CACHE));
  try {
    const versions: Partial<Record<EngineName, string>> = {};
    let events = 0;
    for (const client of clients) {
      const opened = await client.open(options.threads, 'known');
      versions[client.name] = opened.version;
      events = opened.events ?? events;
    }
    const candidates = await checkAll(clients, options);
    const opening = await takeMemory(clients);
    await runRounds(candidates, options.rounds);
    const answering = await takeMemory(clients);
    return {
      versions,
      events,
      questions: options.questions.map(({ id }) => summarize(id, options.threads, candidates.get(id) ?? [])),
      memory: Object.fromEntries(
        clients.map(({ name }) => [name, { opening: opening[name] ?? 0, answering: answering[name] ?? 0 }]),
      ),
    };
  } finally {
    for (const client of clients) await client.stop();
  }
}

/** Throws with all differences at once. */
async function checkAll(
  clients: readonly EngineClient[],
  { questions, say }: WarmOptions,
): Promise<ReadonlyMap<string, readonly Candidate[]>> {
  const differences: string[] = [];
  const candidates = new Map<string, Candidate[]>();
  for (const { id } of questions) {
    let reference: Asked | null = null;
    const fastest: Candidate[] = [];
    for (const client of clients) {
      let best: Candidate | null = null;
      for (const [formulation, name] of (await client.formulations(id)).entries()) {
        const answer = await client.ask(id, { formulation, round: 0, full: true });
        reference ??= answer;
        if (answer.digest !== reference.digest) differences.push(describe(id, client.name, name, reference, answer));
        const { ms, digest } = isAskedOnce(client.name)
          ? answer
          : await client.ask(id, { formulation, round: 1, full: false });
        if (best === null || ms < (best.roundsMs[0] ?? 0)) best = { client, formulation, name, roundsMs: [ms], digest };
      }
      if (best !== null) fastest.push(best);
    }
    candidates.set(id, fastest);
    say(`equal: ${id} (${reference?.rows} rows)`);
  }
  if (differences.length > 0) throw new Error(`Answers differ, so nothing is timed.\n${differences.join('\n')}`);
  return candidates;
}
const describe = (id: string, engine: EngineName, name: string, ours: Asked, theirs: Asked): string =>
  `${id}: ${engine} (${name}) says ${theirs.rows} rows ${theirs.sample.join(' ')}\n  we say ${ours.rows} rows ${ours.sample.join(' ')}`;

async function runRounds(candidates: ReadonlyMap<string, readonly Candidate[]>, rounds: number): Promise<void> {
  for (const [id, list] of candidates) {
    for (const { client, roundsMs } of list) if (!isAskedOnce(client.name)) roundsMs.length = 0;
    for (let round = 0; round < rounds; round++)
      for (const { client, formulation, name, roundsMs, digest } of list) {
        if (isAskedOnce(client.name)) continue;
        const how = { formulation, round: round + 2, full: false };
        const answer = await client.ask(id, how);
        if (answer.digest !== digest) throw new Error(`${id}: ${client.name} (${name}) changed its answer.`);
        roundsMs.push(answer.ms);
      }
  }
}

async function takeMemory(clients: readonly EngineClient[]): Promise<Partial<Record<EngineName, number>>> {
  const peaks: Partial<Record<EngineName, number>> = {};
  for (const client of clients) peaks[client.name] = await client.peakMemory();
  return peaks;
}

const summarize = (question: string, threads: number, candidates: readonly Candidate[]): QuestionTimes => ({
  question,
  threads,
  engines: Object.fromEntries(
    candidates.map(({ client, name, roundsMs }) => [
      client.name,
      { formulation: name, roundsMs, medianMs: getMedian(roundsMs) } satisfies EngineTimes,
    ]),
  ),
});
