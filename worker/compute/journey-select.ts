import { EngineError } from '../../protocol/errors.ts';
import type { JourneyQuery, JourneySelection } from '../../protocol/index.ts';
import { NO_STATE, START_STATE } from '../../protocol/journey-states.ts';
import type { ActorIndex } from '../segment/segment.ts';
import type { ComputeContext } from './compute-module.ts';
import { createActorList, forEachActor } from './event-stream.ts';
import type { ActorMoves } from './journey-machine.ts';
import {
  createJourneyView,
  getEndPosition,
  getFirstPosition,
  getLastState,
  getStateAt,
  type JourneyView,
} from './journey-view.ts';
import { getPeriodIndex } from './range-grid.ts';
import { getIntervalEnd } from './time-bucket.ts';

/** The actors behind one number of a journey: the machine runs again and each actor is asked. */
export function selectJourney(context: ComputeContext, query: JourneyQuery, selection: JourneySelection): Uint32Array {
  const view = createJourneyView(context, query);
  const fits = compileSelection(context, query, view, selection);
  const actors = createActorList();
  forEachActor(context, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY, (actor) => {
    if (fits(view.run(actor), actor)) actors.add(actor);
  });
  return actors.toArray();
}

type Fits = (moves: ActorMoves, actor: ActorIndex) => boolean;

function compileSelection(
  context: ComputeContext,
  query: JourneyQuery,
  view: JourneyView,
  selection: JourneySelection,
): Fits {
  const codeOf = (name: string): number => getStateCode(view, name);
  if ('state' in selection) return compileState(view, codeOf(selection.state), selection.period);
  if ('moved' in selection) return compileMoved(view, codeOf(selection.moved.from), codeOf(selection.moved.to));
  if ('move' in selection) return compileMove(context, codeOf(selection.move.from), codeOf(selection.move.to));
  const { maxSteps } = query;
  if ('edge' in selection) {
    const { step, from, to } = selection.edge;
    const [fromCode, toCode] = [codeOf(from), codeOf(to)];
    return atPosition(
      context,
      step,
      (moves, i, end) =>
        step < maxSteps && i + 1 < end && moves.states[i] === fromCode && moves.states[i + 1] === toCode,
    );
  }
  const { step, name } =
    'node' in selection ? selection.node : 'stays' in selection ? selection.stays : selection.continues;
  const state = codeOf(name);
  return atPosition(context, step, (moves, i, end) => {
    if (step > maxSteps || i >= end || moves.states[i] !== state) return false;
    if ('stays' in selection) return i + 1 === end;
    return 'node' in selection || (step === maxSteps && i + 1 < end);
  });
}

/** `start` and `none` both stand for no state. */
function getStateCode({ states }: JourneyView, name: string): number {
  const code = name === NO_STATE ? 0 : states.indexOf(name);
  if (code >= 0) return code;
  throw new EngineError('E_BAD_QUERY', `"${name}" is not a state of this journey.`, {
    hint: `States are ${states.slice(1).join(', ')}, ${START_STATE} and ${NO_STATE}.`,
    path: 'selection',
  });
}

function compileState({ grid }: JourneyView, state: number, period: string | undefined): Fits {
  if (period === undefined) return (moves) => moves.seen && getLastState(moves) === state;
  const end = getIntervalEnd(grid, getPeriodIndex(grid, period)) - 1;
  return (moves) => moves.seen && getStateAt(moves, end) === state;
}

function compileMoved({ runThen }: JourneyView, from: number, to: number): Fits {
  if (runThen === null)
    throw new EngineError('E_BAD_QUERY', 'This journey is not compared with another time.', {
      hint: 'Set compareTo.',
      path: 'selection.moved',
    });
  return (moves, actor) => {
    const [seen, now] = [moves.seen, getLastState(moves)];
    const then = runThen(actor);
    return (seen || then.seen) && now === to && getLastState(then) === from;
  };
}

function compileMove({ fromMs, toMs }: ComputeContext, from: number, to: number): Fits {
  return (moves) => {
    for (let i = 0; i < moves.length; i++) {
      const time = moves.times[i] ?? 0;
      if (time < fromMs || time > toMs || moves.states[i] !== to) continue;
      if ((i === 0 ? 0 : moves.states[i - 1]) === from) return true;
    }
    return false;
  };
}

/** Asks about the move at a position (1-based step) of the actor's path through the range. */
function atPosition(
  { fromMs, toMs }: ComputeContext,
  step: number,
  test: (moves: ActorMoves, index: number, end: number) => boolean,
): Fits {
  return (moves) => test(moves, getFirstPosition(moves, fromMs, toMs) + step - 1, getEndPosition(moves, toMs));
}
