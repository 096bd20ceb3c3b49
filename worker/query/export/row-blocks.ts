import type { TaskEvent } from '../messages.ts';
import type { Value } from '../result/page.ts';
import type { ResultReader } from '../result/result-reader.ts';
import { readView } from '../result/view-file.ts';

/** Some rows, column by column. */
export interface RowBlock {
  readonly columns: readonly (readonly Value[])[];
  readonly rows: number;
}

const VIEW_BLOCK = 1_024;
const REPORT_MS = 100;

/** All rows of a result, in order or in that of a view, a block at a time. */
export function* rowBlocks(
  reader: ResultReader,
  view: string | null,
  report: (event: TaskEvent) => void,
  written: () => number,
): Generator<RowBlock> {
  let rows = 0;
  let reported = 0;
  const totalRows = view === null ? reader.rows : readView(view, 0, 0).total;
  for (const block of view === null ? pageBlocks(reader) : viewBlocks(reader, view)) {
    yield block;
    rows += block.rows;
    if (performance.now() - reported < REPORT_MS) continue;
    reported = performance.now();
    report({ rows, bytes: written(), totalRows });
  }
}

function* pageBlocks(reader: ResultReader): Generator<RowBlock> {
  for (let number = 0; number < reader.pages; number++) {
    const page = reader.page(number);
    const columns = Array.from({ length: page.columns }, (_, column) => page.column(column).all());
    yield { columns, rows: page.rows };
  }
}

function* viewBlocks(reader: ResultReader, view: string): Generator<RowBlock> {
  const width = reader.pages === 0 ? 0 : reader.page(0).columns;
  for (let offset = 0; ; offset += VIEW_BLOCK) {
    const { numbers } = readView(view, offset, VIEW_BLOCK);
    if (numbers.length === 0) return;
    const rows = numbers.map((number) => reader.row(number));
    const columns = Array.from({ length: width }, (_, column) => rows.map((row) => row[column] as Value));
    yield { columns, rows: rows.length };
  }
}
