import { checkFile } from '../source/check-file.ts';
import type { SeenSource, SourceHandle } from './tasks.ts';

/** Two system calls, however large the file. Throws E_NOT_FOUND, E_NOT_A_FILE, E_NOT_A_DB, E_CORRUPT, E_UNREADABLE. */
export function lookAtFile({ ref }: SourceHandle): SeenSource {
  if (ref.kind !== 'sqlite') throw new Error('Not a file.');
  const startedAt = performance.now();
  const { path: address, fingerprint, state, sizeBytes, walFlagged, companion } = checkFile(ref.path);
  const tookMs = performance.now() - startedAt;
  return { address, fingerprint, state, sizeBytes, isCopied: walFlagged || companion !== null, tookMs };
}
