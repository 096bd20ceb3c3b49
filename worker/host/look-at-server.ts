import type { SeenSource, SourceHandle } from './tasks.ts';
import { getThreadSource } from './thread-sources.ts';

/** A short query, however large the table. Throws what opening would. */
export function lookAtServer(handle: SourceHandle): SeenSource {
  const startedAt = performance.now();
  const seen = getThreadSource(handle).look?.();
  if (seen === undefined) throw new Error('Not a server.');
  const { address, state, sizeBytes } = seen;
  return { address, fingerprint: state, state, sizeBytes, isCopied: false, tookMs: performance.now() - startedAt };
}
