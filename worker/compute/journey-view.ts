import type { JourneyQuery } from '../../protocol/index.ts';
import { START_STATE } from '../../protocol/journey-states.ts';
import type { ActorIndex, Milliseconds } from '../segment/segment.ts';
import type { ComputeContext } from './compute-module.ts';
import { compileStream, getEndOfData } from './event-stream.ts';
import { JourneyMachine, type ActorMoves } from './journey-machine.ts';
import { createLogReader, type JourneyLog } from './journey-log.ts';
import { compileJourney } from './journey-model.ts';
import { buildPlainLog, getPreparedJourney, isServedByLog } from './journey-prepared.ts';
import { buildJourneyGrid } from './journey-grid.ts';
import { resolveEnd } from './resolve-context.ts';
import type { IntervalGrid } from './time-bucket.ts';

/** The journey at the document's own point in time and, with `compareTo`, at the other one. */
export interface JourneyView {
  /** By state code; 0 is `start`. */
  readonly states: readonly string[];
  readonly grid: IntervalGrid;
  /** Moves of an actor of the range; valid until the next call. */
  readonly run: (actor: ActorIndex) => ActorMoves;
  readonly runThen: ((actor: ActorIndex) => ActorMoves) | null;
}

export function createJourneyView(context: ComputeContext, query: JourneyQuery): JourneyView {
  const { compareTo } = query;
  const run = createRunner(context, query);
  return {
    states: [START_STATE, ...query.model.states],
    grid: buildJourneyGrid(context, query),
    run: run(context),
    runThen: compareTo ? run(getComparedContext(context, query, compareTo)) : null,
  };
}

/** Reads moves from the log of all changes where one can be had, else runs the machine. */
function createRunner(context: ComputeContext, query: JourneyQuery): (at: ComputeContext) => JourneyView['run'] {
  let log: JourneyLog | null = getPreparedJourney(context)?.log ?? null;
  return (at) => {
    if (!isServedByLog(at)) return createMachineRunner(at, query);
    log ??= buildPlainLog(context, query);
    return createLogReader(log, getEndOfData(at));
  };
}

/** What every actor did, from the events themselves; tells which event made a move. */
export function createMachineRunner(context: ComputeContext, query: JourneyQuery): JourneyView['run'] {
  const journey = compileJourney(context.segment, query.model);
  const point = { asOfMs: context.asOfMs, endMs: getEndOfData(context), exists: compileStream(context, query.where) };
  const machine = new JourneyMachine(context.segment, journey, point);
  return (actor) => machine.run(actor);
}

/** The moment that a journey is compared with. */
export function getComparedContext(
  context: ComputeContext,
  query: JourneyQuery,
  compareTo: NonNullable<JourneyQuery['compareTo']>,
): ComputeContext {
  return {
    ...context,
    asOfMs: resolveEnd(compareTo.asOf, query.timezone, 'compareTo.asOf'),
    knownAtMs: resolveEnd(compareTo.knownAt, query.timezone, 'compareTo.knownAt'),
  };
}

/** State at an instant, after all moves of that ms. */
export function getStateAt(moves: ActorMoves, time: Milliseconds): number {
  for (let i = moves.length - 1; i >= 0; i--) if ((moves.times[i] ?? 0) <= time) return moves.states[i] ?? 0;
  return 0;
}

export const getLastState = (moves: ActorMoves): number =>
  moves.length === 0 ? 0 : (moves.states[moves.length - 1] ?? 0);

/**
 * First position of an actor's path through the range: the move that made the state at the start of the range, else
 * the first move inside it; `length` when the actor has no state in the range.
 */
export function getFirstPosition(moves: ActorMoves, fromMs: Milliseconds, toMs: Milliseconds): number {
  if (fromMs > toMs) return moves.length;
  let first = 0;
  while (first + 1 < moves.length && (moves.times[first + 1] ?? 0) < fromMs) first++;
  return first < moves.length && (moves.times[first] ?? 0) <= toMs ? first : moves.length;
}

/** One past the last move at or before the end of the range. */
export function getEndPosition(moves: ActorMoves, toMs: Milliseconds): number {
  let end = moves.length;
  while (end > 0 && (moves.times[end - 1] ?? 0) > toMs) end--;
  return end;
}
