import { FIRST_ROWS, type QueryCell, type ResultColumn, type Truncation } from '../../protocol/query-result.ts';
import type { Answer, Argument, TaskEvent } from './messages.ts';
import { toCells } from './result/cells.ts';
import type { PendingPage } from './result/page.ts';
import { ResultReader } from './result/result-reader.ts';
import { ResultWriter } from './result/result-writer.ts';
import type { RowSink, SqlSession } from './sql-session.ts';

const REPORT_MS = 100;
/** The first rows wait this long for others to go with them. */
const HEAD_MS = 20;

/** Runs one statement into files, within its limits. Rows on disk are always whole pages. */
export async function runStatement(
  session: SqlSession,
  task: Argument<'run'>,
  report: (event: TaskEvent) => void,
): Promise<Answer<'run'>> {
  const sink = new ResultSink(task, report);
  try {
    const { truncatedBy, notes } = await session.run(task, sink);
    return { ...sink.finish(), truncatedBy, notes };
  } catch (thrown) {
    sink.close();
    throw thrown;
  }
}

class ResultSink implements RowSink {
  readonly #task: Argument<'run'>;
  readonly #report: (event: TaskEvent) => void;
  readonly #startedAt = performance.now();
  #writer: Pick<ResultWriter<unknown>, 'bytes' | 'flush' | 'close'> | null = null;
  #columns: readonly ResultColumn[] = [];
  #firstAt: number | null = null;
  #isHeadSent = false;
  #reportedAt = 0;
  #added = 0;

  constructor(task: Argument<'run'>, report: (event: TaskEvent) => void) {
    this.#task = task;
    this.#report = report;
  }

  start<Row>(columns: readonly ResultColumn[], pending: PendingPage<Row>): (row: Row) => Truncation | null {
    const { limits, folder } = this.#task;
    const numeric = columns.flatMap(({ type }, at) => (type === 'numeric' ? [at] : []));
    const writer = new ResultWriter(folder, pending, numeric);
    this.#columns = columns;
    this.#writer = writer;
    return (row) => {
      if (this.#added >= limits.rows) return 'rows';
      if (writer.bytes >= limits.bytes) return 'bytes';
      this.#firstAt ??= performance.now();
      writer.add(row);
      this.#added++;
      if (this.#isHeadSent) return this.#isLate() ? 'deadline' : null;
      if (this.#added >= FIRST_ROWS) this.#sendHead();
      else this.report();
      return null;
    };
  }

  /** The clock is asked now and then: it costs as much as a row. */
  #isLate(): boolean {
    return (this.#added & 63) === 0 && performance.now() - this.#startedAt > this.#task.limits.deadlineMs;
  }

  #sendHead(): void {
    this.#isHeadSent = true;
    this.#writer?.flush();
    const head = { columns: this.#columns, firstRows: this.#readFirst() };
    this.#report({ rows: this.#added, bytes: this.#writer?.bytes ?? 0, head });
    this.#reportedAt = performance.now();
  }

  /** All that are there: whatever they came as, pages are read in one way. */
  #readFirst(): QueryCell[][] {
    const reader = new ResultReader(this.#task.folder);
    try {
      reader.refresh();
      return Array.from({ length: reader.pages }, (_, page) => reader.page(page).toRows().map(toCells)).flat();
    } finally {
      reader.close();
    }
  }

  report(): void {
    const now = performance.now();
    if (!this.#isHeadSent) {
      if (this.#firstAt !== null && now - this.#firstAt > HEAD_MS) this.#sendHead();
    } else if (now - this.#reportedAt > REPORT_MS) {
      this.#reportedAt = now;
      this.#report({ rows: this.#added, bytes: this.#writer?.bytes ?? 0 });
    }
  }

  finish(): Omit<Answer<'run'>, 'truncatedBy' | 'notes'> {
    if (!this.#isHeadSent) this.#sendHead();
    this.close();
    const firstRowMs = this.#firstAt === null ? null : this.#firstAt - this.#startedAt;
    return { rows: this.#added, bytes: this.#writer?.bytes ?? 0, firstRowMs };
  }

  close(): void {
    this.#writer?.close();
  }
}
