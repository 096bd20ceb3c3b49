import { existsSync } from 'node:fs';
import path from 'node:path';
import { EngineError } from '../../../protocol/errors.ts';
import type { ExportTask, TaskEvent } from '../messages.ts';
import type { Page } from '../result/page-reader.ts';
import type { ResultReader } from '../result/result-reader.ts';
import { COMPLETE_FILE } from '../result/result-writer.ts';
import { readView } from '../result/view-file.ts';

const VIEW_BLOCK = 1_024;
const REPORT_MS = 100;
/** Between looks at a result that grows. */
const WAIT_MS = 20;

type Source = Pick<ExportTask, 'folder' | 'view' | 'isGrowing'>;

/** All rows of a result: whole pages, each good until the next, or the numbers of rows in the order of a view. Throws E_NOT_FOUND when it is dropped. */
export async function* rowRuns(
  reader: ResultReader,
  source: Source,
  report: (event: TaskEvent) => void,
  written: () => number,
): AsyncGenerator<Page | readonly number[]> {
  const { view, isGrowing } = source;
  let rows = 0;
  let reported = performance.now();
  const known = view === null ? reader.rows : readView(view, 0, 0).total;
  for await (const run of view === null ? pages(reader, source) : numbers(view)) {
    yield run;
    rows += 'rows' in run ? run.rows : run.length;
    if (performance.now() - reported < REPORT_MS) continue;
    reported = performance.now();
    report({ rows, bytes: written(), ...(isGrowing ? {} : { totalRows: known }) });
  }
}

async function* pages(reader: ResultReader, { folder, isGrowing }: Source): AsyncGenerator<Page> {
  let isComplete = !isGrowing;
  for (let known = 0; ;) {
    const begun = known;
    known = reader.pages;
    yield* reader.eachPage(begun);
    if (isComplete) return;
    await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
    // Before the pages are counted: none comes after it.
    isComplete = existsSync(path.join(folder, COMPLETE_FILE));
    if (!existsSync(folder)) throw dropped();
    reader.refresh();
  }
}

function* numbers(view: string): Generator<readonly number[]> {
  for (let offset = 0; ; offset += VIEW_BLOCK) {
    const run = readView(view, offset, VIEW_BLOCK).numbers;
    if (run.length === 0) return;
    yield run;
  }
}

const dropped = (): EngineError =>
  new EngineError('E_NOT_FOUND', 'The statement failed, and its rows are gone; nothing was exported.', {
    hint: 'Run the statement again.',
  });
