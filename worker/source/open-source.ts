import type { SqliteRef } from '../../protocol/index.ts';
import type { EventSource } from './event-source.ts';
import type { ServerBudget } from './postgres/session-link.ts';
import { SqliteSource } from './sqlite-source.ts';

export interface OpenOptions {
  /** Where private copies go (files with a write-ahead log or a hot journal); the caller deletes the folder. */
  readonly scratchDir: string;
  /** Only that many rows that arrived last, of a source that has many times more and can be cut. */
  readonly latest?: number | undefined;
  /** Of a server. */
  readonly password?: string | undefined;
  /** Counts a server's connections; shared by all threads. */
  readonly budget?: ServerBudget | undefined;
  /** Entry of the thread that speaks to a server, where a bundle moved it. */
  readonly sessionUrl?: string | undefined;
}

/**
 * Opens a file for reading, changing nothing beside it. Throws EngineError: E_NOT_FOUND, E_NOT_A_FILE, E_NOT_A_DB,
 * E_CORRUPT, E_UNREADABLE, E_BUSY, E_SOURCE_CHANGED, E_BAD_MAPPING, E_NO_SUCH_TABLE, E_NO_SUCH_COLUMN, E_UNSUPPORTED.
 * `sample:` must already be replaced by the sample's path.
 */
export function openEventSource(ref: SqliteRef, options: OpenOptions): EventSource {
  return new SqliteSource(ref, options);
}
