import { EngineError } from '../../protocol/errors.ts';
import type { Segment } from '../segment/segment.ts';
import { makeRoom, reportDone, throwIfStopped, type Control } from './control.ts';

/** What a task runs in: its request's control, its progress word, the segment it was given. */
export interface TaskContext {
  readonly control: Control;
  readonly slot: number;
  readonly segment: Segment | null;
}
export function getCheckpoint(context: TaskContext): (done: number) => void {
  return (done) => {
    makeRoom(context.control);
    throwIfStopped(context.control);
    reportDone(context.control, context.slot, done);
  };
}

export function getTaskSegment(context: TaskContext): Segment {
  if (context.segment === null)
    throw new EngineError('E_INTERNAL', 'A thread was asked about a segment it does not hold.', {
      hint: 'Open the source again.',
    });
  return context.segment;
}
