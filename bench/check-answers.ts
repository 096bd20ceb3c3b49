import { OWN_DETAILS, ROW_STORES, isPeer, type Contestant } from './bench-engine.ts';
import type { EngineClient } from './engine-client.ts';
import type { Asked } from './engine-process.ts';
import type { Question } from './question.ts';

/** A contestant's way to one question, with the digest that every round must repeat. */
export interface Candidate {
  readonly contestant: Contestant;
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
/** `peer question` → the name of its fastest formulation, of an earlier check. */
export type Choices = ReadonlyMap<string, string>;
export const choiceKey = (peer: string, question: string): string => `${peer} ${question}`;

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
      for (const formulation of await getFormulations(client, id, choices)) {
        const { index, name } = formulation;
        try {
          const answer = await client.ask(id, { formulation: index, allRows: true });
          ours ??= answer;
          if (answer.digest !== ours.digest) differences.push(describeDifference(id, client.name, name, ours, answer));
          full.set(formulation, answer);
        } catch (error) {
          if (!isPeer(client.name)) throw error;
          omissions.push(`${id}: ${error instanceof Error ? error.message : String(error)} (${name})`);
        }
      }
      candidates.push(...(await chooseCandidates(client, id, full)));
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
async function getFormulations(client: EngineClient, id: string, choices: Choices): Promise<readonly Formulation[]> {
  const all = (await client.formulations(id)).map((name, index) => ({ index, name }));
  const chosen = all.filter(({ name }) => name === choices.get(choiceKey(client.name, id)));
  return chosen.length > 0 ? chosen : all;
}

/** Ours by all its ways; a peer by its fastest. */
async function chooseCandidates(
  client: EngineClient,
  question: string,
  full: ReadonlyMap<Formulation, Asked>,
): Promise<readonly Candidate[]> {
  if (isPeer(client.name)) {
    const fastest = await chooseFastest(client, question, full);
    return fastest === null ? [] : [fastest];
  }
  const own: Candidate[] = [];
  for (const [formulation, first] of full) own.push(await tryOnce(client, question, formulation, first, 1));
  return own;
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
  for (const [formulation, first] of full) {
    if (first.ms > HOPELESS * bestFull) continue;
    const candidate = await tryOnce(client, question, formulation, first, full.size > 1 ? 2 : 1);
    if (best === null || candidate.firstMs < best.firstMs) best = candidate;
  }
  return best;
}

/** A row store is not asked again: its first answer counts. */
async function tryOnce(
  client: EngineClient,
  question: string,
  { index, name }: Formulation,
  first: Asked,
  times: number,
): Promise<Candidate> {
  const { name: engine } = client;
  const isSlow = ROW_STORES.includes(engine);
  const answers: Asked[] = isSlow ? [first] : [];
  while (!isSlow && answers.length < times)
    answers.push(await client.ask(question, { formulation: index, allRows: false }));
  const isFull = !isPeer(engine) && OWN_DETAILS[index] === 'full';
  return {
    contestant: isFull ? 'tributary-full' : engine,
    client,
    question,
    formulation: index,
    name,
    firstMs: Math.min(...answers.map((answer) => answer.ms)),
    digest: answers[0]?.digest ?? first.digest,
  };
}

const describeDifference = (id: string, engine: string, name: string, ours: Asked, theirs: Asked): string =>
  `${id}: ${engine} (${name}) says ${theirs.rows} rows ${theirs.sample.join(' ')}\n  we say ${ours.rows} rows ${ours.sample.join(' ')}`;
