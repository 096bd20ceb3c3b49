import type { EngineName } from './bench-engine.ts';
import type { EngineClient } from './engine-client.ts';
import type { Asked } from './engine-process.ts';
import type { Question } from './question.ts';

/** An engine's fastest way to one question, with the digest that every round must repeat. */
export interface Candidate {
  readonly client: EngineClient;
  readonly question: string;
  readonly formulation: number;
  readonly name: string;
  readonly firstMs: number;
  readonly digest: string;
}
export interface Checked {
  readonly candidates: readonly Candidate[];
  /** Of peers: what could not be asked, and why. */
  readonly omissions: readonly string[];
}
/** `engine question` → its fastest formulation, of an earlier check. */
export type Choices = ReadonlyMap<string, number>;
export const choiceKey = (name: EngineName, question: string): string => `${name} ${question}`;

/** A row store needs seconds a question: its first answer is its time. */
export const isAskedOnce = (name: EngineName): boolean => name === 'sqlite';

/**
 * Holds every engine's answer, by each of its formulations (or the chosen one), against ours: all rows, as text, in any
 * order. Throws with all differences at once, so that nothing is timed; a peer that fails is left out with its reason.
 */
export async function checkAnswers(
  clients: readonly EngineClient[],
  questions: readonly Question[],
  choices: Choices,
  say: (text: string) => void,
): Promise<Checked> {
  const differences: string[] = [];
  const omissions: string[] = [];
  const candidates: Candidate[] = [];
  for (const { id } of questions) {
    let ours: Asked | null = null;
    for (const client of clients) {
      const full = new Map<Formulation, Asked>();
      for (const [index, name] of (await client.formulations(id)).entries()) {
        if ((choices.get(choiceKey(client.name, id)) ?? index) !== index) continue;
        try {
          const answer = await client.ask(id, { formulation: index, round: 0, full: true });
          ours ??= answer;
          if (answer.digest !== ours.digest) differences.push(describeDifference(id, client.name, name, ours, answer));
          full.set({ index, name }, answer);
        } catch (error) {
          if (client.name === 'tributary') throw error;
          omissions.push(`${id}: ${error instanceof Error ? error.message : String(error)} (${name})`);
        }
      }
      const fastest = await chooseFastest(client, id, full);
      if (fastest !== null) candidates.push(fastest);
    }
    say(`equal: ${id} (${ours?.rows} rows)`);
  }
  if (differences.length > 0) throw new Error(`Answers differ, so nothing is timed.\n${differences.join('\n')}`);
  return { candidates, omissions };
}

interface Formulation {
  readonly index: number;
  readonly name: string;
}
/** Slower than the fastest by this factor at the first asking: cannot win. */
const HOPELESS = 3;

/** By the better of two askings: one alone is too noisy to choose by. */
async function chooseFastest(
  client: EngineClient,
  question: string,
  full: ReadonlyMap<Formulation, Asked>,
): Promise<Candidate | null> {
  const bestFull = Math.min(...[...full.values()].map((answer) => answer.ms));
  let best: Candidate | null = null;
  for (const [{ index, name }, first] of full) {
    if (first.ms > HOPELESS * bestFull) continue;
    const tries = [];
    if (!isAskedOnce(client.name))
      for (const round of full.size > 1 ? [1, 2] : [1])
        tries.push(await client.ask(question, { formulation: index, round, full: false }));
    const { digest } = tries.at(-1) ?? first;
    const firstMs = Math.min(...(tries.length > 0 ? tries : [first]).map((answer) => answer.ms));
    if (best === null || firstMs < best.firstMs) best = { client, question, formulation: index, name, firstMs, digest };
  }
  return best;
}

const describeDifference = (id: string, engine: EngineName, name: string, ours: Asked, theirs: Asked): string =>
  `${id}: ${engine} (${name}) says ${theirs.rows} rows ${theirs.sample.join(' ')}\n  we say ${ours.rows} rows ${ours.sample.join(' ')}`;
