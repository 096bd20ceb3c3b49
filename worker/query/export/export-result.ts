import { chmodSync, closeSync, fsyncSync, openSync, statSync } from 'node:fs';
import { EngineError } from '../../../protocol/errors.ts';
import type { ExportedFile } from '../../../protocol/query-result.ts';
import type { Argument, TaskEvent } from '../messages.ts';
import { ResultReader } from '../result/result-reader.ts';
import { readView } from '../result/view-file.ts';
import { ExportFile } from './export-file.ts';
import { rowBlocks, type RowBlock } from './row-blocks.ts';
import { CsvWriter } from './write-csv.ts';
import { JsonWriter } from './write-json.ts';

type Task = Argument<'export'>;

/** Writes a result into a new file, a block of rows at a time. It is on disk when this resolves. */
export async function exportResult(task: Task, report: (event: TaskEvent) => void): Promise<ExportedFile> {
  const reader = new ResultReader(task.folder);
  try {
    reader.refresh();
    const rows = task.view === null ? reader.rows : readView(task.view, 0, 0).total;
    if (task.format === 'sqlite')
      await exportDatabase(
        task,
        rowBlocks(reader, task.view, report, () => 0),
      );
    else await exportText(task, reader, rows, report);
    return { path: task.path, rows, bytes: statSync(task.path).size };
  } catch (thrown) {
    throw toDiskError(thrown);
  } finally {
    reader.close();
  }
}

async function exportText(
  task: Task,
  reader: ResultReader,
  rows: number,
  report: (event: TaskEvent) => void,
): Promise<void> {
  const file = new ExportFile(task.path);
  const { columns, dialect } = task;
  const blocks = rowBlocks(reader, task.view, report, () => file.bytes);
  switch (task.format) {
    case 'csv':
      writeAll(new CsvWriter(file, columns, dialect, task.spreadsheetSafe), blocks);
      break;
    case 'parquet': {
      const { findKinds, ParquetWriter } = await import('./write-parquet.ts');
      const kinds = findKinds(
        rowBlocks(
          reader,
          task.view,
          () => undefined,
          () => 0,
        ),
        columns.length,
      );
      const writer = new ParquetWriter(file, columns, dialect, kinds);
      writeAll(writer, blocks);
      writer.close();
      break;
    }
    case 'xlsx': {
      const { writeXlsx } = await import('./write-xlsx.ts');
      writeXlsx(file, columns, dialect, rows, blocks);
      break;
    }
    case 'json':
    case 'jsonl': {
      const writer = new JsonWriter(file, columns, dialect, task.format === 'jsonl');
      writeAll(writer, blocks);
      writer.close();
      break;
    }
    case 'sqlite':
      throw new Error('a database is not written as text');
  }
  file.close();
}

function writeAll(writer: { write(block: RowBlock): void }, blocks: Iterable<RowBlock>): void {
  for (const block of blocks) writer.write(block);
}

async function exportDatabase({ path, table, columns }: Task, blocks: Iterable<RowBlock>): Promise<void> {
  const { writeSqlite } = await import('./write-sqlite.ts');
  writeSqlite(path, table, columns, blocks);
  chmodSync(path, 0o600);
  const file = openSync(path, 'r');
  fsyncSync(file);
  closeSync(file);
}

function toDiskError(thrown: unknown): unknown {
  const { code } = thrown as NodeJS.ErrnoException;
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return thrown;
  return new EngineError('E_DISK_FULL', 'The disk is full; nothing was kept of the export.', {
    hint: 'Free some space, then try again.',
  });
}
