import { EngineError } from '../../protocol/errors.ts';

/**
 * Shared memory between the host and the threads that work on one request: word 0 says whether to stop and why, the
 * words after it count what each task has done, the last one says until when its tasks make room for others.
 */
export type Control = Int32Array;
export const TASK_SLOTS = 255;
const ROOM_WORD = 1 + TASK_SLOTS;
export const RUNNING = 0;
export const CANCELLED = 1;
export const OVERDUE = 2;
export type StopReason = typeof CANCELLED | typeof OVERDUE;

export function createControl(): Control {
  return new Int32Array(new SharedArrayBuffer(4 * (2 + TASK_SLOTS)));
}

/** The first reason given stays. */
export function requestStop(control: Control, reason: StopReason): void {
  Atomics.compareExchange(control, 0, RUNNING, reason);
  Atomics.notify(control, 0);
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

/** Longer ones are of a clock that was set. */
const LONGEST_ROOM_MS = 1_000;
/** Wraps every 12 days; then no room is made once. */
const clock = (): number => Date.now() & 0x3fff_ffff;

/** Threads that work on this request rest at their next checkpoint for this long: somebody waits for what others do. */
export function askForRoom(control: Control, ms: number): void {
  Atomics.store(control, ROOM_WORD, clock() + ms);
}

/** Once: who is asked again and again gets on all the same, a checkpoint at a time. Ends with a stop. Never on the host's own thread. */
export function makeRoom(control: Control): void {
  const left = Atomics.load(control, ROOM_WORD) - clock();
  if (left <= 0 || left > LONGEST_ROOM_MS) return;
  if (!process.getBuiltinModule('node:worker_threads').isMainThread) Atomics.wait(control, 0, RUNNING, left);
}
