import { computePartial, mergePartials } from './compute-tasks.ts';
import { throwIfStopped } from './control.ts';
import { lookAtFile } from './look-at-file.ts';
import type { TaskContext } from './task-context.ts';
import type { TaskKind, TaskMap } from './tasks.ts';

/**
 * Tasks that the host may run itself as long as no thread is up (`TaskOptions.inline`). Whatever they import is loaded
 * before the first answer: no driver, no zod.
 */
export const SHORT_TASKS = { look: lookAtFile, compute: computePartial, merge: mergePartials } as const;
export type ShortTask = keyof typeof SHORT_TASKS;

export const isShortTask = (kind: TaskKind): kind is ShortTask => Object.hasOwn(SHORT_TASKS, kind);

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
