import { chmodSync, closeSync, fsyncSync, openSync, statSync } from 'node:fs';
import { EngineError } from '../../../protocol/errors.ts';
import type { ExportedFile } from '../../../protocol/query-result.ts';
import type { Argument, TaskEvent } from '../messages.ts';
import { Page } from '../result/page-reader.ts';
import { ResultReader } from '../result/result-reader.ts';
import { readView } from '../result/view-file.ts';
import { ExportFile } from './export-file.ts';
import { rowBlocks, type RowBlock } from './row-blocks.ts';
import { rowRuns } from './row-runs.ts';
import { CsvWriter } from './write-csv.ts';
import { JsonWriter } from './write-json.ts';

type Task = Argument<'export'>;

/** Writes a result into a new file, a block of rows at a time. It is on disk when this resolves. */
export async function exportResult(task: Task, report: (event: TaskEvent) => void): Promise<ExportedFile> {
  const reader = new ResultReader(task.folder);
  try {
    reader.refresh();
    const countRows = (): number => (task.view === null ? reader.rows : readView(task.view, 0, 0).total);
    if (task.format === 'sqlite')
      await exportDatabase(
        task,
        rowBlocks(reader, task.view, report, () => 0),
      );
    else await exportText(task, reader, countRows(), report);
    return { path: task.path, rows: countRows(), bytes: statSync(task.path).size };
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
      await writeCsv(task, reader, file, report);
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

/** Also while rows still come. */
async function writeCsv(
  task: Task,
  reader: ResultReader,
  file: ExportFile,
  report: (event: TaskEvent) => void,
): Promise<void> {
  const writer = new CsvWriter(file, task.columns, task.dialect, task.spreadsheetSafe);
  for await (const run of rowRuns(reader, task, report, () => file.bytes)) {
    if (run instanceof Page) for (let row = 0; row < run.rows; row++) writer.add(run, row);
    else
      for (const number of run) {
        const at = reader.pageOf(number);
        writer.add(reader.page(at), number - reader.firstRow(at));
      }
  }
  writer.close();
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
