import { WASM } from '../kernels/generated/funnel-index.ts';
import { defineKernel } from '../kernels/load-kernel.ts';
import { viewU32, type ColumnMemory, type Pointer } from '../segment/column-memory.ts';
import type { DerivedColumn } from '../segment/derived-column.ts';
import type { ActorIndex, Segment } from '../segment/segment.ts';
import type { ComputeContext } from './compute-module.ts';
import { getFirstName } from './derived-first.ts';
import { TYPES_REPEATED } from './derived-types.ts';
import { getStepTypes, isPlain, isWhole } from './funnel-plan.ts';
import { countBits, type StepPlan } from './step-match.ts';

const KERNEL = defineKernel<{ readonly decide: (...args: number[]) => number }>(WASM);
const LANES = 4;
/** Seconds in the kernel are signed; of 68 years or more there is no index. */
const MAX_SECONDS = 0x7fff_ffff;

/** The first occurrences of an ordered funnel's steps. */
export interface FunnelIndex {
  readonly firsts: readonly DerivedColumn[];
  /** Bit of the event type of each step. */
  readonly bits: readonly number[];
  readonly repeated: DerivedColumn;
}

/**
 * Names of the columns by which the funnel can be counted; null when it cannot: each step must be one event type of its
 * own and nothing else, in order, without exclusions, from the beginning of the data on.
 */
export function getIndexNames(context: ComputeContext, plan: StepPlan): readonly string[] | null {
  const { segment, fromMs, lastEventMs } = context;
  const bits = plan.required.length === plan.stepCount ? getBits(segment, plan) : null;
  const fits =
    bits !== null &&
    plan.order === 'ordered' &&
    plan.exclusionSteps.length === 0 &&
    isPlain(plan) &&
    fromMs === Number.NEGATIVE_INFINITY &&
    lastEventMs - segment.baseSeconds * 1000 < MAX_SECONDS * 1000;
  if (!fits) return null;
  return [TYPES_REPEATED, ...bits.map((bit) => getFirstName(segment.eventNames[31 - Math.clz32(bit)] ?? ''))];
}

/** Null when a step is not one event type, or two steps are the same. */
function getBits(segment: Segment, plan: StepPlan): readonly number[] | null {
  if (segment.eventNames.length > 32) return null;
  const bits = Array.from({ length: plan.stepCount }, (_, k) => getStepTypes(segment, plan, k));
  const single = bits.every((bit) => countBits(bit) === 1) && new Set(bits).size === bits.length;
  return single ? bits : null;
}

export function findIndex(context: ComputeContext, plan: StepPlan): FunnelIndex | null {
  const names = getIndexNames(context, plan);
  const columns = names?.map((name) => context.derived.get(name)) ?? [];
  const [repeated, ...firsts] = columns.filter((column) => column !== undefined);
  const bits = getBits(context.segment, plan);
  if (names === null || bits === null || repeated === undefined || firsts.length < bits.length) return null;
  return { firsts, bits, repeated };
}

/** Bytes of working space. */
export const getIndexBytes = (stepCount: number): number => (4 + 4 + 16) * stepCount + 16;

/**
 * Counts actors by level into `counts` and lists those that are not decided; returns their number. `room` has
 * `getIndexBytes` and is aligned to 16 bytes.
 */
export function countByIndex(
  context: ComputeContext,
  memory: ColumnMemory,
  plan: StepPlan,
  index: FunnelIndex,
  room: Pointer,
  { first, end }: { readonly first: ActorIndex; readonly end: ActorIndex },
  counts: Uint32Array,
  undecided: Pointer,
): number {
  const { stepCount, windowMs } = plan;
  const reached = viewU32(memory, room, LANES * stepCount).fill(0);
  const firsts = room + reached.byteLength;
  const bits = firsts + 4 * stepCount;
  viewU32(memory, firsts, stepCount).set(index.firsts.map((column) => column.byteOffset));
  viewU32(memory, bits, stepCount).set(index.bits);
  const clamp = (seconds: number): number => Math.max(-1, Math.min(Math.floor(seconds), MAX_SECONDS));
  const last = isWhole(context) ? MAX_SECONDS : clamp(context.toMs / 1000 - context.segment.baseSeconds);
  const left = KERNEL.on(memory).decide(
    first,
    end,
    stepCount,
    firsts,
    bits,
    index.repeated.byteOffset,
    index.repeated.BYTES_PER_ELEMENT,
    clamp((Math.floor(windowMs) + 1) / 1000),
    clamp((windowMs + 999) / 1000),
    last,
    room,
    undecided,
  );
  let deeper = 0;
  for (let k = stepCount; k > 0; k--) {
    const reachedHere = reached.subarray(LANES * (k - 1), LANES * k).reduce((sum, n) => sum + n, 0);
    counts[k] = reachedHere - deeper;
    deeper = reachedHere;
  }
  counts[0] = end - first - left - deeper;
  return left;
}
