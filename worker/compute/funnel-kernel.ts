import type { FunnelQuery } from '../../protocol/index.ts';
import { defineKernel } from '../kernels/load-kernel.ts';
import { WASM } from '../kernels/generated/funnel.ts';
import { getScratch, roomFor, type Layout } from '../kernels/scratch.ts';
import { viewF64, viewU32, viewU8, type ColumnMemory, type Pointer } from '../segment/column-memory.ts';
import type { ActorIndex, ActorRange, PropertyColumn, Segment } from '../segment/segment.ts';
import type { ComputeContext } from './compute-module.ts';
import { createClassSource, type ClassSource, type PlaceClasses } from './funnel-class-source.ts';
import { canWriteClasses } from './funnel-classes.ts';
import { countByIndex, findIndex, INDEX_BYTES, type FunnelIndex } from './funnel-index.ts';
import {
  getFixedSizes,
  layOut,
  hasMasks,
  isWhole,
  writeFixed,
  type FixedRoom,
  type PlanWriter,
  type Room,
} from './funnel-plan.ts';
import { countBits, type StepPlan } from './step-match.ts';

type FunnelExports = {
  /** Ordered, no exclusions, no durations. */
  readonly levels: (plan: Pointer, first: number, end: number) => number;
  /** Everything; both return the number of undecided actors. */
  readonly attempts: (plan: Pointer, first: number, end: number) => number;
  /** Ordered, no durations, of whole histories and few classes; returns the number of actors it leaves open. */
  readonly levelsByBits: (plan: Pointer, first: number, end: number) => number;
  readonly levelsInAnyOrder: (plan: Pointer, first: number, end: number) => number;
  readonly levelsStrict: (plan: Pointer, first: number, end: number) => number;
  readonly touch: (plan: Pointer, first: number, end: number) => number;
};
const KERNEL = defineKernel<FunnelExports>(WASM);

export interface FunnelTask {
  readonly query: FunnelQuery;
  /** null = no durations. Those from one step to another are collected too unless toStep is null. */
  readonly durations: { readonly fromStep: number; readonly toStep: number | null } | null;
  /** Breakdown by the first or last touch of a property. */
  readonly touch: { readonly column: PropertyColumn; readonly last: boolean } | null;
  /** false = counts are enough. */
  readonly levels: boolean;
}
/** What a slice of actors came to; the next slice overwrites it. */
export interface FunnelSlice {
  readonly first: ActorIndex;
  /** By actor of the slice; 0 for the undecided. */
  readonly levels: Uint8Array;
  /** Element k = decided actors of level k. */
  readonly counts: Uint32Array;
  /** Actors left to the twin, ascending. */
  readonly undecided: Uint32Array;
  /**
   * Durations in ms of decided actors, in their order. Column k (from 1) = from step k - 1 to k, 0 = first to last step,
   * `stepCount` = fromStep to toStep.
   */
  readonly durations: readonly Float64Array[];
  /** Codes of the property by actor of the slice; only where the level is not 0. */
  readonly touches: Uint32Array;
}

const SLICE_ACTORS = 16_384;
/** With an index there is less to do for an actor. */
const INDEX_SLICE_ACTORS = 131_072;
/** The kernel's CAPACITY of 16 bytes each, and one more that is written and not kept. */
const STREAM_BYTES = 16 * (16_384 + 1);

/** The kernel's ROW for each step, and one for excluded events. */
const MOST_ROWS = 8;
const BITS_BYTES = MOST_ROWS * (16_384 / 8 + 16);
/** Classes that are looked up sixteen at a time. */
const FEW_CLASSES = 16;

const MAX_COUNTED_GROUPS = 65_536;
const NO_TOUCHES = new Uint32Array(0);

/** Null = kernels are not made for this funnel: optional steps, or steps in any order that share events. */
export function createFunnelKernel(context: ComputeContext, plan: StepPlan, task: FunnelTask): FunnelKernel | null {
  const { memory } = context.segment;
  const disjoint = isDisjoint(plan);
  if (memory === null || plan.optionalMask !== 0 || !canWriteClasses(plan)) return null;
  if (plan.order === 'unordered' && !disjoint) return null;
  return new FunnelKernel(context, memory, plan, task, disjoint);
}

/** Every event fits one step at most. */
export function isDisjoint({ steps }: StepPlan): boolean {
  return steps.certain.every((mask, type) => countBits(mask | (steps.asked[type] ?? 0)) <= 1);
}

type Part =
  | keyof FixedRoom
  | 'levels'
  | 'undecided'
  | 'touches'
  | 'samples'
  | 'stream'
  | 'bits'
  | 'classes'
  | 'index'
  | 'list'
  | 'groups';

/** A funnel as worker/kernels/assembly/funnel.ts computes it, slice by slice of actors. */
export class FunnelKernel {
  private readonly context: ComputeContext;
  private readonly memory: ColumnMemory;
  private readonly plan: StepPlan;
  private readonly task: FunnelTask;
  private readonly disjoint: boolean;
  private readonly classes: ClassSource;
  /** Null = it cannot be counted by first occurrences. */
  private readonly index: FunnelIndex | null;
  private readonly kernel: FunnelExports;
  private groups: Uint32Array = NO_TOUCHES;

  constructor(context: ComputeContext, memory: ColumnMemory, plan: StepPlan, task: FunnelTask, disjoint: boolean) {
    this.context = context;
    this.memory = memory;
    this.plan = plan;
    this.task = task;
    this.disjoint = disjoint;
    this.classes = createClassSource(context, memory, plan, task.query);
    this.index = task.durations === null && plan.order === 'ordered' ? findIndex(context, plan) : null;
    this.kernel = KERNEL.on(memory);
  }

  /** The slices of a range in order. Works in the thread's scratch: whoever uses that too must not do so meanwhile. */
  *run({ from, to }: ActorRange): Generator<FunnelSlice> {
    const { stepCount } = this.plan;
    const size = this.index === null ? SLICE_ACTORS : INDEX_SLICE_ACTORS;
    const layout = layOut<Part>({
      ...getFixedSizes(this.plan),
      levels: size,
      undecided: 4 * size,
      touches: this.task.touch === null ? 0 : 4 * size,
      samples: this.task.durations === null ? 0 : 8 * SLICE_ACTORS * (stepCount + 1),
      stream: STREAM_BYTES,
      bits: BITS_BYTES,
      classes: this.classes.scratchBytes,
      groups: this.countsGroups ? 4 * this.groupRows * (stepCount + 1) : 0,
      index: INDEX_BYTES,
      list: 4 * (size + 4),
    });
    const room = layout.at(getScratch(this.memory, layout.bytes));
    const plan = this.writePlan(room);
    const placeClasses = this.classes.start(layoutFrom(room.classes));
    const cells = this.countsGroups ? this.groupRows * (stepCount + 1) : 0;
    this.groups = viewU32(this.memory, room.groups, cells).fill(0);
    if (cells > 0) plan.set({ groups: room.groups });
    for (let first = from; first < to;) {
      this.context.checkpoint(first - from);
      const end = this.findEnd(first, Math.min(first + size, to));
      yield this.runSlice(room, plan, placeClasses, first, end);
      first = end;
    }
  }

  /** After a whole `run`: how many decided actors of each level (element 0 is none) have a touch. Only `countsGroups`. */
  forEachGroup(visit: (code: number, counts: Uint32Array) => void): void {
    const row = this.plan.stepCount + 1;
    for (let code = 0; code < this.groups.length / row; code++) {
      const counts = this.groups.subarray(code * row, (code + 1) * row);
      if (counts.some((count) => count > 0)) visit(code, counts);
    }
  }

  /** Counts by group are made by the kernel, so that nobody has to look at `touches`. */
  get countsGroups(): boolean {
    return this.task.touch !== null && this.task.durations === null && this.groupRows <= MAX_COUNTED_GROUPS;
  }

  private get groupRows(): number {
    return (this.task.touch?.column.values.length ?? 0) + 1;
  }

  private writePlan(room: Room<Part>): PlanWriter {
    const { context, memory, plan, task } = this;
    const writer = writeFixed(memory, room, context, plan, this.disjoint);
    writer.set({ levels: room.levels, undecided: room.undecided, stream: room.stream, touches: room.touches });
    writer.set({ bits: room.bits });
    if (task.durations !== null) {
      const { fromStep, toStep } = task.durations;
      writer.set({ samples: room.samples, stride: SLICE_ACTORS, convertFrom: fromStep });
      // Nobody's level is above the number of steps.
      writer.set({ convertTo: toStep ?? plan.stepCount });
    }
    if (task.touch !== null) {
      const { codes, values } = task.touch.column;
      const width = codes.BYTES_PER_ELEMENT;
      writer.set({ codes: codes.byteOffset, codeWidth: width, last: task.touch.last ? 1 : 0 });
      writer.set({ empty: findEmpty(values.offsets) });
    }
    return writer;
  }

  private findEnd(first: ActorIndex, to: ActorIndex): ActorIndex {
    const { offsets } = this.context.segment;
    const { maxEvents } = this.classes;
    if (maxEvents === null) return to;
    const limit = (offsets[first] ?? 0) + maxEvents;
    let low = first + 1;
    let high = to;
    while (low < high) {
      const mid = (low + high + 1) >>> 1;
      if ((offsets[mid] ?? 0) <= limit) low = mid;
      else high = mid - 1;
    }
    return low;
  }

  private runSlice(
    room: Room<Part>,
    plan: PlanWriter,
    place: PlaceClasses,
    first: ActorIndex,
    end: ActorIndex,
  ): FunnelSlice {
    const { memory, kernel, task } = this;
    const { stepCount } = this.plan;
    const counts = viewU32(memory, room.counts, stepCount + 1).fill(0);
    const sampleCounts = viewU32(memory, room.sampleCounts, stepCount + 1).fill(0);
    const levels = viewU8(memory, room.levels, end - first).fill(0);
    const undecided = viewU32(memory, room.undecided, end - first);
    let left = end - first;
    const classes = place(first, end);
    if (classes !== null) {
      plan.set({ classes: classes.at });
      viewU32(memory, room.table, classes.words.length).set(classes.words);
      left = this.decide(room, plan, first, end, counts, isFew(classes.words));
    } else undecided.forEach((_, i) => (undecided[i] = first + i));
    if (task.touch !== null) kernel.touch(room.plan, first, end);
    return {
      first,
      levels,
      counts,
      undecided: undecided.subarray(0, left),
      durations: this.readDurations(room, sampleCounts),
      touches: task.touch === null ? NO_TOUCHES : viewU32(memory, room.touches, end - first),
    };
  }

  /** Number of undecided actors. */
  private decide(
    room: Room<Part>,
    plan: PlanWriter,
    first: ActorIndex,
    end: ActorIndex,
    counts: Uint32Array,
    hasFewClasses: boolean,
  ): number {
    const { kernel, index, context } = this;
    const { order, exclusionSteps, stepCount } = this.plan;
    if (this.task.durations !== null) return kernel.attempts(room.plan, first, end);
    if (index !== null) return this.decideByIndex(room, plan, index, { first, end }, counts);
    if (order === 'ordered' && stepCount < MOST_ROWS && hasFewClasses && isWhole(context))
      return this.decideByBits(room, plan, first, end);
    if (exclusionSteps.length > 0) return this.decideExclusions(room, plan, first, end);
    if (order === 'unordered') return kernel.levelsInAnyOrder(room.plan, first, end);
    if (order === 'strict') return (this.disjoint ? kernel.levelsStrict : kernel.attempts)(room.plan, first, end);
    return kernel.levels(room.plan, first, end);
  }

  /** What first occurrences leave open is decided by events. */
  private decideByIndex(
    room: Room<Part>,
    plan: PlanWriter,
    index: FunnelIndex,
    actors: { readonly first: ActorIndex; readonly end: ActorIndex },
    counts: Uint32Array,
  ): number {
    const { kernel, context, memory, task } = this;
    const levels = task.levels || task.touch !== null ? room.levels : null;
    const into = { plan: room.index, levels, undecided: room.list };
    const open = countByIndex(context, memory, this.plan, index, into, actors, counts);
    plan.set({ list: room.list, base: actors.first });
    return (this.plan.exclusionSteps.length > 0 ? kernel.attempts : kernel.levels)(room.plan, 0, open);
  }

  /** What bits of steps leave open is decided event by event. */
  private decideByBits(room: Room<Part>, plan: PlanWriter, first: ActorIndex, end: ActorIndex): number {
    const { kernel } = this;
    plan.set({ list: 0, undecided: room.list });
    const open = kernel.levelsByBits(room.plan, first, end);
    plan.set({ list: room.list, base: first, undecided: room.undecided });
    const left = (this.plan.exclusionSteps.length > 0 ? kernel.attempts : kernel.levels)(room.plan, 0, open);
    // The next slice may have too many classes.
    plan.set({ list: 0 });
    return left;
  }

  /** Actors without events that are excluded are counted as if nothing was. */
  private decideExclusions(room: Room<Part>, plan: PlanWriter, first: ActorIndex, end: ActorIndex): number {
    const { kernel } = this;
    if (this.plan.order !== 'ordered' || !hasMasks(this.context)) return kernel.attempts(room.plan, first, end);
    plan.set({ list: 0, undecided: room.list });
    const open = kernel.levels(room.plan, first, end);
    plan.set({ list: room.list, base: first, undecided: room.undecided });
    return kernel.attempts(room.plan, 0, open);
  }

  private readDurations(room: Room<Part>, counts: Uint32Array): readonly Float64Array[] {
    if (this.task.durations === null) return [];
    return Array.from(counts, (count, column) => viewF64(this.memory, room.samples + 8 * SLICE_ACTORS * column, count));
  }
}

/** Classes from the sixteenth on say nothing. */
const isFew = (words: Int32Array): boolean => words.subarray(2 * FEW_CLASSES).every((word) => word === 0);

/** Hands out pieces of a part of the scratch. */
function layoutFrom(at: Pointer): Layout {
  let next = at;
  return {
    take(bytes) {
      const piece = next;
      next += roomFor(bytes);
      return piece;
    },
  };
}

/** The code of the empty text, which is as blank as code 0; 0 when there is none. */
function findEmpty(offsets: Segment['actorIds']['offsets']): number {
  for (let i = 1; i < offsets.length; i++) if (offsets[i] === offsets[i - 1]) return i;
  return 0;
}
