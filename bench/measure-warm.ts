import type { DataPaths, EngineName } from './bench-engine.ts';
import { checkAnswers, choiceKey, isAskedOnce, type Candidate, type Choices } from './check-answers.ts';
import { COMPILE_CACHE } from './data.ts';
import { EngineClient } from './engine-client.ts';
import type { Opened } from './engine-process.ts';
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
  readonly opened: Partial<Record<EngineName, Opened>>;
  readonly questions: readonly QuestionTimes[];
  /** Bytes: from the start until all answers are checked, and in the rounds behind that. */
  readonly memory: Partial<Record<EngineName, { readonly opening: number; readonly answering: number }>>;
  readonly omissions: readonly string[];
  readonly choices: Choices;
}
export interface WarmOptions {
  readonly paths: DataPaths;
  readonly engines: readonly EngineName[];
  readonly questions: readonly Question[];
  readonly threads: number;
  readonly rounds: number;
  /** Empty = try every formulation. */
  readonly choices: Choices;
  readonly say: (text: string) => void;
}

/**
 * All engines are open at once, each in its own process, and only one works at a time. When all answers are equal, the
 * fastest formulations take part in the rounds: question by question, engine by engine, so that a slow moment of the
 * machine meets all alike.
 */
export async function measureWarm(options: WarmOptions): Promise<WarmMeasure> {
  const { paths, engines, questions, threads, rounds, choices, say } = options;
  const clients = engines.map((name) => new EngineClient(name, paths, COMPILE_CACHE));
  try {
    const opened: Partial<Record<EngineName, Opened>> = {};
    for (const client of clients) opened[client.name] = await client.open(threads, 'known');
    const { candidates, omissions } = await checkAnswers(clients, questions, choices, say);
    const opening = await takeMemory(clients);
    const times: QuestionTimes[] = [];
    for (const { id } of questions) {
      const own = candidates.filter((candidate) => candidate.question === id);
      times.push({ question: id, threads, engines: await runRounds(own, rounds) });
    }
    const answering = await takeMemory(clients);
    return {
      opened,
      omissions,
      questions: times,
      memory: Object.fromEntries(
        engines.map((name) => [name, { opening: opening[name] ?? 0, answering: answering[name] ?? 0 }]),
      ),
      choices: new Map(candidates.map((c) => [choiceKey(c.client.name, c.question), c.formulation])),
    };
  } finally {
    for (const client of clients) await client.stop();
  }
}

async function runRounds(candidates: readonly Candidate[], rounds: number): Promise<QuestionTimes['engines']> {
  const times = candidates.map((): number[] => []);
  for (let round = 0; round < rounds; round++)
    for (const [i, { client, question, formulation, name, digest, firstMs }] of candidates.entries()) {
      if (isAskedOnce(client.name)) {
        times[i] = [firstMs];
        continue;
      }
      const answer = await client.ask(question, { formulation, round: round + 3, full: false });
      if (answer.digest !== digest) throw new Error(`${question}: ${client.name} (${name}) changed its answer.`);
      times[i]?.push(answer.ms);
    }
  return Object.fromEntries(
    candidates.map(({ client, name }, i): [EngineName, EngineTimes] => {
      const roundsMs = times[i] ?? [];
      return [client.name, { formulation: name, roundsMs, medianMs: getMedian(roundsMs) }];
    }),
  );
}

async function takeMemory(clients: readonly EngineClient[]): Promise<Partial<Record<EngineName, number>>> {
  const peaks: Partial<Record<EngineName, number>> = {};
  for (const client of clients) peaks[client.name] = await client.peakMemory();
  return peaks;
}
