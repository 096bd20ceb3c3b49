import type { ActorIndex, ActorRange, Milliseconds } from '../segment/segment.ts';
import { createMoves, type ActorMoves } from './journey-machine.ts';

/**
 * All changes of state of a range of actors, as if nothing ever ended: what is true at any moment is a prefix of it, for
 * neither an event nor a deadline depends on what comes later. In shared memory, made once for a model.
 *
 *   actor            0                           1
 *   offsets          0                           3           5
 *   times (ms)       0      3          14        2     9
 *   states           Lead   Customer   Churn     0     Lead        0 = seen for the first time, in no state yet
 */
export interface JourneyLog {
  readonly range: ActorRange;
  /** By actor of the range, and one more. */
  readonly offsets: Uint32Array;
  readonly times: Float64Array;
  readonly states: Uint8Array;
}

/** Deadlines after this are never reached: no asOf can be written that late. */
export const LOG_END_MS: Milliseconds = 8.64e15;

export const createLog = (range: ActorRange, changes: number): JourneyLog => ({
  range,
  offsets: new Uint32Array(new SharedArrayBuffer(4 * (range.to - range.from + 1))),
  times: new Float64Array(new SharedArrayBuffer(8 * changes)),
  states: new Uint8Array(new SharedArrayBuffer(changes)),
});

/** Reads the moves of actors up to `endMs` from a log, as a machine would make them; which event made one is not kept. */
export function createLogReader({ range, offsets, times, states }: JourneyLog, endMs: Milliseconds) {
  const moves = createMoves();
  return (actor: ActorIndex): ActorMoves => {
    let at = offsets[actor - range.from] ?? 0;
    const end = offsets[actor - range.from + 1] ?? 0;
    moves.seen = at < end && (times[at] ?? 0) <= endMs;
    moves.length = 0;
    if (moves.seen && states[at] === 0) at++;
    for (; at < end; at++) {
      const time = times[at] ?? 0;
      if (time > endMs) break;
      moves.add(time, states[at] ?? 0, NO_EVENT);
    }
    return moves;
  };
}
const NO_EVENT = -1;
