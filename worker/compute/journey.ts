import type { JourneyQuery } from '../../protocol/index.ts';
import { getTime, type ActorIndex, type EventIndex } from '../segment/segment.ts';
import type { ActorExplanation, ComputeContext, ComputeModule, EventMark } from './compute-module.ts';
import { compileStream, forEachActor } from './event-stream.ts';
import type { ActorMoves } from './journey-machine.ts';
import { mergeJourney } from './journey-merge.ts';
import { selectJourney } from './journey-select.ts';
import { getJourneySemantics } from './journey-semantics.ts';
import { createJourneyView, getEndPosition, getFirstPosition, getLastState, type JourneyView } from './journey-view.ts';
import { createActorCounter } from './key-index.ts';
import { createSampleCollector, type SampleGroups } from './sample-groups.ts';
import { getIntervalIndex } from './time-bucket.ts';

/** With S states (0 = none): pairs are [from * S + to], positions [step * S + state] and [(step * S + from) * S + to]. */
export interface JourneyPartial {
  readonly actorCount: number;
  readonly sizes: Float64Array;
  readonly moveCount: Float64Array;
  readonly moveActors: Float64Array;
  /** Time in the state that was left, by pair. */
  readonly stays: SampleGroups;
  readonly nodes: { readonly count: Float64Array; readonly stays: Float64Array; readonly continues: Float64Array };
  readonly edges: { readonly count: Float64Array; readonly totalMs: Float64Array };
  /** Change of size by [interval * S + state]; everything before the range is in interval 0. */
  readonly growth: Float64Array;
  readonly compared: Float64Array;
}

export const journeyModule: ComputeModule<'journey', JourneyPartial> = {
  type: 'journey',
  compute: computeJourney,
  merge: mergeJourney,
  select: selectJourney,
  semantics: getJourneySemantics,
  explain: explainJourney,
};

function computeJourney(context: ComputeContext, query: JourneyQuery): JourneyPartial {
  const view = createJourneyView(context, query);
  const tally = createTally(context, query, view);
  forEachActor(context, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY, (actor) => {
    const moves = view.run(actor);
    if (moves.seen) tally.add(actor, moves);
    if (view.runThen === null) return;
    const [wasSeen, now] = [moves.seen, getLastState(moves)];
    const then = view.runThen(actor);
    if (wasSeen || then.seen) tally.compare(getLastState(then), now);
  });
  return tally.freeze();
}

interface Tally {
  readonly add: (actor: ActorIndex, moves: ActorMoves) => void;
  readonly compare: (then: number, now: number) => void;
  readonly freeze: () => JourneyPartial;
}

function createTally(
  { fromMs, toMs }: ComputeContext,
  { maxSteps }: JourneyQuery,
  { journey, grid }: JourneyView,
): Tally {
  const width = journey.states.length;
  const pairs = width * width;
  const sizes = new Float64Array(width);
  const moveCount = new Float64Array(pairs);
  const moveActors = createActorCounter();
  const stays = createSampleCollector();
  const positions = {
    count: new Float64Array(maxSteps * width),
    stays: new Float64Array(maxSteps * width),
    continues: new Float64Array(maxSteps * width),
  };
  const edges = { count: new Float64Array(maxSteps * pairs), totalMs: new Float64Array(maxSteps * pairs) };
  const growth = new Float64Array(grid.starts.length * width);
  const compared = new Float64Array(pairs);
  let actorCount = 0;

  const countMove = (actor: ActorIndex, moves: ActorMoves, i: number): void => {
    const from = i === 0 ? 0 : (moves.states[i - 1] ?? 0);
    const pair = from * width + (moves.states[i] ?? 0);
    bump(moveCount, pair, 1);
    moveActors.add(pair, actor);
    if (i > 0) stays.add(pair, (moves.times[i] ?? 0) - (moves.times[i - 1] ?? 0));
  };
  const countGrowth = (moves: ActorMoves, i: number): void => {
    const time = moves.times[i] ?? 0;
    const interval = time < (grid.starts[0] ?? 0) ? 0 : getIntervalIndex(grid, time);
    if (interval < 0 || growth.length === 0) return;
    if (i > 0) bump(growth, interval * width + (moves.states[i - 1] ?? 0), -1);
    bump(growth, interval * width + (moves.states[i] ?? 0), 1);
  };
  const countPath = (moves: ActorMoves): void => {
    const first = getFirstPosition(moves, fromMs, toMs);
    const end = getEndPosition(moves, toMs);
    for (let i = first; i < end && i - first < maxSteps; i++) {
      const node = (i - first) * width + (moves.states[i] ?? 0);
      bump(positions.count, node, 1);
      if (i + 1 === end) bump(positions.stays, node, 1);
      else if (i - first + 1 === maxSteps) bump(positions.continues, node, 1);
      else {
        const edge = node * width + (moves.states[i + 1] ?? 0);
        bump(edges.count, edge, 1);
        bump(edges.totalMs, edge, (moves.times[i + 1] ?? 0) - (moves.times[i] ?? 0));
      }
    }
  };
  return {
    add: (actor, moves) => {
      actorCount++;
      bump(sizes, getLastState(moves), 1);
      for (let i = 0; i < moves.length; i++) {
        const time = moves.times[i] ?? 0;
        if (time >= fromMs && time <= toMs) countMove(actor, moves, i);
        countGrowth(moves, i);
      }
      countPath(moves);
    },
    compare: (then, now) => bump(compared, then * width + now, 1),
    freeze: () => ({
      actorCount,
      sizes,
      moveCount,
      moveActors: Float64Array.from({ length: pairs }, (_, pair) => moveActors.counts[pair] ?? 0),
      stays: stays.freeze(pairs),
      nodes: positions,
      edges,
      growth,
      compared,
    }),
  };
}

function bump(column: Float64Array, at: number, by: number): void {
  column[at] = (column[at] ?? 0) + by;
}

/** All moves, and the state entered at each event that made one. */
function explainJourney(context: ComputeContext, query: JourneyQuery, actor: ActorIndex): ActorExplanation {
  const { segment, asOfMs } = context;
  const { run, journey } = createJourneyView(context, query);
  const marks = new Map<EventIndex, EventMark>();
  const exists = compileStream(context, query.where);
  for (let event = segment.offsets[actor] ?? 0; event < (segment.offsets[actor + 1] ?? 0); event++) {
    if (getTime(segment, event) > asOfMs || (exists !== null && !exists(event))) marks.set(event, { ignored: true });
  }
  const { length, times, states, events } = run(actor);
  const nameAt = (i: number): string => journey.states[i < 0 ? 0 : (states[i] ?? 0)] ?? '';
  const moves = Array.from({ length }, (_, i) => {
    const isDeadline = events[i] === -1;
    if (!isDeadline) marks.set(events[i] ?? 0, { entersState: nameAt(i) });
    return {
      time: times[i] ?? 0,
      from: nameAt(i - 1),
      to: nameAt(i),
      cause: isDeadline ? ('deadline' as const) : ('event' as const),
    };
  });
  return { marks, journey: { moves } };
}
