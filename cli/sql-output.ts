import { createReadStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { EngineError } from '../protocol/errors.ts';
import type { QueryCell, ResultHead } from '../protocol/query-result.ts';
import type { QueryService } from '../worker/query/query-service.ts';
import { say, survivePipes, writeOut } from './console.ts';
import { unpack } from './engine-session.ts';
import { formatTable } from './text-table.ts';

export type SqlFormat = 'table' | 'csv' | 'json' | 'jsonl' | 'parquet' | 'xlsx';
export interface SqlOutput {
  readonly queryId: string;
  readonly format: SqlFormat;
  /** Absolute; null = stdout. */
  readonly out: string | null;
  readonly spreadsheetSafe: boolean;
}

/** What people look at; more is for a file. */
const TABLE_ROWS = 1_000;

/** Writes a result as the command line wants it, in bounded memory. */
export async function writeSqlOutput(queries: QueryService, result: ResultHead, output: SqlOutput): Promise<void> {
  const { format, out } = output;
  if (format === 'table') return writeTable(queries, result, output);
  if (out !== null) {
    const file = await exportTo(queries, result, output, out);
    return say(`${file.rows} ${file.rows === 1 ? 'row' : 'rows'}, ${file.bytes} bytes: ${file.path}`);
  }
  if ((format === 'parquet' || format === 'xlsx') && process.stdout.isTTY)
    throw new EngineError('E_USAGE', `${format} is no text for a terminal.`, { hint: 'Name a file with --out.' });
  const folder = mkdtempSync(path.join(tmpdir(), 'tributary-sql-'));
  try {
    const file = await exportTo(queries, result, output, path.join(folder, 'answer'));
    await pipeline(createReadStream(file.path), survivePipes(process.stdout), { end: false });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function exportTo(queries: QueryService, { resultId }: ResultHead, output: SqlOutput, file: string) {
  const { queryId, spreadsheetSafe, format } = output;
  if (format === 'table') throw new Error('a table is not exported');
  return unpack(await queries.export({ queryId, resultId, format, spreadsheetSafe, path: file }));
}

async function writeTable(queries: QueryService, result: ResultHead, { queryId, out }: SqlOutput): Promise<void> {
  if (out !== null)
    throw new EngineError('E_USAGE', 'A table is for the terminal.', { hint: 'Choose --format csv for a file.' });
  const { resultId, columns } = result;
  const page = unpack(await queries.rows({ queryId, resultId, limit: TABLE_ROWS }));
  const cells = page.rows.map((row) => row.map(showCell));
  await writeOut(formatTable([columns.map(({ name }) => name), ...cells]));
  if (page.total > TABLE_ROWS) say(`note: the first ${TABLE_ROWS} of ${page.total} rows; --format csv gives all.`);
}

/** NULL apart from empty text. */
function showCell(cell: QueryCell): string {
  if (cell === null) return 'NULL';
  if (typeof cell !== 'object') return String(cell).replaceAll(/\s/g, ' ');
  if ('int' in cell) return cell.int;
  return 'blob' in cell ? `(${cell.bytes} bytes)` : `${cell.text.replaceAll(/\s/g, ' ')}…`;
}
