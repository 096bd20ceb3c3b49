import { getSegmentName } from '../../protocol/actor-segments.ts';
import type { Condition, EventMatch, PropertyCondition } from '../../protocol/index.ts';
import { getMembers } from '../segment/actor-set.ts';
import type { PropertyColumn, Segment } from '../segment/segment.ts';
import { findString, forEachString, getString, type StringTable } from '../segment/string-table.ts';
import { all, any, codeTest, toPredicate, type EventPredicate, type EventTest } from './event-test.ts';

export type { EventPredicate } from './event-test.ts';

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
  const test = testWhere(segment, where);
  return test === true ? null : toPredicate(segment, test);
}

/** `compileWhere` before it is made a function, for kernels. */
export function testWhere(segment: Segment, where: readonly Condition[] | undefined): EventTest {
  return all((where ?? []).map((condition) => compileCondition(segment, condition)));
}

/** `event: null` (or absent) is any event; with `anyOf` one alternative must fit, and the outer `where` holds for all. */
export function compileMatch(segment: Segment, match: EventMatch): EventMatcher {
  const alternatives = listAlternatives(segment, match);
  const tests = segment.eventNames.map((name) =>
    any(alternatives.map((a) => (a.event === null || a.event === name ? a.test : false))),
  );
  const byType = Uint8Array.from(tests, (test) => (test === true ? ALWAYS : test === false ? NEVER : DEPENDS));
  const { types } = segment;
  const predicates = tests.map((test) => toPredicate(segment, test));
  return { byType, test: (event) => predicates[types[event] ?? 0]?.(event) ?? false };
}

/** `compileMatch` as one test of any event, for kernels. */
export function testMatch(segment: Segment, match: EventMatch): EventTest {
  const isNamed = (name: string | null): EventTest =>
    name === null ||
    codeTest(
      segment.types,
      Uint8Array.from(segment.eventNames, (known) => (known === name ? 1 : 0)),
    );
  return any(listAlternatives(segment, match).map(({ event, test }) => all([isNamed(event), test])));
}

/** The alternatives of a match, each with the outer `where` in it. */
function listAlternatives(
  segment: Segment,
  match: EventMatch,
): readonly { readonly event: string | null; readonly test: EventTest }[] {
  const outer = testWhere(segment, match.where);
  return (match.anyOf ?? [{ event: match.event ?? null }]).map((alternative) => ({
    event: alternative.event,
    test: all([outer, testWhere(segment, alternative.where)]),
  }));
}

/** Names of the properties that a filter reads (without `$event` and `$actor`, which every segment has). */
export function propertiesOf(where: readonly Condition[] | undefined): readonly string[] {
  return (where ?? []).flatMap((condition) => {
    if ('and' in condition) return propertiesOf(condition.and);
    if ('or' in condition) return propertiesOf(condition.or);
    return condition.prop === '$event' || condition.prop === '$actor' ? [] : [condition.prop];
  });
}

function compileCondition(segment: Segment, condition: Condition): EventTest {
  if ('and' in condition) return all(condition.and.map((c) => compileCondition(segment, c)));
  if ('or' in condition) return any(condition.or.map((c) => compileCondition(segment, c)));
  const test = compileTest(condition);
  if (condition.prop === '$event') return overTypes(segment, test);
  if (condition.prop === '$actor') return overActors(segment, test);
  const name = getSegmentName(condition.prop);
  if (name !== null) return overMembers(segment, name, test);
  const column = segment.properties.get(condition.prop);
  return column === undefined ? test.unset : overColumn(column, test);
}

/** One condition as an answer for events without the property, and a question about a text. */
interface ValueTest {
  readonly unset: boolean;
  readonly text: (text: string) => boolean;
  /** The answer for every text that is none of these; null = any text must be asked. */
  readonly only: { readonly values: readonly string[]; readonly otherwise: boolean } | null;
}

function compileTest({ op, value }: PropertyCondition): ValueTest {
  const values = (Array.isArray(value) ? value : value === undefined ? [] : [value]).map(String);
  const known = new Set(values);
  switch (op) {
    case 'eq':
    case 'in':
      return { unset: false, text: (text) => known.has(text), only: { values, otherwise: false } };
    case 'neq':
    case 'not_in':
      return { unset: true, text: (text) => !known.has(text), only: { values, otherwise: true } };
    case 'icontains':
      return { unset: false, text: containsAny(values), only: null };
    case 'not_icontains': {
      const contains = containsAny(values);
      return { unset: true, text: (text) => !contains(text), only: null };
    }
    case 'is_set':
      return { unset: false, text: () => true, only: { values: [], otherwise: true } };
    case 'is_not_set':
      return { unset: true, text: () => false, only: { values: [], otherwise: false } };
  }
}

function containsAny(values: readonly string[]): (text: string) => boolean {
  const needles = values.map((value) => value.toLowerCase());
  return (text) => {
    const low = text.toLowerCase();
    return needles.some((needle) => low.includes(needle));
  };
}

/** Looking some values up in the bytes of a table is quicker than reading all its texts. */
const LOOKED_UP = 16;

/** Answers per entry of a table (each text once), from index `from` of the result on. */
function fillAnswers(answers: Uint8Array, from: number, table: StringTable, { text, only }: ValueTest): void {
  if (only === null || only.values.length > LOOKED_UP) {
    forEachString(table, (value, i) => (answers[from + i] = text(value) ? 1 : 0));
    return;
  }
  answers.fill(only.otherwise ? 1 : 0, from);
  for (const value of only.values) {
    const i = findString(table, value);
    if (i !== null) answers[from + i] = text(getString(table, i)) ? 1 : 0;
  }
}

function overColumn({ codes, values }: PropertyColumn, test: ValueTest): EventTest {
  const answers = new Uint8Array(values.length + 1);
  answers[0] = test.unset ? 1 : 0;
  fillAnswers(answers, 1, values, test);
  return codeTest(codes, answers);
}

function overTypes({ eventNames, types }: Segment, test: ValueTest): EventTest {
  return codeTest(
    types,
    Uint8Array.from(eventNames, (name) => (test.text(name) ? 1 : 0)),
  );
}

function overActors({ actorIds }: Segment, test: ValueTest): EventTest {
  const answers = new Uint8Array(actorIds.length);
  fillAnswers(answers, 0, actorIds, test);
  return codeTest('actors', answers);
}

/** The property `$segment.NAME` of actors. */
function overMembers({ actorIds, actorSets }: Segment, name: string, test: ValueTest): EventTest {
  const set = actorSets?.get(name);
  if (set === undefined) return test.unset;
  const [within, without] = [test.text(name) ? 1 : 0, test.unset ? 1 : 0];
  return codeTest(
    'actors',
    getMembers(actorIds, set).map((isMember) => (isMember === 1 ? within : without)),
  );
}
