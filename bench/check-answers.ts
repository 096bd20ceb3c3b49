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
      const tried: Candidate[] = [];
      for (const [formulation, name] of (await client.formulations(id)).entries()) {
        if ((choices.get(choiceKey(client.name, id)) ?? formulation) !== formulation) continue;
        try {
          const full = await client.ask(id, { formulation, round: 0, full: true });
          ours ??= full;
          if (full.digest !== ours.digest) differences.push(describeDifference(id, client.name, name, ours, full));
          tried.push({ client, question: id, formulation, name, ...(await tryTwice(client, id, formulation, full)) });
        } catch (error) {
          if (client.name === 'tributary') throw error;
          omissions.push(`${id}: ${error instanceof Error ? error.message : String(error)} (${name})`);
        }
      }
      const [fastest] = tried.toSorted((x, y) => x.firstMs - y.firstMs);
      if (fastest !== undefined) candidates.push(fastest);
    }
    say(`equal: ${id} (${ours?.rows} rows)`);
  }
  if (differences.length > 0) throw new Error(`Answers differ, so nothing is timed.\n${differences.join('\n')}`);
  return { candidates, omissions };
}

/** The better of two askings: one alone is too noisy to choose by. */
async function tryTwice(
  client: EngineClient,
  question: string,
  formulation: number,
  full: Asked,
): Promise<{ firstMs: number; digest: string }> {
  if (isAskedOnce(client.name)) return { firstMs: full.ms, digest: full.digest };
  const first = await client.ask(question, { formulation, round: 1, full: false });
  const second = await client.ask(question, { formulation, round: 2, full: false });
  return { firstMs: Math.min(first.ms, second.ms), digest: second.digest };
}

const describeDifference = (id: string, engine: EngineName, name: string, ours: Asked, theirs: Asked): string =>
  `${id}: ${engine} (${name}) says ${theirs.rows} rows ${theirs.sample.join(' ')}\n  we say ${ours.rows} rows ${ours.sample.join(' ')}`;
