import { ROW_STORES, isPeer, type Contestant, type DataPaths, type EngineName, type Held } from './bench-engine.ts';
import { checkAnswers, choiceKey, type Candidate, type Choices } from './check-answers.ts';
import { COMPILE_CACHE } from './data.ts';
import { EngineClient } from './engine-client.ts';
import { measureScrub, type ScrubTimes } from './measure-scrub.ts';
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
  readonly engines: Partial<Record<Contestant, EngineTimes>>;
}
export interface WarmMeasure {
  readonly versions: Partial<Record<EngineName, string>>;
  readonly questions: readonly QuestionTimes[];
  /** Of ours: after opening, after a funnel by scan, and after the same with its index. */
  readonly held: HeldBytes | null;
  readonly scrub: ScrubTimes | null;
  readonly omissions: readonly string[];
  readonly choices: Choices;
}
export interface HeldBytes extends Omit<Held, 'bytes'> {
  readonly columns: number;
  readonly withIndex: number;
}
export interface WarmOptions {
  readonly paths: DataPaths;
  readonly engines: readonly EngineName[];
  readonly questions: readonly Question[];
  readonly threads: number;
  readonly rounds: number;
  /** Where there is none, every formulation is tried. */
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
    const versions: Partial<Record<EngineName, string>> = {};
    for (const client of clients) versions[client.name] = await client.open(threads);
    const held = await measureHeld(clients);
    const { candidates, omissions } = await checkAnswers(clients, questions, choices, say);
    const times: QuestionTimes[] = [];
    for (const { id } of questions) {
      const own = candidates.filter((candidate) => candidate.question === id);
      times.push({ question: id, threads, engines: await runRounds(own, rounds) });
      say(`timed: ${id}`);
    }
    return {
      versions,
      omissions,
      questions: times,
      held,
      scrub: await measureScrub(clients),
      choices: new Map(
        candidates.filter((c) => isPeer(c.client.name)).map((c) => [choiceKey(c.client.name, c.question), c.name]),
      ),
    };
  } finally {
    for (const client of clients) await client.stop();
  }
}

/** Before any question that needs a property. */
async function measureHeld(clients: readonly EngineClient[]): Promise<HeldBytes | null> {
  const held = new Map<EngineName, Held>();
  for (const client of clients) {
    if (client.name !== 'tributary' && client.name !== 'tributary-scan') continue;
    // In full first, where that is another way to ask: counts alone may be answered before anything is held.
    const { length } = await client.formulations('funnel-7d');
    for (let formulation = length - 1; formulation >= 0; formulation--)
      await client.ask('funnel-7d', { formulation, allRows: true });
    held.set(client.name, await client.held());
  }
  const scan = held.get('tributary-scan');
  const derived = held.get('tributary');
  if (scan === undefined || derived === undefined) return null;
  return { events: scan.events, actors: scan.actors, columns: scan.bytes, withIndex: derived.bytes };
}

async function runRounds(candidates: readonly Candidate[], rounds: number): Promise<QuestionTimes['engines']> {
  const times = candidates.map((): number[] => []);
  for (let round = 0; round < rounds; round++)
    for (const [i, candidate] of candidates.entries()) {
      const isOver = ROW_STORES.includes(candidate.client.name);
      if (isOver) times[i] = [candidate.firstMs];
      else times[i]?.push(await askForAWhile(candidate));
    }
  return Object.fromEntries(
    candidates.map(({ contestant, name }, i): [Contestant, EngineTimes] => {
      const roundsMs = times[i] ?? [];
      return [contestant, { formulation: name, roundsMs, medianMs: getMedian(roundsMs) }];
    }),
  );
}

/** One engine's turn in a round: the median of its askings. */
async function askForAWhile({ client, question, formulation, name, digest }: Candidate): Promise<number> {
  const turn = await client.turn(question, { formulation, allRows: false });
  if (turn.digest !== digest) throw new Error(`${question}: ${client.name} (${name}) changed its answer.`);
  return getMedian(turn.times);
}
