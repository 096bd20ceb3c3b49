import type { FunnelQuery } from '../../protocol/index.ts';
import type { Layout } from '../kernels/scratch.ts';
import { roomFor } from '../kernels/scratch.ts';
import { viewU8, type ColumnMemory, type Pointer } from '../segment/column-memory.ts';
import type { ActorIndex } from '../segment/segment.ts';
import type { ComputeContext } from './compute-module.ts';
import { compileBits, compileCodes, LEFT_OUT, type EventBytes } from './event-bytes.ts';
import { testStream } from './event-stream.ts';
import { ABSENT, ClassWriter, getTypeClasses } from './funnel-classes.ts';
import { testMatch } from './predicate.ts';
import type { StepPlan } from './step-match.ts';

/** Where the kernel finds the class of event 0, and what classes are: steps, then exclusions and ABSENT, by class. */
export interface PlacedClasses {
  readonly at: Pointer;
  readonly words: Int32Array;
}
/** Makes the classes of the events of actors; null = they have none, and the twin must do these actors. */
export type PlaceClasses = (first: ActorIndex, end: ActorIndex) => PlacedClasses | null;
export interface ClassSource {
  /** Actors are done in slices of at most so many events; null = of any number. */
  readonly maxEvents: number | null;
  readonly scratchBytes: number;
  start(layout: Layout): PlaceClasses;
}

const SLICE_EVENTS = 1 << 18;
const CLASSES = 256;

/** The cheapest way to the classes of this funnel: types as they are, answers by value brought to the events, one by one. */
export function createClassSource(
  context: ComputeContext,
  memory: ColumnMemory,
  plan: StepPlan,
  query: FunnelQuery,
): ClassSource {
  const { segment } = context;
  const byType = getTypeClasses(segment, plan);
  if (byType !== null) {
    const placed = { at: segment.types.byteOffset, words: byType.words };
    return { maxEvents: null, scratchBytes: 0, start: () => () => placed };
  }
  const source = plan.firstTimeMask === 0 ? byConditions(context, memory, plan, query) : null;
  return source ?? oneByOne(context, memory, plan);
}

/** Null when there are more conditions than a byte has bits. */
function byConditions(
  context: ComputeContext,
  memory: ColumnMemory,
  plan: StepPlan,
  query: FunnelQuery,
): ClassSource | null {
  const { segment } = context;
  const filter = testStream(context, query.where);
  const { steps, exclusions } = plan;
  const onlyFilter = [...steps.asked, ...exclusions.asked].every((mask) => mask === 0);
  if (onlyFilter && segment.eventNames.length < LEFT_OUT) {
    const types = Uint8Array.from(segment.eventNames, (_, type) => type);
    const bytes = compileCodes(segment, memory, segment.types, types, filter);
    return fromBytes(context, memory, bytes, (type) =>
      type === LEFT_OUT ? [0, ABSENT] : [steps.certain[type] ?? 0, exclusions.certain[type] ?? 0],
    );
  }
  const tests = [filter, ...[...query.steps, ...query.exclusions].map((match) => testMatch(segment, match))];
  if (tests.length > 8) return null;
  const ofSteps = (1 << plan.stepCount) - 1;
  return fromBytes(context, memory, compileBits(segment, memory, tests), (bits) =>
    (bits & 1) === 0 ? [0, ABSENT] : [(bits >> 1) & ofSteps, bits >> (1 + plan.stepCount)],
  );
}

function fromBytes(
  { segment }: ComputeContext,
  memory: ColumnMemory,
  bytes: EventBytes,
  describe: (value: number) => readonly [steps: number, excluded: number],
): ClassSource {
  const { offsets } = segment;
  return {
    maxEvents: SLICE_EVENTS,
    scratchBytes: bytes.scratchBytes(SLICE_EVENTS),
    start(layout) {
      const placed = bytes.place(layout, SLICE_EVENTS);
      const words = Int32Array.from([...viewU8(memory, placed.table, CLASSES)].flatMap(describe));
      return (first, end) => {
        const [from, to] = [offsets[first] ?? 0, offsets[end] ?? 0];
        return to - from > SLICE_EVENTS ? null : { at: placed.fill({ first, last: end, from, to }), words };
      };
    },
  };
}

function oneByOne({ segment }: ComputeContext, memory: ColumnMemory, plan: StepPlan): ClassSource {
  const writer = new ClassWriter(segment, plan);
  return {
    maxEvents: SLICE_EVENTS,
    scratchBytes: roomFor(SLICE_EVENTS),
    start(layout) {
      const room = layout.take(SLICE_EVENTS);
      return (first, end) => {
        const from = segment.offsets[first] ?? 0;
        const events = (segment.offsets[end] ?? 0) - from;
        if (events > SLICE_EVENTS || !writer.write(first, end, viewU8(memory, room, events))) return null;
        // Kernels add the event's index; the sum wraps around like their addresses.
        return { at: room - from, words: writer.words };
      };
    },
  };
}
