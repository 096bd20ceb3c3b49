import { viewU32, viewU8, type ColumnMemory, type Pointer } from '../segment/column-memory.ts';
import type { Milliseconds, Segment } from '../segment/segment.ts';
import type { ComputeContext } from './compute-module.ts';
import { TYPES_PRESENT, TYPES_REPEATED } from './derived-types.ts';
import { countBits, type StepPlan } from './step-match.ts';

/** Fields of the plan that worker/kernels/assembly/funnel.ts reads, in bytes. */
export const FIELD = {
  offsets: 0,
  seconds: 4,
  millis: 8,
  classes: 12,
  table: 16,
  steps: 20,
  order: 24,
  disjoint: 28,
  present: 32,
  repeated: 36,
  caps: 40,
  anchors: 44,
  whole: 48,
  exclusions: 52,
  exclusionCount: 56,
  levels: 60,
  counts: 64,
  undecided: 68,
  stream: 72,
  times: 76,
  best: 80,
  samples: 84,
  stride: 88,
  sampleCounts: 92,
  window: 96,
  windowEnd: 104,
  from: 112,
  to: 120,
  convertFrom: 128,
  convertTo: 132,
  codes: 136,
  codeWidth: 140,
  empty: 144,
  last: 148,
  groups: 152,
  touches: 156,
  list: 160,
  base: 164,
  excluded: 168,
  maskWidth: 176,
  stepTypes: 180,
  bits: 184,
} as const;
const PLAN_BYTES = 256;
const ORDERS = { ordered: 0, strict: 1, unordered: 2 } as const;
/** ms that no two events are apart. */
const FAR = 2 ** 52;
/** With the kernel's ONE_ANCHOR. */
const ONE_ANCHOR = 128;

/** Parts of the scratch, one behind the other, each aligned to 16 bytes. */
export type Room<K extends string> = { readonly [P in K]: Pointer };
export function layOut<K extends string>(sizes: { readonly [P in K]: number }): {
  readonly bytes: number;
  readonly at: (base: Pointer) => Room<K>;
} {
  const parts = Object.entries<number>(sizes);
  const aligned = (size: number): number => Math.ceil(size / 16) * 16;
  return {
    bytes: parts.reduce((sum, [, size]) => sum + aligned(size), 0),
    at: (base) => {
      let next = base;
      return Object.fromEntries(
        parts.map(([name, size]) => {
          const at = next;
          next += aligned(size);
          return [name, at];
        }),
      ) as Room<K>;
    },
  };
}

/** The sizes that depend on nothing but the plan. */
export const getFixedSizes = ({ stepCount }: StepPlan) => ({
  plan: PLAN_BYTES,
  table: 8 * 256,
  caps: 256,
  stepTypes: 4 * stepCount,
  exclusions: 8 * 32,
  counts: 4 * (stepCount + 1),
  sampleCounts: 4 * (stepCount + 1),
  times: 8 * stepCount,
  best: 8 * stepCount,
});
export type FixedRoom = Room<keyof ReturnType<typeof getFixedSizes>>;

/** Sets fields of a plan in the thread's scratch. */
export class PlanWriter {
  private readonly view: DataView;
  private readonly at: Pointer;

  constructor(memory: ColumnMemory, at: Pointer) {
    this.view = new DataView(memory.buffer, at, PLAN_BYTES);
    this.at = at;
  }

  get pointer(): Pointer {
    return this.at;
  }

  set(values: { readonly [F in keyof typeof FIELD]?: number }): void {
    for (const [name, value] of Object.entries(values))
      this.view.setUint32(FIELD[name as keyof typeof FIELD], value, true);
  }

  setTime(field: 'window' | 'windowEnd' | 'from' | 'to', ms: Milliseconds): void {
    this.view.setBigInt64(FIELD[field], BigInt(Math.max(-FAR, Math.min(ms, FAR))), true);
  }
}

/** All that is the same for every slice of actors. */
export function writeFixed(
  memory: ColumnMemory,
  room: FixedRoom,
  context: ComputeContext,
  plan: StepPlan,
  disjoint: boolean,
): PlanWriter {
  const { segment, fromMs, toMs } = context;
  viewU8(memory, room.plan, PLAN_BYTES).fill(0);
  const writer = new PlanWriter(memory, room.plan);
  const { present, repeated, maskWidth } = getMasks(context);
  writer.set({
    table: room.table,
    caps: room.caps,
    exclusions: room.exclusions,
    counts: room.counts,
    sampleCounts: room.sampleCounts,
    times: room.times,
    best: room.best,
    offsets: segment.offsets.byteOffset,
    seconds: segment.seconds.byteOffset,
    millis: segment.millis.byteOffset,
    steps: plan.stepCount,
    order: ORDERS[plan.order],
    disjoint: disjoint ? 1 : 0,
    present,
    repeated,
    maskWidth,
    stepTypes: room.stepTypes,
    anchors: getStepTypes(segment, plan, 0),
    whole: isWhole(context) && isPlain(plan) ? 1 : 0,
    exclusionCount: plan.exclusionSteps.length,
    excluded: getExcludedTypes(segment, plan),
  });
  const baseMs = segment.baseSeconds * 1000;
  writer.setTime('window', Math.floor(plan.windowMs));
  writer.setTime('windowEnd', Math.ceil(plan.windowMs));
  writer.setTime('from', Math.ceil(fromMs - baseMs));
  writer.setTime('to', Math.floor(toMs - baseMs));
  const types = Array.from({ length: plan.stepCount }, (_, k) => getStepTypes(segment, plan, k));
  viewU32(memory, room.stepTypes, plan.stepCount).set(types);
  if (maskWidth === 1) viewU8(memory, room.caps, 256).set(buildCaps(types, plan));
  const pairs = plan.exclusionSteps.flatMap(({ fromStep, toStep }) => [fromStep, toStep]);
  viewU32(memory, room.exclusions, pairs.length).set(pairs);
  return writer;
}

/** No event of the segment lies outside the range. */
export function isWhole({ fromMs, toMs, lastEventMs }: ComputeContext): boolean {
  const open = toMs === Number.POSITIVE_INFINITY || (Number.isFinite(lastEventMs) && toMs >= lastEventMs);
  return fromMs === Number.NEGATIVE_INFINITY && open;
}

/** Nothing but the type of an event decides which steps it fits. */
export function isPlain({ steps, where, firstTimeMask, knownAtMs }: StepPlan): boolean {
  const byType = steps.asked.every((mask) => mask === 0);
  return byType && where === null && firstTimeMask === 0 && knownAtMs === Number.POSITIVE_INFINITY;
}

export const hasMasks = (context: ComputeContext): boolean => getMasks(context).present !== 0;

/** Nulls when there are none. */
function getMasks({ derived }: ComputeContext) {
  const present = derived.get(TYPES_PRESENT);
  const repeated = derived.get(TYPES_REPEATED);
  if (present === undefined || repeated === undefined) return { present: 0, repeated: 0, maskWidth: 0 };
  return { present: present.byteOffset, repeated: repeated.byteOffset, maskWidth: present.BYTES_PER_ELEMENT };
}

/** Bits of the types of which some event may fill the step. */
export function getStepTypes({ eventNames }: Segment, { steps }: StepPlan, step: number): number {
  return eventNames.reduce(
    (bits, _, type) => bits | (((((steps.certain[type] ?? 0) | (steps.asked[type] ?? 0)) >>> step) & 1) << type),
    0,
  );
}

/** Bits of the types that some exclusion may name. */
export function getExcludedTypes({ eventNames }: Segment, { exclusions }: StepPlan): number {
  return eventNames.reduce(
    (bits, _, type) => bits | (((exclusions.certain[type] ?? 0) | (exclusions.asked[type] ?? 0)) === 0 ? 0 : 1 << type),
    0,
  );
}

/** By the set of types an actor has, where a byte holds it: the deepest level it can reach, and whether one of them alone may begin. */
function buildCaps(types: readonly number[], plan: StepPlan): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, present) => {
    const has = types.map((bits) => (bits & present) !== 0);
    const missing = has.indexOf(false);
    const cap = plan.order === 'unordered' ? has.filter(Boolean).length : missing === -1 ? plan.stepCount : missing;
    // In any order an attempt begins at any step.
    const oneAnchor = plan.order !== 'unordered' && countBits((types[0] ?? 0) & present) === 1;
    return oneAnchor ? cap | ONE_ANCHOR : cap;
  });
}
