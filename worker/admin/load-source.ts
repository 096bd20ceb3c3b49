/** An event of a file, before it is checked against the store. */
export interface IncomingEvent {
  /** Where it is in the file: line or rowid, ascending. */
  readonly line: number;
  /** The hour the file gives it; null = none given. */
  readonly ts: string | null;
  readonly eventId: string;
  /** ms since the epoch, UTC; NaN = unreadable. */
  readonly time: number;
  readonly type: string;
  readonly metadata: string;
  readonly recordedAt: number | null;
  /** The row as the file has it, for the file of rejected rows; made only when it is needed. */
  readonly raw: () => string;
}
export interface RejectedRow {
  readonly line: number;
  readonly raw: string;
  readonly reason: string;
}
export interface IncomingBatch {
  readonly events: readonly IncomingEvent[];
  readonly rejected: readonly RejectedRow[];
  /** Copies of events that the file also has under their right hour. */
  readonly duplicates: number;
  /** Of `LoadSource.total`. */
  readonly done: number;
}

/** A file being loaded. */
export interface LoadSource {
  readonly format: 'csv' | 'jsonl';
  /** Rows or bytes. */
  readonly total: number;
  readonly unit: 'rows' | 'bytes';
  /** First line of the file of rejected rows, known after the first batch. */
  readonly header: () => string;
  batches(): AsyncIterable<IncomingBatch> | Iterable<IncomingBatch>;
  /** Rows of a table beside the events, values in the order of its columns; times in ms. Empty where the file has none. */
  tableRows(table: string): Iterable<readonly (string | number | null)[]>;
  close(): void;
}
