import { viewU8, type Pointer } from '../segment/column-memory.ts';
import type { EventIndex, Milliseconds, PropertyColumn, Segment, TypeColumn } from '../segment/segment.ts';
import { always, type CompiledJourney, type CompiledRule, type KeyColumn, type TypeActions } from './journey-model.ts';
import type { EventPredicate } from './predicate.ts';

/**
 * A model as the tables that `worker/kernels/assembly/journey.ts` runs. The kernel knows neither names nor conditions:
 * an event is a symbol, one for each set of actions that events set off. Where no event needs a look at its properties,
 * the type codes themselves are the symbols.
 *
 *   type              account_created   payment {plan = pro → Customer}   page_viewed
 *   symbol            1                 2 of pro, 0 of others             0
 */
export interface JourneyProgram {
  /** null = the segment's types are the symbols. */
  readonly symbolOf: ((event: EventIndex) => number) | null;
  readonly trackers: number;
  readonly deadlines: readonly DeadlineProgram[];
  /** Bytes that `write` needs at most. */
  readonly maxBytes: number;
  /** Writes all symbols known by now, and where the dues of each deadline lie (0 = it has none). */
  readonly write: (memory: WebAssembly.Memory, at: Pointer, dues: readonly Pointer[]) => void;
}
export interface DeadlineProgram {
  readonly dues: PropertyColumn | null;
  /** By symbol: whether its events set this deadline. */
  readonly opens: Uint8Array;
}

const STATE_ROW = 16;
const STEPS_AT = 4096;
const TRACKERS_AT = 5120;
const TRACKER_BYTES = 32;
const STEP_BYTES = 16;
const MAX_SYMBOLS = 256;
const MISSING = 1;
const NOTHING = 2;
const STEP = { end: 0, open: 1, meet: 2, addDeadline: 3, rule: 4, lastRule: 5 } as const;

interface Step {
  readonly kind: number;
  readonly tracker: number;
  readonly mask: number;
  readonly to: number;
}
interface Tracker {
  readonly key: KeyColumn;
  readonly mask: number;
  readonly to: number;
  readonly after: Milliseconds;
}
/** What a symbol means; `steps` empty = only `row`. */
interface Meaning {
  readonly row: Uint8Array;
  readonly steps: readonly Step[];
  readonly special: number;
}

/** Conditions that tell more symbols apart than a byte can name. */
export class TooManySymbols extends Error {
  override readonly name = 'TooManySymbols';
}

export function compileProgram(
  segment: Segment,
  journey: CompiledJourney,
  exists: EventPredicate | null,
): JourneyProgram {
  const trackers = listTrackers(journey);
  const symbols = new Symbols(journey, trackers.ruleTrackers, exists);
  const { types } = segment;
  const isDirect = types instanceof Uint8Array && symbols.areTypes;
  const table = isDirect ? journey.byType.map((actions) => symbols.meaningOf(actions)) : null;
  const meanings = (): readonly Meaning[] => table ?? symbols.meanings;
  const deadlines = journey.deadlines.map(({ dues }) => ({ dues, opens: new Uint8Array(MAX_SYMBOLS) }));
  const firstDeadline = trackers.list.length - deadlines.length;
  const maxSteps = 1 + 3 * journey.rules.length + 3 * deadlines.length;
  const noteOpeners = (): void =>
    meanings().forEach(({ steps }, symbol) => {
      for (const { kind, tracker } of steps)
        if (kind === STEP.addDeadline) (deadlines[tracker - firstDeadline]?.opens ?? [])[symbol] = 1;
    });
  noteOpeners();
  return {
    symbolOf: isDirect ? null : toSymbols(symbols, types, noteOpeners),
    trackers: trackers.list.length,
    deadlines,
    maxBytes: TRACKERS_AT + TRACKER_BYTES * trackers.list.length + MAX_SYMBOLS * maxSteps * STEP_BYTES,
    write: (memory, at, dues) => {
      const bytes = viewU8(memory, at, TRACKERS_AT + TRACKER_BYTES * trackers.list.length);
      writeTrackers(bytes, trackers.list, firstDeadline, dues);
      writeMeanings(memory, at, bytes, meanings());
    },
  };
}

function toSymbols(symbols: Symbols, types: TypeColumn, onNew: () => void): (event: EventIndex) => number {
  let known = symbols.meanings.length;
  return (event) => {
    const symbol = symbols.symbolOf(event, types[event] ?? 0);
    if (symbols.meanings.length !== known) {
      known = symbols.meanings.length;
      onNew();
    }
    return symbol;
  };
}

/** Rules with objects first, then deadlines. */
function listTrackers({ rules, deadlines }: CompiledJourney): {
  readonly list: readonly Tracker[];
  readonly ruleTrackers: ReadonlyMap<CompiledRule, number>;
} {
  const ruleTrackers = new Map<CompiledRule, number>();
  const list: Tracker[] = [];
  for (const rule of rules)
    if (rule.key !== null) ruleTrackers.set(rule, list.push({ key: rule.key, mask: 0, to: 0, after: 0 }) - 1);
  for (const { key, from, to, after } of deadlines) list.push({ key, mask: toMask(from), to, after });
  return { list, ruleTrackers };
}

const toMask = (from: Uint8Array): number => from.reduce((mask, allowed, state) => mask | (allowed << state), 0);

/** Symbols by what they set off; 0 = nothing, 1 = the event does not exist. */
class Symbols {
  /** Whether the type alone decides. */
  readonly areTypes: boolean;
  readonly meanings: Meaning[];
  readonly #journey: CompiledJourney;
  readonly #ruleTrackers: ReadonlyMap<CompiledRule, number>;
  readonly #exists: EventPredicate | null;
  readonly #firstDeadline: number;
  /** By type: its symbol where the type alone decides, else null. */
  readonly #byType: readonly (number | null)[];
  /** By type and answers to its conditions. */
  readonly #known = new Map<string, number>();

  constructor(
    journey: CompiledJourney,
    ruleTrackers: ReadonlyMap<CompiledRule, number>,
    exists: EventPredicate | null,
  ) {
    this.#journey = journey;
    this.#ruleTrackers = ruleTrackers;
    this.#exists = exists;
    this.#firstDeadline = ruleTrackers.size;
    this.meanings = [this.meaningOf(null), { ...this.meaningOf(null), special: MISSING }];
    this.#byType = journey.byType.map((actions) => {
      if (actions === null) return 0;
      return listMatches(actions).every((matches) => matches === always) ? this.#add(actions) : null;
    });
    this.areTypes = exists === null && this.#byType.every((symbol) => symbol !== null);
  }

  symbolOf(event: EventIndex, type: number): number {
    if (this.#exists !== null && !this.#exists(event)) return 1;
    return this.#byType[type] ?? this.#decide(event, type);
  }

  meaningOf(actions: TypeActions | null): Meaning {
    const steps = actions === null ? [] : this.#listSteps(actions);
    const isPlain = steps.every(({ kind }) => kind === STEP.rule);
    const row = Uint8Array.from({ length: STATE_ROW }, (_, state) =>
      isPlain ? (steps.find(({ mask }) => ((mask >> state) & 1) === 1)?.to ?? state) : state,
    );
    return { row, steps: isPlain ? [] : steps, special: steps.length === 0 ? NOTHING : 0 };
  }

  #decide(event: EventIndex, type: number): number {
    const actions = this.#journey.byType[type] ?? null;
    if (actions === null) return 0;
    const answers = listMatches(actions).map((matches) => matches(event));
    const key = `${type} ${answers.map(Number).join('')}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const symbol = this.#add(keepMatching(actions, event));
    this.#known.set(key, symbol);
    return symbol;
  }

  #add(actions: TypeActions): number {
    if (this.meanings.length === MAX_SYMBOLS) throw new TooManySymbols();
    return this.meanings.push(this.meaningOf(actions)) - 1;
  }

  #listSteps({ opensObject, meets, opensDeadline, rules }: TypeActions): Step[] {
    const about = (kind: number, tracker: number): Step => ({ kind, tracker, mask: 0, to: 0 });
    return [
      ...opensObject.flatMap(({ rule }) => {
        const tracker = this.#ruleTrackers.get(rule);
        return tracker === undefined ? [] : [about(STEP.open, tracker)];
      }),
      ...meets.map(({ deadline }) => about(STEP.meet, this.#firstDeadline + deadline.index)),
      ...opensDeadline.map(({ deadline }) => about(STEP.addDeadline, this.#firstDeadline + deadline.index)),
      ...rules.map(({ rule }) => {
        const tracker = this.#ruleTrackers.get(rule);
        return {
          kind: tracker === undefined ? STEP.rule : STEP.lastRule,
          tracker: tracker ?? 0,
          mask: toMask(rule.from),
          to: rule.to,
        };
      }),
    ];
  }
}

const listMatches = (actions: TypeActions): readonly TypeActions['rules'][number]['matches'][] =>
  [actions.opensObject, actions.meets, actions.opensDeadline, actions.rules].flatMap((list) =>
    list.map(({ matches }) => matches),
  );

function keepMatching({ opensObject, meets, opensDeadline, rules }: TypeActions, event: EventIndex): TypeActions {
  const fits = ({ matches }: { readonly matches: (event: EventIndex) => boolean }): boolean => matches(event);
  return {
    opensObject: opensObject.filter(fits),
    meets: meets.filter(fits),
    opensDeadline: opensDeadline.filter(fits),
    rules: rules.filter(fits),
  };
}

function writeTrackers(
  bytes: Uint8Array,
  trackers: readonly Tracker[],
  firstDeadline: number,
  dues: readonly Pointer[],
): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  trackers.forEach(({ key, mask, to, after }, index) => {
    const at = TRACKERS_AT + TRACKER_BYTES * index;
    view.setUint32(at, key.codes?.byteOffset ?? 0, true);
    view.setUint32(at + 4, key.codes?.BYTES_PER_ELEMENT ?? 0, true);
    view.setUint32(at + 8, dues[index - firstDeadline] ?? 0, true);
    view.setUint32(at + 12, mask, true);
    view.setUint32(at + 16, to, true);
    view.setUint32(at + 20, 0, true);
    view.setFloat64(at + 24, after, true);
  });
}

function writeMeanings(memory: WebAssembly.Memory, at: Pointer, bytes: Uint8Array, meanings: readonly Meaning[]): void {
  const view = new DataView(memory.buffer, at);
  let stepsAt = bytes.byteLength;
  meanings.forEach(({ row, steps, special }, symbol) => {
    bytes.set(row, STATE_ROW * symbol);
    view.setUint32(STEPS_AT + 4 * symbol, steps.length === 0 ? special : stepsAt, true);
    if (steps.length === 0) return;
    for (const { kind, tracker, mask, to } of [...steps, { kind: STEP.end, tracker: 0, mask: 0, to: 0 }]) {
      [kind, tracker, mask, to].forEach((word, i) => view.setUint32(stepsAt + 4 * i, word, true));
      stepsAt += STEP_BYTES;
    }
  });
}
