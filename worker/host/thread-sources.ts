import type { EventSource } from '../source/event-source.ts';
import { openEventSource } from '../source/open-source.ts';
import type { SourceHandle } from './tasks.ts';

/** Sources that this thread has open, by source id. */
const open = new Map<string, EventSource>();

export function getThreadSource(handle: SourceHandle): EventSource {
  const known = open.get(handle.sourceId);
  if (known !== undefined) return known;
  const source = openEventSource(handle.ref, handle);
  open.set(handle.sourceId, source);
  return source;
}

export function closeThreadSource(sourceId: string): void {
  open.get(sourceId)?.close();
  open.delete(sourceId);
}
