import { WASM } from '../kernels/generated/funnel-index.ts';
import { defineKernel } from '../kernels/load-kernel.ts';
import { viewU32, type ColumnMemory, type Pointer } from '../segment/column-memory.ts';
import type { DerivedColumn } from '../segment/derived-column.ts';
import type { ActorIndex, Milliseconds, Segment } from '../segment/segment.ts';
import type { ComputeContext } from './compute-module.ts';
import { getFirstName } from './derived-first.ts';
import { TYPES_BEHIND, TYPES_PRESENT, TYPES_REPEATED } from './derived-types.ts';
import { getExcludedTypes, getStepTypes, isPlain, isWhole } from './funnel-plan.ts';
import { countBits, type StepPlan } from './step-match.ts';

const KERNEL = defineKernel<{ readonly decide: (plan: Pointer, first: ActorIndex, end: ActorIndex) => number }>(WASM);
/** Fields of the kernel's plan, in words. */
const FIELD = {
  steps: 0,
  width: 1,
  repeated: 2,
  behind: 3,
  present: 4,
  excluded: 5,
  inside: 6,
  outside: 7,
  last: 8,
  levels: 9,
  undecided: 10,
  from: 12,
} as const;
const [REACHED, FIRSTS, BITS] = [16, 48, 80];
/** Bytes of working space: the plan, aligned to 16. */
export const INDEX_BYTES = 4 * 112 + 32 * 16;
/** Seconds in the kernel are signed; of 68 years or more there is no index. */
const MAX_SECONDS = 0x7fff_ffff;

/** The first occurrences of an ordered funnel's steps. */
export interface FunnelIndex {
  readonly firsts: readonly DerivedColumn[];
  /** Bit of the event type of each step. */
  readonly bits: readonly number[];
  readonly repeated: DerivedColumn;
  /** Absent: two first events in one second leave an actor undecided. */
  readonly behind: DerivedColumn | null;
  readonly present: DerivedColumn | null;
}

/**
 * Names of the columns by which the funnel can be counted; null when it cannot: each step must be one event type of its
 * own and nothing else, in order. Exclusions leave those undecided who have such an
 * event, which needs `types:present`.
 */
export function getIndexNames(context: ComputeContext, plan: StepPlan): readonly string[] | null {
  const { segment, lastEventMs } = context;
  const bits = plan.required.length === plan.stepCount ? getBits(segment, plan) : null;
  const fits =
    bits !== null &&
    plan.order === 'ordered' &&
    isPlain(plan) &&
    lastEventMs - segment.baseSeconds * 1000 < MAX_SECONDS * 1000;
  if (!fits) return null;
  const firsts = bits.map((bit) => getFirstName(segment.eventNames[31 - Math.clz32(bit)] ?? ''));
  return [TYPES_REPEATED, ...firsts, TYPES_BEHIND];
}

/** Null when a step is not one event type, or two steps are the same. */
function getBits(segment: Segment, plan: StepPlan): readonly number[] | null {
  if (segment.eventNames.length > 32) return null;
  const bits = Array.from({ length: plan.stepCount }, (_, k) => getStepTypes(segment, plan, k));
  const single = bits.every((bit) => countBits(bit) === 1) && new Set(bits).size === bits.length;
  return single ? bits : null;
}

export function findIndex(context: ComputeContext, plan: StepPlan): FunnelIndex | null {
  const { derived } = context;
  const names = getIndexNames(context, plan);
  const bits = getBits(context.segment, plan);
  const repeated = derived.get(TYPES_REPEATED);
  const present = derived.get(TYPES_PRESENT) ?? null;
  const columns = names?.slice(1, 1 + plan.stepCount).map((name) => derived.get(name)) ?? [];
  const firsts = columns.filter((column) => column !== undefined);
  if (bits === null || repeated === undefined || firsts.length < plan.stepCount) return null;
  if (plan.exclusionSteps.length > 0 && present === null) return null;
  return { firsts, bits, repeated, behind: derived.get(TYPES_BEHIND) ?? null, present };
}

/** Where the kernel writes: levels of actors `first` to `end` (exclusive), null = not wanted, and who is undecided. */
export interface IndexRoom {
  readonly plan: Pointer;
  readonly levels: Pointer | null;
  readonly undecided: Pointer;
}

/** Counts actors by level into `counts`; returns the number of undecided ones, which are not in it. */
export function countByIndex(
  context: ComputeContext,
  memory: ColumnMemory,
  plan: StepPlan,
  index: FunnelIndex,
  room: IndexRoom,
  { first, end }: { readonly first: ActorIndex; readonly end: ActorIndex },
  counts: Uint32Array,
): number {
  const { stepCount, windowMs, exclusionSteps } = plan;
  const words = viewU32(memory, room.plan, INDEX_BYTES / 4).fill(0);
  const set = (field: keyof typeof FIELD, value: number): void => void (words[FIELD[field]] = value);
  const clamp = (seconds: number): number => Math.max(-1, Math.min(Math.floor(seconds), MAX_SECONDS));
  set('steps', stepCount);
  set('width', index.repeated.BYTES_PER_ELEMENT);
  set('repeated', index.repeated.byteOffset);
  set('behind', index.behind?.byteOffset ?? 0);
  set('present', exclusionSteps.length === 0 ? 0 : (index.present?.byteOffset ?? 0));
  set('excluded', getExcludedTypes(context.segment, plan));
  set('inside', clamp((Math.floor(windowMs) + 1) / 1000));
  set('outside', clamp((windowMs + 999) / 1000));
  const secondOf = (ms: Milliseconds): number => clamp(ms / 1000 - context.segment.baseSeconds);
  set('last', isWhole(context) ? MAX_SECONDS : secondOf(context.toMs));
  set('from', secondOf(context.fromMs));
  set('levels', room.levels ?? 0);
  set('undecided', room.undecided);
  words.set(
    index.firsts.map((column) => column.byteOffset),
    FIRSTS,
  );
  words.set(index.bits, BITS);
  const left = KERNEL.on(memory).decide(room.plan, first, end);
  let deeper = 0;
  for (let k = stepCount; k > 0; k--) {
    const reached = words[REACHED + k - 1] ?? 0;
    counts[k] = reached - deeper;
    deeper = reached;
  }
  counts[0] = end - first - left - deeper;
  return left;
}
