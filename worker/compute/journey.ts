import type { JourneyQuery } from '../../protocol/index.ts';
import { START_STATE } from '../../protocol/journey-states.ts';
import { getTime, type ActorIndex, type EventIndex } from '../segment/segment.ts';
import type { ActorExplanation, ComputeContext, ComputeModule, EventMark } from './compute-module.ts';
import { compileStream, forEachActor, getEndOfData } from './event-stream.ts';
import { countByTime, isCountedByTime } from './journey-counts.ts';
import type { JourneyPartial } from './journey-partial.ts';
import { JourneyTally } from './journey-tally.ts';
import { mergeJourney } from './journey-merge.ts';
import { countLogByKernel, countWithoutLog } from './journey-count-kernel.ts';
import { countLog } from './journey-log-count.ts';
import { TooManySymbols } from './journey-program.ts';
import type { JourneyLog } from './journey-log.ts';
import {
  buildPlainLog,
  getLogInput,
  getPreparedJourney,
  isServedByLog,
  journeyPreparation,
} from './journey-prepared.ts';
import { buildJourneyGrid } from './journey-grid.ts';
import { selectJourney } from './journey-select.ts';
import { getJourneySemantics } from './journey-semantics.ts';
import { createJourneyView, createMachineRunner, getComparedContext, getLastState } from './journey-view.ts';

export const journeyModule: ComputeModule<'journey', JourneyPartial> = {
  type: 'journey',
  compute: computeJourney,
  preparation: journeyPreparation,
  merge: mergeJourney,
  select: selectJourney,
  semantics: getJourneySemantics,
  explain: explainJourney,
};

function computeJourney(context: ComputeContext, query: JourneyQuery): JourneyPartial {
  const byTime = getPreparedJourney(context)?.byTime ?? null;
  if (byTime !== null && isCountedByTime(context, query, byTime))
    return countByTime(byTime, context, query, buildJourneyGrid(context, query));
  const counts = countByKernel(context, query);
  if (counts !== null) return counts;
  const log = getLogFor(context, query);
  if (log !== null) {
    const then = query.compareTo ? getEndOfData(getComparedContext(context, query, query.compareTo)) : null;
    return countLog(log, context, query, buildJourneyGrid(context, query), then);
  }
  const view = createJourneyView(context, query);
  const tally = new JourneyTally(context, query.maxSteps, view);
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

/** Counts alone, of one moment; null = the twin counts. */
function countByKernel(context: ComputeContext, query: JourneyQuery): JourneyPartial | null {
  const { memory } = context.segment;
  if (memory === null || context.detail !== 'counts' || query.compareTo || !isServedByLog(context)) return null;
  const log = getPreparedJourney(context)?.log ?? null;
  const grid = buildJourneyGrid(context, query);
  if (log !== null) return countLogByKernel(log, memory, context, query, grid);
  try {
    return countWithoutLog(getLogInput(context, query), memory, context, query, grid);
  } catch (error) {
    if (error instanceof TooManySymbols) return null;
    throw error;
  }
}

/** The log of all changes where it serves every moment that is asked about, else null. */
function getLogFor(context: ComputeContext, query: JourneyQuery): JourneyLog | null {
  const { compareTo } = query;
  const isServed =
    isServedByLog(context) && (!compareTo || isServedByLog(getComparedContext(context, query, compareTo)));
  return isServed ? (getPreparedJourney(context)?.log ?? buildPlainLog(context, query)) : null;
}

/** All moves, and the state entered at each event that made one. */
function explainJourney(context: ComputeContext, query: JourneyQuery, actor: ActorIndex): ActorExplanation {
  const { segment, asOfMs } = context;
  const states = [START_STATE, ...query.model.states];
  const marks = new Map<EventIndex, EventMark>();
  const exists = compileStream(context, query.where);
  for (let event = segment.offsets[actor] ?? 0; event < (segment.offsets[actor + 1] ?? 0); event++) {
    if (getTime(segment, event) > asOfMs || (exists !== null && !exists(event))) marks.set(event, { ignored: true });
  }
  const { length, times, states: entered, events } = createMachineRunner(context, query)(actor);
  const nameAt = (i: number): string => states[i < 0 ? 0 : (entered[i] ?? 0)] ?? '';
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
