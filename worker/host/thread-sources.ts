import type { EventSource } from '../source/event-source.ts';
import { openEventSource } from '../source/open-source.ts';
import { getServerPart } from './server-part.ts';
import type { SourceHandle } from './tasks.ts';

/** Sources that this thread has open, by source id. */
const open = new Map<string, EventSource>();

/** A server is spoken to when it is first asked something. */
export function getThreadSource(handle: SourceHandle): EventSource {
  const known = open.get(handle.sourceId);
  if (known !== undefined) return known;
  const { ref } = handle;
  const source = ref.kind === 'sqlite' ? openEventSource(ref, handle) : getServerPart().openServer(ref, handle);
  open.set(handle.sourceId, source);
  return source;
}

export function closeThreadSource(sourceId: string): void {
  open.get(sourceId)?.close();
  open.delete(sourceId);
}
