import type { ScannedSlice } from '../../segment/event-rows.ts';
import type { TextInterner } from '../../segment/text-interner.ts';
import type { Tuple } from './copy-rows.ts';

/** A row that is an event, but for its properties. The actor lies in `bytes`, `to` excluded. */
export interface EventRow {
  readonly seq: number;
  readonly time: number;
  readonly recordedAt: number;
  readonly event: number;
  readonly bytes: Uint8Array;
  readonly from: number;
  readonly to: number;
}
export interface FinishedColumns {
  readonly slice: ScannedSlice;
  /** In order of arrival. */
  readonly seqs: Float64Array;
  /** Which row as it came is at each place then; null = they came in order. */
  readonly order: Uint32Array | null;
}

/** The columns of a slice while its rows come in, in any order. For each: `open`, its properties, `close`. */
export interface RowColumns {
  /** Closed so far. */
  readonly rows: number;
  /** Codes of events. */
  readonly events: TextInterner;
  /** Of a row without this property nothing is put. */
  open(seq: number): void;
  putValue(property: number, bytes: Uint8Array, from: number, to: number): void;
  close(row: EventRow): void;
  /** What the present row names its event with (cell `at`; -1 = nothing), and its code. */
  learnEvent?(tuple: Tuple, at: number, code: number): void;
  /** The bytes of earlier rows are about to become others. */
  moved?(): void;
  /** Puts all in order of arrival. */
  finish(check: () => void): FinishedColumns;
}
