import { EngineError } from '../../protocol/errors.ts';

/**
 * Shared memory between the host and the threads that work on one request: word 0 says whether to stop and why, the
 * words after it count what each task has done.
 */
export type Control = Int32Array;
export const TASK_SLOTS = 255;
export const RUNNING = 0;
export const CANCELLED = 1;
export const OVERDUE = 2;
export type StopReason = typeof CANCELLED | typeof OVERDUE;

export function createControl(): Control {
  return new Int32Array(new SharedArrayBuffer(4 * (1 + TASK_SLOTS)));
}

/** The first reason given stays. */
export function requestStop(control: Control, reason: StopReason): void {
  Atomics.compareExchange(control, 0, RUNNING, reason);
}

export function isStopped(control: Control): boolean {
  return Atomics.load(control, 0) !== RUNNING;
}

/** Throws E_CANCELLED or E_DEADLINE once a stop was requested. */
export function throwIfStopped(control: Control): void {
  const reason = Atomics.load(control, 0);
  if (reason !== RUNNING) throw stopError(reason);
}

export function stopError(reason: number): EngineError {
  if (reason === OVERDUE)
    return new EngineError('E_DEADLINE', 'This took longer than its deadline.', {
      hint: 'Narrow the date range, or allow more time.',
    });
  return new EngineError('E_CANCELLED', 'This was cancelled.', { hint: 'Run it again when you need it.' });
}

export function reportDone(control: Control, slot: number, done: number): void {
  Atomics.store(control, 1 + slot, done);
}

export function getSlotDone(control: Control, slot: number): number {
  return Atomics.load(control, 1 + slot);
}

/** Sum over all tasks. */
export function getDone(control: Control): number {
  let done = 0;
  for (let slot = 0; slot < TASK_SLOTS; slot++) done += Atomics.load(control, 1 + slot);
  return done;
}

export function resetDone(control: Control): void {
  for (let slot = 0; slot < TASK_SLOTS; slot++) Atomics.store(control, 1 + slot, 0);
}
