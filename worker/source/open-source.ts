import { EngineError } from '../../protocol/errors.ts';
import type { SourceRef } from '../../protocol/index.ts';
import type { EventSource } from './event-source.ts';
import { SqliteSource } from './sqlite-source.ts';

export interface OpenOptions {
  /** Where private copies go (files with a write-ahead log or a hot journal); the caller deletes the folder. */
  readonly scratchDir: string;
  /** Only that many rows that arrived last, of a source that has many times more and can be cut. */
  readonly latest?: number | undefined;
}

/**
 * Opens a source for reading, changing nothing beside it. Throws EngineError: E_NOT_FOUND, E_NOT_A_FILE, E_NOT_A_DB,
 * E_CORRUPT, E_UNREADABLE, E_BUSY, E_SOURCE_CHANGED, E_BAD_MAPPING, E_NO_SUCH_TABLE, E_NO_SUCH_COLUMN, E_UNSUPPORTED.
 * `sample:` must already be replaced by the sample's path.
 */
export function openEventSource(ref: SourceRef, options: OpenOptions): EventSource {
  if (ref.kind === 'sqlite') return new SqliteSource(ref, options);
  throw new EngineError('E_UNSUPPORTED', 'This version cannot read events from a Postgres server.', {
    hint: 'Open a snapshot of it instead.',
  });
}
