import { FIRST_ROWS, type ResultColumn, type Truncation } from '../../protocol/query-result.ts';
import type { Answer, Argument, TaskEvent } from './messages.ts';
import { toCells } from './result/cells.ts';
import type { Value } from './result/page.ts';
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
  #writer: ResultWriter | null = null;
  #columns: readonly ResultColumn[] = [];
  #first: (readonly Value[])[] = [];
  #firstAt: number | null = null;
  #isHeadSent = false;
  #reportedAt = 0;
  #added = 0;

  constructor(task: Argument<'run'>, report: (event: TaskEvent) => void) {
    this.#task = task;
    this.#report = report;
  }

  start(columns: readonly ResultColumn[]): void {
    this.#columns = columns;
    const numeric = columns.flatMap(({ type }, at) => (type === 'numeric' ? [at] : []));
    this.#writer = new ResultWriter(this.#task.folder, columns.length, numeric);
  }

  add(row: readonly Value[]): Truncation | null {
    const { limits } = this.#task;
    const writer = this.#writer;
    if (writer === null) throw new Error('a row came before its columns');
    if (this.#added >= limits.rows) return 'rows';
    if (writer.bytes >= limits.bytes) return 'bytes';
    this.#firstAt ??= performance.now();
    writer.add(row);
    this.#added++;
    if (this.#isHeadSent) return this.#isLate() ? 'deadline' : null;
    this.#first.push(row);
    const isEnough = this.#first.length >= FIRST_ROWS || performance.now() - this.#firstAt > HEAD_MS;
    if (isEnough) this.#sendHead();
    return null;
  }

  /** The clock is asked now and then: it costs as much as a row. */
  #isLate(): boolean {
    return (this.#added & 63) === 0 && performance.now() - this.#startedAt > this.#task.limits.deadlineMs;
  }

  #sendHead(): void {
    this.#isHeadSent = true;
    this.#writer?.flush();
    const head = { columns: this.#columns, firstRows: this.#first.map(toCells) };
    this.#report({ rows: this.#added, bytes: this.#writer?.bytes ?? 0, head });
    this.#first = [];
    this.#reportedAt = performance.now();
  }

  async breathe(): Promise<void> {
    if (!this.#isHeadSent && this.#first.length > 0) this.#sendHead();
    if (this.#isHeadSent && performance.now() - this.#reportedAt > REPORT_MS) {
      this.#reportedAt = performance.now();
      this.#report({ rows: this.#added, bytes: this.#writer?.bytes ?? 0 });
    }
    await new Promise((resolve) => setImmediate(resolve));
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
