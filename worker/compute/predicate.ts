import type { Condition, EventMatch, PropertyCondition } from '../../protocol/index.ts';
import { lowerBound, type EventIndex, type PropertyColumn, type Segment } from '../segment/segment.ts';
import { getString, type StringTable } from '../segment/string-table.ts';

/** Whether the event at a position of the segment passes. */
export type EventPredicate = (event: EventIndex) => boolean;

/** What one event type can do: most steps depend on the type alone and then need no look at the event. */
export const NEVER = 0;
export const ALWAYS = 1;
export const DEPENDS = 2;

/** A compiled EventMatch. */
export interface EventMatcher {
  /** By type code: NEVER, ALWAYS or DEPENDS (then ask `test`). */
  readonly byType: Uint8Array;
  /** Right for every event, whatever its type; never called in a hot loop for NEVER and ALWAYS. */
  readonly test: EventPredicate;
}

/**
 * All of `where` as one predicate; null when every event passes. Conditions are evaluated once per distinct value,
 * never per event. Values are compared as text; a property the segment does not have is never set. `neq`, `not_in`
 * and `not_icontains` hold for events where the property is not set.
 */
export function compileWhere(segment: Segment, where: readonly Condition[] | undefined): EventPredicate | null {
  const test = all((where ?? []).map((condition) => compileCondition(segment, condition)));
  if (test === true) return null;
  return test === false ? () => false : test;
}

/** `event: null` (or absent) is any event; with `anyOf` one alternative must fit, and the outer `where` holds for all. */
export function compileMatch(segment: Segment, match: EventMatch): EventMatcher {
  const outer = all((match.where ?? []).map((condition) => compileCondition(segment, condition)));
  const alternatives = (match.anyOf ?? [{ event: match.event ?? null }]).map((alternative) => ({
    event: alternative.event,
    test: all([outer, ...(alternative.where ?? []).map((condition) => compileCondition(segment, condition))]),
  }));
  const tests = segment.eventNames.map((name) =>
    any(alternatives.map((a) => (a.event === null || a.event === name ? a.test : false))),
  );
  const byType = Uint8Array.from(tests, (test) => (test === true ? ALWAYS : test === false ? NEVER : DEPENDS));
  const { types } = segment;
  return { byType, test: (event) => evaluate(tests[types[event] ?? 0] ?? false, event) };
}

/** Names of the properties that a filter reads (without `$event` and `$actor`, which every segment has). */
export function propertiesOf(where: readonly Condition[] | undefined): readonly string[] {
  return (where ?? []).flatMap((condition) => {
    if ('and' in condition) return propertiesOf(condition.and);
    if ('or' in condition) return propertiesOf(condition.or);
    return condition.prop === '$event' || condition.prop === '$actor' ? [] : [condition.prop];
  });
}

/** A predicate, or its answer where it is the same for every event. */
type Test = boolean | EventPredicate;
const evaluate = (test: Test, event: EventIndex): boolean => (typeof test === 'boolean' ? test : test(event));

function all(tests: readonly Test[]): Test {
  if (tests.includes(false)) return false;
  const [first, second, ...rest] = tests.filter((test) => typeof test === 'function');
  if (first === undefined) return true;
  if (second === undefined) return first;
  if (rest.length === 0) return (event) => first(event) && second(event);
  const open = [first, second, ...rest];
  return (event) => open.every((test) => test(event));
}

function any(tests: readonly Test[]): Test {
  if (tests.includes(true)) return true;
  const open = tests.filter((test) => typeof test === 'function');
  const [first] = open;
  if (first === undefined) return false;
  return open.length === 1 ? first : (event) => open.some((test) => test(event));
}

function compileCondition(segment: Segment, condition: Condition): Test {
  if ('and' in condition) return all(condition.and.map((c) => compileCondition(segment, c)));
  if ('or' in condition) return any(condition.or.map((c) => compileCondition(segment, c)));
  const test = compileTest(condition);
  if (condition.prop === '$event') return overTypes(segment, test);
  if (condition.prop === '$actor') return overActors(segment, test);
  const column = segment.properties.get(condition.prop);
  return column === undefined ? test.unset : overColumn(column, test);
}

/** One condition as an answer for events without the property, and a question about a text. */
interface ValueTest {
  readonly unset: boolean;
  readonly text: (text: string) => boolean;
  /** The answer for every text that is none of these; null = any text must be asked. */
  readonly only: { readonly byteLengths: ReadonlySet<number>; readonly otherwise: boolean } | null;
}

function compileTest({ op, value }: PropertyCondition): ValueTest {
  const values = (Array.isArray(value) ? value : value === undefined ? [] : [value]).map(String);
  switch (op) {
    case 'eq':
    case 'in':
      return { unset: false, text: (text) => values.includes(text), only: onlyThese(values, false) };
    case 'neq':
    case 'not_in':
      return { unset: true, text: (text) => !values.includes(text), only: onlyThese(values, true) };
    case 'icontains':
      return { unset: false, text: containsAny(values), only: null };
    case 'not_icontains': {
      const contains = containsAny(values);
      return { unset: true, text: (text) => !contains(text), only: null };
    }
    case 'is_set':
      return { unset: false, text: () => true, only: { byteLengths: new Set(), otherwise: true } };
    case 'is_not_set':
      return { unset: true, text: () => false, only: { byteLengths: new Set(), otherwise: false } };
  }
}

const encoder = new TextEncoder();
/** Texts of another length in bytes need no decoding, which matters for columns with a million distinct ids. */
const onlyThese = (values: readonly string[], otherwise: boolean): ValueTest['only'] => ({
  byteLengths: new Set(values.map((value) => encoder.encode(value).length)),
  otherwise,
});

function containsAny(values: readonly string[]): (text: string) => boolean {
  const needles = values.map((value) => value.toLowerCase());
  return (text) => {
    const low = text.toLowerCase();
    return needles.some((needle) => low.includes(needle));
  };
}

/** Answers per entry of a table, from index `from` of the result on. */
function fillAnswers(answers: Uint8Array, from: number, table: StringTable, { text, only }: ValueTest): void {
  for (let i = 0; i < table.length; i++) {
    const bytes = (table.offsets[i + 1] ?? 0) - (table.offsets[i] ?? 0);
    const answer = only === null || only.byteLengths.has(bytes) ? text(getString(table, i)) : only.otherwise;
    answers[from + i] = answer ? 1 : 0;
  }
}

function constantOf(answers: Uint8Array): boolean | null {
  const first = answers[0] ?? 0;
  return answers.every((answer) => answer === first) ? first === 1 : null;
}

function overColumn({ codes, values }: PropertyColumn, test: ValueTest): Test {
  const answers = new Uint8Array(values.length + 1);
  answers[0] = test.unset ? 1 : 0;
  fillAnswers(answers, 1, values, test);
  return constantOf(answers) ?? ((event) => answers[codes[event] ?? 0] === 1);
}

function overTypes({ eventNames, types }: Segment, test: ValueTest): Test {
  const answers = Uint8Array.from(eventNames, (name) => (test.text(name) ? 1 : 0));
  return constantOf(answers) ?? ((event) => answers[types[event] ?? 0] === 1);
}

function overActors({ actorIds, offsets }: Segment, test: ValueTest): Test {
  const answers = new Uint8Array(actorIds.length);
  fillAnswers(answers, 0, actorIds, test);
  // The actor of position p is the last one whose first event is at or before p.
  return constantOf(answers) ?? ((event) => answers[lowerBound(offsets, event + 1) - 1] === 1);
}
