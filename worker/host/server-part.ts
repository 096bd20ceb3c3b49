import type { PostgresRef } from '../../protocol/index.ts';
import type { OpenOptions } from '../source/open-source.ts';
import type { EventSource } from '../source/event-source.ts';
import type { SERVER_TASKS } from './server-tasks.ts';
import type { TaskKind, ToThread } from './tasks.ts';

/** What a thread needs for servers and for written SQL only. */
export interface ServerPart {
  readonly openServer: (ref: PostgresRef, options: OpenOptions) => EventSource;
  readonly tasks: typeof SERVER_TASKS;
}

let part: ServerPart | null = null;

export function setServerPart(loaded: ServerPart): void {
  part = loaded;
}

export function getServerPart(): ServerPart {
  if (part === null) throw new Error('The part for servers is not loaded.');
  return part;
}

/** Tasks of any source that are in that part. */
const TASKS: ReadonlySet<TaskKind> = new Set<TaskKind>(['planPushdown', 'pushDown', 'writeSql']);

/** True = `message` cannot be answered before that part is there: it is as much code as all the rest of a thread. */
export function needsServerPart(message: ToThread): boolean {
  if (part !== null || message.kind !== 'task') return false;
  if (TASKS.has(message.task)) return true;
  const { ref } = message.payload as { readonly ref?: { readonly kind?: unknown } };
  return ref?.kind === 'postgres';
}
