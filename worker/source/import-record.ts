import type { Cell } from './parse-time.ts';

/** One row of a file to import. `line` counts from 1 and is where the row begins. */
export interface ImportRecord {
  readonly line: number;
  /** The row as the file has it, for the rejected file. */
  readonly raw: string;
  /** Parallel to the columns of the file; null = empty. Objects and lists only come from JSON. */
  readonly cells: readonly ImportCell[] | null;
  /** Why the row cannot be taken apart; null when `cells` are there. */
  readonly problem: string | null;
}
export type ImportCell = Cell | boolean | object;

/** A file being read: columns grow as JSON rows bring new keys. */
export interface ImportReader {
  readonly columns: readonly string[];
  /** First line of the file where it names the columns. */
  readonly header: string | null;
  /** Batches of rows; bytes read so far for progress. */
  batches(): AsyncGenerator<{ readonly records: readonly ImportRecord[]; readonly bytes: number }>;
}

/** What a column's cell says as text; null when it is empty. */
export function importText(cell: ImportCell | undefined): string | null {
  if (cell === undefined || cell === null || cell === '') return null;
  if (typeof cell === 'string') return cell;
  return typeof cell === 'object' ? JSON.stringify(cell) : String(cell);
}
