import type { TableCounts } from './load-tables.ts';
import type { PartitionUnit } from './partition-plan.ts';

export interface LoadOptions {
  /** Where rejected rows are kept: `<rejected>.rejected.csv` or `.jsonl`. */
  readonly rejected: string;
  /** Of partitions that are missing; default: as the newest there is, else months. */
  readonly unit?: PartitionUnit | undefined;
  /** Answer true to stop: E_CANCELLED. What is loaded stays, and the next run goes on from there. */
  readonly onProgress?: (done: number, total: number, unit: 'rows' | 'bytes') => boolean;
}

export interface LoadSummary {
  /** Rows of the file: loaded + duplicate + rejected. */
  readonly rows: number;
  readonly loaded: number;
  /** Of the loaded ones: those that the file has under an hour that is not theirs. */
  readonly rekeyed: number;
  /** Of the loaded ones: those of hours whose rollups were complete; they count in them now. */
  readonly late: number;
  /** In the store before, or twice in the file: the same event id and time. */
  readonly duplicate: number;
  readonly rejected: number;
  /** null = there are none. */
  readonly rejectedFile: string | null;
  readonly rejectedRows: readonly { readonly line: number; readonly reason: string }[];
  readonly tables: Readonly<Record<string, TableCounts>>;
  /** Names of those that were made, ascending. */
  readonly partitions: readonly string[];
  readonly seconds: number;
  /** Of the events alone. */
  readonly eventsPerSecond: number;
}
