import { EngineError } from '../../protocol/errors.ts';
import type { QueryResult, ResultHead, Truncation } from '../../protocol/query-result.ts';
import type { OnQueryProgress, RunQueryRequestSchema } from '../../protocol/query.ts';
import type { z } from 'zod';
import type { KeptResult, KeptResults } from './kept-results.ts';
import type { RunAnswer, TaskEvent } from './messages.ts';
import { ResultReader } from './result/result-reader.ts';
import type { Sessions } from './sessions.ts';

type Request = z.output<typeof RunQueryRequestSchema>;
/** A statement that comes back in time says itself that it was cut short, and keeps its last rows. */
const KILL_GRACE_MS = 60;

/** One run, from the process that does it to the result that is kept. */
export async function runQuery(
  request: Request,
  sessions: Sessions,
  results: KeptResults,
  onProgress: OnQueryProgress | undefined,
): Promise<QueryResult> {
  const { info } = sessions.get(request.sessionId);
  const result = results.plan(info.dialect);
  const run = new Run(request, result, results, onProgress);
  try {
    const { sql, params, limits, confirmedScan } = request;
    const task = { sql, params, limits, confirmedScan, folder: result.folder };
    const answer = await sessions.inSession(request, (process) =>
      process.run('run', task, request.queryId, {
        onEvent: (event) => run.receive(event),
        memoryBytes: limits.memoryBytes,
        killAfterMs: limits.deadlineMs + KILL_GRACE_MS,
      }),
    );
    return run.finish(answer);
  } catch (thrown) {
    return run.fail(thrown);
  }
}

class Run {
  readonly #request: Request;
  readonly #result: KeptResult;
  readonly #results: KeptResults;
  readonly #onProgress: OnQueryProgress | undefined;
  readonly #startedAt = performance.now();
  #firstRowMs: number | null = null;
  #head: ResultHead | null = null;

  constructor(request: Request, result: KeptResult, results: KeptResults, onProgress: OnQueryProgress | undefined) {
    this.#request = request;
    this.#result = result;
    this.#results = results;
    this.#onProgress = onProgress;
  }

  receive({ rows, bytes, head }: TaskEvent): void {
    if (head !== undefined) {
      this.#firstRowMs = performance.now() - this.#startedAt;
      this.#result.columns = head.columns;
      this.#results.keep(this.#result);
      this.#head = { ...head, resultId: this.#result.resultId };
    }
    this.#send({ rows, bytes, ...(head === undefined || this.#head === null ? {} : { result: this.#head }) });
  }

  #send(part: { readonly rows: number; readonly bytes: number; readonly result?: ResultHead }): void {
    const { queryId } = this.#request;
    const elapsedMs = performance.now() - this.#startedAt;
    this.#onProgress?.({ queryId, phase: 'receiving', totalRows: null, elapsedMs, ...part });
  }

  finish(answer: RunAnswer): QueryResult {
    const { rows, bytes, truncatedBy, notes } = answer;
    return this.#close(rows, bytes, truncatedBy, notes);
  }

  /** Rows that came before a deadline or a cancel are kept; those of a statement that failed are not. */
  fail(thrown: unknown): QueryResult {
    const code = thrown instanceof EngineError ? thrown.code : null;
    if (this.#head !== null && code === 'E_CANCELLED') {
      this.#results.complete(this.#result);
      throw thrown;
    }
    if (this.#head !== null && code === 'E_DEADLINE') {
      const reader = new ResultReader(this.#result.folder);
      reader.refresh();
      const { rows, bytes } = reader;
      reader.close();
      return this.#close(rows, bytes, 'deadline', []);
    }
    this.#results.drop(this.#result);
    throw thrown;
  }

  #close(rows: number, bytes: number, truncatedBy: Truncation | null, notes: readonly string[]): QueryResult {
    this.#results.complete(this.#result);
    if (this.#head === null) throw new Error('a result came without its columns');
    return {
      ...this.#head,
      rows,
      bytes,
      complete: truncatedBy === null,
      truncatedBy,
      firstRowMs: rows === 0 ? null : this.#firstRowMs,
      elapsedMs: performance.now() - this.#startedAt,
      notes,
    };
  }
}
