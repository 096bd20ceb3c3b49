import { stringify } from 'csv-stringify/sync';
import type { ActorRow } from '../../protocol/index.ts';

/** A cell keeps its type: numbers are written as they are, text may need a guard. null is an empty cell. */
export type Cell = string | number | null;

/** Signs that make a spreadsheet run a cell (security.md section 4). */
const RUNS_IN_SPREADSHEETS = /^[=+\-@\t\r\n\0]/;
/** Text that a spreadsheet would turn into a number and thereby change: leading zeros, over 15 digits. */
const READS_AS_NUMBER = /^(0\d+|\d{16,})$/;

/** RFC 4180 with CRLF, UTF-8 without BOM. Spreadsheet-safe puts an apostrophe before text that would run or change. */
export function formatCsv(rows: readonly (readonly Cell[])[], options: { readonly spreadsheetSafe: boolean }): string {
  const guard = options.spreadsheetSafe ? guardCell : (cell: Cell): Cell => cell;
  return stringify(
    rows.map((row) => row.map(guard)),
    { record_delimiter: 'windows', quoted_match: /[\r\n]/ },
  );
}

/** Text that a spreadsheet would run or change gets an apostrophe. */
export function guardCell(cell: Cell): Cell {
  if (typeof cell !== 'string') return cell;
  return RUNS_IN_SPREADSHEETS.test(cell) || READS_AS_NUMBER.test(cell) ? `'${cell}` : cell;
}

export interface ActorCsvOptions {
  /** Steps of a funnel: adds level and the time of each step; 0 = not a funnel. */
  readonly steps: number;
  readonly header: boolean;
  readonly spreadsheetSafe: boolean;
}

/** Times as ISO 8601 UTC. */
export function formatActorCsv(rows: readonly ActorRow[], options: ActorCsvOptions): string {
  const stepColumns = Array.from({ length: options.steps }, (_, k) => k);
  const header: Cell[] = ['actor', 'first_time', 'last_time', 'events'];
  if (options.steps > 0) header.push('level', ...stepColumns.map((k) => `step_${k + 1}_time`));
  const body = rows.map((row): Cell[] => {
    const cells: Cell[] = [row.actor, formatTime(row.firstTime), formatTime(row.lastTime), row.events];
    if (options.steps > 0)
      cells.push(row.level ?? null, ...stepColumns.map((k) => formatTime(row.stepTimes?.[k] ?? null)));
    return cells;
  });
  return formatCsv(options.header ? [header, ...body] : body, options);
}

export function formatTime(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
