import type { CopyRow } from './copy-reader.ts';
import type { ModelTable } from './model-tables.ts';

/** ms since the epoch, UTC, by event time: `from` ≤ time < `to`. null = open. */
export interface TimeRange {
  readonly from: number | null;
  readonly to: number | null;
}

/** A part of the events that is fetched in one go. */
export interface SnapshotPart {
  readonly name: string;
  /** Hour keys of its rows, `to` excluded; null = whatever lies in no other part. */
  readonly hours: { readonly from: string; readonly to: string } | null;
  /** As estimated. */
  readonly rows: number;
}

/** One frozen state of a store. Rows have the order and the types of a snapshot file: times in ms. */
export interface SnapshotSource {
  /** For people, without a password. */
  readonly address: string;
  parts(): Promise<readonly SnapshotPart[]>;
  /** Equal = the same rows, untouched since. null = cannot be told. */
  fingerprint(part: SnapshotPart): Promise<string | null>;
  /** seq, ts, event_id, event_time, event_type, metadata, recorded_at, by seq. */
  events(part: SnapshotPart): AsyncIterable<readonly CopyRow[]>;
  rows(table: ModelTable): AsyncIterable<readonly CopyRow[]>;
  close(): Promise<void>;
}

/** Copied beside the model's tables: counts of the hours in range, and how far they are complete. */
export const ROLLUP_TABLES: readonly ModelTable[] = [
  {
    name: 'rollup_hourly',
    key: 'ts, event_type',
    columns: [
      ['ts', 'text'],
      ['event_type', 'text'],
      ['events', 'integer'],
    ],
    parents: [],
    since: null,
  },
  {
    name: 'rollup_watermarks',
    key: 'rollup',
    columns: [
      ['rollup', 'text'],
      ['complete_through', 'text'],
      ['updated_at', 'time'],
    ],
    parents: [],
    since: null,
  },
];
