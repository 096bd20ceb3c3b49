import type { EventIndex, Segment } from '../segment/segment.ts';
import { getMask, lowestBit, type StepPlan } from './step-match.ts';
import { isKnown } from './step-match-stream.ts';

/** In the second word of a class: the event is not in the stream (filters, knownAt). */
export const ABSENT = 0x8000_0000 | 0;
const MAX_CLASSES = 256;

/**
 * What an event can do in a funnel, as a byte, so that kernels need not know why: two events are of one class when they
 * fit the same steps, are named by the same exclusions, and are both in the stream or both not. Where nothing but its
 * type decides, the class of an event is its type.
 */
export interface ClassTable {
  /** By class: steps, then exclusions and ABSENT. */
  readonly words: Int32Array;
}

/** null = conditions decide too, or types are no bytes: classes must be written event by event. */
export function getTypeClasses(segment: Segment, plan: StepPlan): ClassTable | null {
  const { steps, exclusions } = plan;
  const plain =
    segment.types instanceof Uint8Array &&
    plan.where === null &&
    plan.firstTimeMask === 0 &&
    !hasUnknown(segment, plan) &&
    steps.asked.every((mask) => mask === 0) &&
    exclusions.asked.every((mask) => mask === 0);
  if (!plain) return null;
  const words = new Int32Array(2 * MAX_CLASSES);
  for (let type = 0; type < segment.eventNames.length; type++) {
    words[2 * type] = steps.certain[type] ?? 0;
    words[2 * type + 1] = exclusions.certain[type] ?? 0;
  }
  return { words };
}

const hasUnknown = (segment: Segment, { knownAtMs }: StepPlan): boolean =>
  segment.recordedAt !== null && knownAtMs !== Number.POSITIVE_INFINITY;

/** Steps and exclusions in one whole number, with a bit to spare: what ClassWriter needs to tell classes apart. */
export const canWriteClasses = ({ stepCount, exclusionSteps }: StepPlan): boolean =>
  stepCount + exclusionSteps.length < 52;

/** Writes the classes of events where conditions decide; the table grows as combinations are met. */
export class ClassWriter implements ClassTable {
  readonly words = new Int32Array(2 * MAX_CLASSES);
  private readonly segment: Segment;
  private readonly plan: StepPlan;
  private readonly firstTimes: Float64Array;
  /** By type: its class where the type alone decides, else -1. */
  private readonly certain: Int16Array;
  private readonly codeOf = new Map<number, number>();
  /** Both words in one number without loss. */
  private readonly keyFactor: number;
  /** The last combination met, which mostly is the next one too. */
  private lastSteps = 0;
  private lastExcluded = 0;
  private lastCode = 0;
  private count = 0;

  constructor(segment: Segment, plan: StepPlan) {
    this.segment = segment;
    this.plan = plan;
    this.firstTimes = new Float64Array(plan.stepCount);
    this.keyFactor = 2 ** (plan.exclusionSteps.length + 1);
    this.lastCode = this.codeFor(0, 0);
    const decides = plan.where === null && plan.firstTimeMask === 0 && !hasUnknown(segment, plan);
    this.certain = Int16Array.from(segment.eventNames, (_, type) => {
      const asked = (plan.steps.asked[type] ?? 0) | (plan.exclusions.asked[type] ?? 0);
      if (!decides || asked !== 0) return -1;
      return this.codeFor(plan.steps.certain[type] ?? 0, plan.exclusions.certain[type] ?? 0);
    });
  }

  /** Classes of all events of the actors `first` to `end` (exclusive). False = there are more than 256. */
  write(first: number, end: number, into: Uint8Array): boolean {
    const { offsets } = this.segment;
    const from = offsets[first] ?? 0;
    if (this.plan.firstTimeMask === 0) this.writeEvents(from, offsets[end] ?? 0, into);
    else
      for (let actor = first; actor < end; actor++)
        this.writeFirstTimes(offsets[actor] ?? 0, offsets[actor + 1] ?? 0, into, from);
    return this.count <= MAX_CLASSES;
  }

  private writeEvents(from: EventIndex, to: EventIndex, into: Uint8Array): void {
    const { types } = this.segment;
    const { steps, exclusions } = this.plan;
    for (let event = from; event < to; event++) {
      const type = types[event] ?? 0;
      const known = this.certain[type] ?? -1;
      into[event - from] =
        known === -1 ? this.classOf(event, getMask(steps, type, event), getMask(exclusions, type, event)) : known;
    }
  }

  /** Rule 11, as `loadStream` of the twin has it. */
  private writeFirstTimes(from: EventIndex, to: EventIndex, into: Uint8Array, base: EventIndex): void {
    const { segment, plan, firstTimes } = this;
    firstTimes.fill(Number.NaN);
    const strict = plan.order === 'strict';
    for (let event = from; event < to; event++) {
      const type = segment.types[event] ?? 0;
      let mask = isKnown(plan, segment, event) ? getMask(plan.steps, type, event) : 0;
      const time = (segment.seconds[event] ?? 0) * 1000 + (segment.millis[event] ?? 0);
      for (let open = mask & plan.firstTimeMask; open !== 0; open &= open - 1) {
        const k = lowestBit(open);
        const first = firstTimes[k] ?? Number.NaN;
        if (Number.isNaN(first)) firstTimes[k] = time;
        else if (strict || first !== time) mask &= ~(1 << k);
      }
      into[event - base] = this.classOf(event, mask, getMask(plan.exclusions, type, event));
    }
  }

  private classOf(event: EventIndex, steps: number, excluded: number): number {
    const { plan, segment } = this;
    const present = isKnown(plan, segment, event) && (plan.where === null || plan.where(event));
    return present ? this.codeFor(steps, excluded) : this.codeFor(0, ABSENT);
  }

  private codeFor(steps: number, excluded: number): number {
    if (this.count > 0 && steps === this.lastSteps && excluded === this.lastExcluded) return this.lastCode;
    const key = steps * this.keyFactor + (excluded === ABSENT ? this.keyFactor - 1 : excluded);
    let code = this.codeOf.get(key);
    if (code === undefined) {
      code = this.count++;
      this.codeOf.set(key, code);
      if (code < MAX_CLASSES) this.words.set([steps, excluded], 2 * code);
    }
    this.lastSteps = steps;
    this.lastExcluded = excluded;
    return (this.lastCode = code);
  }
}
