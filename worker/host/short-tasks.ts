import { computePartial, mergePartials } from './compute-tasks.ts';
import { throwIfStopped } from './control.ts';
import { lookAtFile } from './look-at-file.ts';
import type { TaskContext } from './task-context.ts';
import type { SourceHandle, TaskKind, TaskMap } from './tasks.ts';

/**
 * Tasks that the host may run itself as long as no thread is up (`TaskOptions.inline`). Whatever they import is loaded
 * before the first answer: no driver, no zod.
 */
export const SHORT_TASKS = { look: lookAtFile, compute: computePartial, merge: mergePartials } as const;
export type ShortTask = keyof typeof SHORT_TASKS;

/** A server is never looked at in the host's thread: that waits for the network. */
export const isShortTask = (kind: TaskKind, payload: unknown): kind is ShortTask =>
  Object.hasOwn(SHORT_TASKS, kind) && !(kind === 'look' && (payload as Partial<SourceHandle>).ref?.kind === 'postgres');

/** Throws EngineErrors. */
export function runShortTask<K extends ShortTask>(
  kind: K,
  payload: TaskMap[K]['payload'],
  context: TaskContext,
): TaskMap[K]['result'] {
  throwIfStopped(context.control);
  const task = SHORT_TASKS[kind] as (payload: TaskMap[K]['payload'], context: TaskContext) => TaskMap[K]['result'];
  return task(payload, context);
}
