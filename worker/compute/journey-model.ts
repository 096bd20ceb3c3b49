import type { EventMatch, JourneyModel } from '../../protocol/index.ts';
import { START_STATE } from '../../protocol/journey-states.ts';
import type { EventIndex, Milliseconds, PropertyColumn, Segment } from '../segment/segment.ts';
import { parseInstantAt } from './parse-instant.ts';
import { ALWAYS, NEVER, compileMatch } from './predicate.ts';
import { toMilliseconds } from './step-match.ts';

/** A journey over one segment. States are codes: 0 = none yet, then in the order of the model. */
export interface CompiledJourney {
  /** By state code; 0 is `start`. */
  readonly states: readonly string[];
  /** What can happen at an event, by type code; null = nothing. */
  readonly byType: readonly (TypeActions | null)[];
  readonly rules: readonly CompiledRule[];
  readonly deadlines: readonly CompiledDeadline[];
}
export type Matches = (event: EventIndex) => boolean;
/** Only what this event type can set off. */
export interface TypeActions {
  readonly opensObject: readonly { readonly rule: CompiledRule; readonly matches: Matches }[];
  readonly opensDeadline: readonly { readonly deadline: CompiledDeadline; readonly matches: Matches }[];
  readonly meets: readonly { readonly deadline: CompiledDeadline; readonly matches: Matches }[];
  readonly rules: readonly { readonly rule: CompiledRule; readonly matches: Matches }[];
}
interface Transition {
  /** 1 = allowed, by state code. */
  readonly from: Uint8Array;
  readonly to: number;
}
export interface CompiledRule extends Transition {
  readonly index: number;
  /** Code of the object an event is about, 0 = unknown; null = the rule needs no last object. */
  readonly key: KeyColumn | null;
}
export interface CompiledDeadline extends Transition {
  readonly index: number;
  readonly key: KeyColumn;
  readonly after: Milliseconds;
  /** When it is due: texts by event; null = at the time of its event. */
  readonly dues: PropertyColumn | null;
}
export interface KeyColumn {
  readonly codeOf: (event: EventIndex) => number;
  /** By event; null = no event has the property. */
  readonly codes: PropertyColumn['codes'] | null;
  /** Codes are below this. */
  readonly size: number;
}

export function compileJourney(segment: Segment, model: JourneyModel): CompiledJourney {
  const states = [START_STATE, ...model.states];
  const transition = ({ from, to }: { from: readonly string[] | null; to: string }): Transition => ({
    from: Uint8Array.from(states, (state) => (from === null || from.includes(state) ? 1 : 0)),
    to: states.indexOf(to),
  });
  const rules = model.rules.map((rule, index) => ({
    ...transition(rule),
    index,
    key: rule.lastOf === undefined ? null : compileKey(segment, rule.lastOf.key),
  }));
  const deadlines = model.deadlines.map((deadline, index) => ({
    ...transition(deadline),
    index,
    key: compileKey(segment, deadline.key),
    after: Math.round(toMilliseconds(deadline.after)),
    dues: deadline.dueAt === null ? null : (segment.properties.get(deadline.dueAt) ?? null),
  }));
  const openers = rules.flatMap((rule, i) => link({ rule }, segment, model.rules[i]?.lastOf?.openedBy));
  const opened = deadlines.flatMap((deadline, i) => link({ deadline }, segment, model.deadlines[i]?.opens));
  const met = deadlines.flatMap((deadline, i) => link({ deadline }, segment, model.deadlines[i]?.metBy));
  const fired = rules.flatMap((rule, i) => link({ rule }, segment, model.rules[i]?.event));
  const byType = segment.eventNames.map((_, type) => {
    const actions = {
      opensObject: ofType(openers, type),
      opensDeadline: ofType(opened, type),
      meets: ofType(met, type),
      rules: ofType(fired, type),
    };
    return Object.values(actions).some((list) => list.length > 0) ? actions : null;
  });
  return { states, byType, rules, deadlines };
}

interface Linked {
  readonly byType: Uint8Array;
  readonly test: Matches;
}
/** An action with its compiled match; none when there is nothing to match. */
function link<T extends object>(action: T, segment: Segment, match: EventMatch | undefined): (T & Linked)[] {
  return match === undefined ? [] : [{ ...action, ...compileMatch(segment, match) }];
}

/** The match of an action that every event of its type sets off. */
export const always: Matches = () => true;
function ofType<T extends Linked>(actions: readonly T[], type: number): (T & { readonly matches: Matches })[] {
  return actions
    .filter(({ byType }) => (byType[type] ?? NEVER) !== NEVER)
    .map((action) => ({ ...action, matches: action.byType[type] === ALWAYS ? always : action.test }));
}

function compileKey(segment: Segment, property: string): KeyColumn {
  const column = segment.properties.get(property);
  if (column === undefined) return { codeOf: () => 0, codes: null, size: 1 };
  const { codes, values } = column;
  return { codeOf: (event) => codes[event] ?? 0, codes, size: values.length + 1 };
}

/** What a text says; NaN where there is none, or none that can be read. */
export function getDue({ codes, values }: PropertyColumn, event: EventIndex): Milliseconds {
  const code = codes[event] ?? 0;
  return code === 0 ? Number.NaN : parseInstantAt(values, code - 1);
}

/** Instant of a deadline: never before the event that sets it. */
export function getDeadline({ after, dues }: CompiledDeadline, event: EventIndex, time: Milliseconds): Milliseconds {
  const due = dues === null ? Number.NaN : getDue(dues, event);
  return Number.isNaN(due) ? time + after : Math.max(time, due + after);
}
