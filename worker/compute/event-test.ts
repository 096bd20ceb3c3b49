import { getActorOf, type EventIndex, type Segment, type TypeColumn } from '../segment/segment.ts';

/** Whether the event at a position of the segment passes. */
export type EventPredicate = (event: EventIndex) => boolean;

/**
 * A condition on events whose answers are known by code: a boolean where it is the same for every event, else answers by
 * code of one column, joined by and / or. Read by kernels (`event-bytes.ts`) and, as a function, by their twins.
 */
export type EventTest = boolean | CodeTest | JoinedTest | PredicateTest;
export interface CodeTest {
  readonly kind: 'codes';
  /** The column whose codes `answers` (0 or 1) is about; `actors` = by index of the actor. */
  readonly codes: TypeColumn | 'actors';
  readonly answers: Uint8Array;
}
export interface JoinedTest {
  readonly kind: 'all' | 'any';
  readonly tests: readonly Exclude<EventTest, boolean>[];
}
/** What no column of codes tells. */
export interface PredicateTest {
  readonly kind: 'predicate';
  readonly test: EventPredicate;
}

export function codeTest(codes: CodeTest['codes'], answers: Uint8Array): EventTest {
  const first = answers[0] ?? 0;
  return answers.every((answer) => answer === first) ? first === 1 : { kind: 'codes', codes, answers };
}

export const all = (tests: readonly EventTest[]): EventTest => join('all', tests);
export const any = (tests: readonly EventTest[]): EventTest => join('any', tests);

/** Flat: what is joined the same way further down becomes part of it, and tests of one column become one. */
function join(kind: JoinedTest['kind'], tests: readonly EventTest[]): EventTest {
  const decided = kind === 'any';
  if (tests.includes(decided)) return decided;
  const open = tests.flatMap((test) => (typeof test === 'boolean' ? [] : test.kind === kind ? test.tests : [test]));
  const others = open.filter((test) => test.kind !== 'codes');
  const byColumn = new Map<CodeTest['codes'], CodeTest>();
  for (const test of open) {
    if (test.kind !== 'codes') continue;
    const known = byColumn.get(test.codes);
    byColumn.set(test.codes, known === undefined ? test : joinAnswers(kind, known, test));
  }
  const codeTests = [...byColumn.values()].map(({ codes, answers }) => codeTest(codes, answers));
  if (codeTests.includes(decided)) return decided;
  const joined = [...codeTests.filter((test) => typeof test !== 'boolean'), ...others];
  const [only] = joined;
  if (only === undefined) return !decided;
  return joined.length === 1 ? only : { kind, tests: joined };
}

function joinAnswers(kind: JoinedTest['kind'], a: CodeTest, b: CodeTest): CodeTest {
  const answers = a.answers.map((answer, code) =>
    kind === 'all' ? answer & (b.answers[code] ?? 0) : answer | (b.answers[code] ?? 0),
  );
  return { ...a, answers };
}

export function toPredicate(segment: Segment, test: EventTest): EventPredicate {
  if (typeof test === 'boolean') return () => test;
  if (test.kind === 'predicate') return test.test;
  if (test.kind === 'codes') return lookUp(segment, test);
  const [first, second, ...rest] = test.tests.map((part) => toPredicate(segment, part));
  if (first === undefined || second === undefined) throw new Error('a joined test has at least two parts');
  const parts = [first, second, ...rest];
  if (test.kind === 'all')
    return rest.length === 0 ? (event) => first(event) && second(event) : (event) => parts.every((part) => part(event));
  return rest.length === 0 ? (event) => first(event) || second(event) : (event) => parts.some((part) => part(event));
}

function lookUp(segment: Segment, { codes, answers }: CodeTest): EventPredicate {
  if (codes !== 'actors') return (event) => answers[codes[event] ?? 0] === 1;
  return (event) => answers[getActorOf(segment, event)] === 1;
}
