import type { Breakdown } from '../../protocol/index.ts';
import type { EventIndex, Segment } from '../segment/segment.ts';
import { getString } from '../segment/string-table.ts';
import { findDeepest } from './step-match-attempts.ts';
import { createStream, pushEvent, type Matcher, type StepStream } from './step-match-stream.ts';
import { createAttempt, type Attempt, type StepPlan } from './step-match.ts';

/** A tuple of property values as a small number, the same within one reader. BLANK = none of them is set. */
export type ValueId = number;
export const BLANK: ValueId = 0;

/** Values as text; missing and empty are both the blank `""` (SEMANTICS.md, funnel rule 10). */
export interface ValueReader {
  idOf(event: EventIndex): ValueId;
  valuesOf(id: ValueId): readonly string[];
}

export function createValueReader(segment: Segment, props: readonly string[]): ValueReader {
  const columns = props.map((prop) => createColumnReader(segment, prop));
  const [only] = columns;
  if (only !== undefined && columns.length === 1) return { idOf: only.codeOf, valuesOf: (id) => [only.textOf(id)] };
  return createTupleReader(columns);
}

/** Several properties: every tuple that occurs gets the next id. */
function createTupleReader(columns: readonly ColumnReader[]): ValueReader {
  const tuples: (readonly number[])[] = [columns.map(() => 0)];
  const idOfKey = new Map([[columns.map(() => 0).join(), BLANK]]);
  return {
    idOf: (event) => {
      const codes = columns.map((column) => column.codeOf(event));
      const key = codes.join();
      const known = idOfKey.get(key);
      if (known !== undefined) return known;
      const id = tuples.push(codes) - 1;
      idOfKey.set(key, id);
      return id;
    },
    valuesOf: (id) => columns.map((column, i) => column.textOf(tuples[id]?.[i] ?? 0)),
  };
}

/** Code 0 = blank. */
interface ColumnReader {
  readonly codeOf: (event: EventIndex) => number;
  readonly textOf: (code: number) => string;
}

function createColumnReader({ types, eventNames, properties }: Segment, prop: string): ColumnReader {
  if (prop === '$event')
    return { codeOf: (event) => (types[event] ?? 0) + 1, textOf: (code) => eventNames[code - 1] ?? '' };
  const column = properties.get(prop);
  if (column === undefined) return { codeOf: () => 0, textOf: () => '' };
  const { codes, values } = column;
  const isEmpty = (code: number): boolean => code === 0 || values.offsets[code - 1] === values.offsets[code];
  return {
    codeOf: (event) => {
      const code = codes[event] ?? 0;
      return isEmpty(code) ? 0 : code;
    },
    textOf: (code) => (code === 0 ? '' : getString(values, code - 1)),
  };
}

/** An actor's events as the whole answer or one of its groups sees them. Reused: copy what you keep. */
export interface ActorView {
  readonly stream: StepStream;
  /** The deepest that counts. */
  readonly deepest: Attempt;
  /** Which attempts count, to be asked in the order of their starts; null = all that are not void. */
  readonly createFilter: (() => AttemptFilter) | null;
}
export type AttemptFilter = (attempt: Attempt) => boolean;
export type VisitGroup = (id: ValueId, view: ActorView) => void;
/** Calls `visit` once for each group in which the actor counts. `whole` = its view over all values. */
export type Grouper = (whole: ActorView, visit: VisitGroup) => void;

export function createGrouper(plan: StepPlan, match: Matcher, reader: ValueReader, breakdown: Breakdown): Grouper {
  const { attribution } = breakdown;
  if (attribution.type === 'first_touch' || attribution.type === 'last_touch') {
    const last = attribution.type === 'last_touch';
    return (whole, visit) => {
      if (whole.deepest.level > 0) visit(findTouch(whole.stream, reader, last), whole);
    };
  }
  return attribution.type === 'step'
    ? groupByStep(plan, match, reader, attribution.step)
    : groupByAllEvents(plan, match, reader);
}

/** The first (or last) event that fits any step and has a value decides. */
function findTouch(stream: StepStream, reader: ValueReader, last: boolean): ValueId {
  for (let n = 0; n < stream.count; n++) {
    const i = last ? stream.count - 1 - n : n;
    if (stream.masks[i] === 0) continue;
    const id = reader.idOf(stream.events[i] ?? 0);
    if (id !== BLANK) return id;
  }
  return BLANK;
}

/** Only events with the value may fill the named step; the actor counts in each value for which that step is filled. */
function groupByStep(plan: StepPlan, match: Matcher, reader: ValueReader, step: number): Grouper {
  const limited = createStream();
  const deepest = createAttempt(plan.stepCount);
  const createFilter = (): AttemptFilter => createFilledTest(plan, limited, step);
  const view: ActorView = { stream: limited, deepest, createFilter };
  const bit = 1 << step;
  return ({ stream }, visit) => {
    const ids = listIds(stream, reader, (i) => ((stream.masks[i] ?? 0) & bit) !== 0);
    for (const id of ids) {
      limited.count = 0;
      copyEvents(stream, limited, (i, mask) =>
        (mask & bit) !== 0 && reader.idOf(stream.events[i] ?? 0) !== id ? mask & ~bit : mask,
      );
      findDeepest(match, limited, plan.stepCount, deepest, createFilter());
      if (deepest.level > 0) visit(id, view);
    }
  };
}

/**
 * Whether an attempt fills the step; a skipped step is not filled. In any order a step can be filled exactly when some
 * fitting event lies in the attempt's window: another step may give up its event for it and the level stays.
 */
function createFilledTest(plan: StepPlan, stream: StepStream, step: number): AttemptFilter {
  if (plan.order !== 'unordered') return (attempt) => (attempt.events[step] ?? -1) !== -1;
  const times: number[] = [];
  for (let i = 0; i < stream.count; i++)
    if ((((stream.masks[i] ?? 0) >>> step) & 1) === 1) times.push(stream.times[i] ?? 0);
  let next = 0;
  return ({ start }) => {
    while (next < times.length && (times[next] ?? 0) < start) next++;
    return (times[next] ?? Number.POSITIVE_INFINITY) <= start + plan.windowMs;
  };
}

/** Each value sees only events that carry it. */
function groupByAllEvents(plan: StepPlan, match: Matcher, reader: ValueReader): Grouper {
  const limited = createStream();
  const deepest = createAttempt(plan.stepCount);
  const view: ActorView = { stream: limited, deepest, createFilter: null };
  return ({ stream }, visit) => {
    const ids = listIds(stream, reader, (i) => stream.masks[i] !== 0);
    for (const id of ids) {
      limited.count = 0;
      copyEvents(stream, limited, (i, mask) => (reader.idOf(stream.events[i] ?? 0) === id ? mask : null));
      findDeepest(match, limited, plan.stepCount, deepest);
      if (deepest.level > 0) visit(id, view);
    }
  };
}

function listIds(stream: StepStream, reader: ValueReader, wanted: (i: number) => boolean): ReadonlySet<ValueId> {
  const ids = new Set<ValueId>();
  for (let i = 0; i < stream.count; i++) if (wanted(i)) ids.add(reader.idOf(stream.events[i] ?? 0));
  return ids;
}

/** Copies events with the mask that `maskOf` gives; null leaves an event out. */
function copyEvents(from: StepStream, to: StepStream, maskOf: (i: number, mask: number) => number | null): void {
  for (let i = 0; i < from.count; i++) {
    const mask = maskOf(i, from.masks[i] ?? 0);
    if (mask !== null) pushEvent(to, from.events[i] ?? 0, from.times[i] ?? 0, mask, from.excluded[i] ?? 0);
  }
}
