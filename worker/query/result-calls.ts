import { createHash } from 'node:crypto';
import path from 'node:path';
import type { z } from 'zod';
import { EngineError } from '../../protocol/errors.ts';
import type { ColumnStats, ExportedFile, KeptTable, QueryCell, RowsPage } from '../../protocol/query-result.ts';
import type {
  CellRequestSchema,
  ExportRequestSchema,
  KeepTableRequestSchema,
  OnQueryProgress,
  QueryProgress,
  RowsRequestSchema,
  StatsRequestSchema,
} from '../../protocol/query.ts';
import { replaceFile } from '../files/atomic-write.ts';
import type { KeptResult, KeptResults } from './kept-results.ts';
import type { Answer, Argument, TaskEvent, TaskName } from './messages.ts';
import type { ProcessPool } from './process-pool.ts';
import { cancelled, type TaskOptions } from './query-process.ts';

/** The session, so to speak, of processes that read results: they open no database. */
export const RESULTS = '(results)';

const MEMORY_BYTES = 1_000_000_000;
/** Of all local tables together: as much as one result may have. */
const TABLES_BYTES = 8_000_000_000;
interface Order {
  readonly sort: z.output<typeof RowsRequestSchema>['sort'];
  readonly filter: z.output<typeof RowsRequestSchema>['filter'];
}

/** What is asked of results: each in a process of its own, so that an export holds no page up. */
export class ResultCalls {
  readonly #pool: ProcessPool;
  readonly #results: KeptResults;
  readonly #running: Map<string, () => void>;

  constructor(pool: ProcessPool, results: KeptResults, running: Map<string, () => void>) {
    this.#pool = pool;
    this.#results = results;
    this.#running = running;
  }

  async rows(request: z.output<typeof RowsRequestSchema>, onProgress: OnQueryProgress | undefined): Promise<RowsPage> {
    const { queryId, offset, limit } = request;
    const result = this.#results.get(request.resultId);
    // Before the page is read: what is complete now may have grown until then, never the other way round.
    const complete = result.isComplete;
    const view = await this.#view(queryId, result, request, onProgress);
    const page = await this.ask(queryId, 'rows', { folder: result.folder, view, offset, limit });
    return { ...page, complete };
  }

  async stats({
    queryId,
    resultId,
    column,
    buckets,
    filter,
  }: z.output<typeof StatsRequestSchema>): Promise<ColumnStats> {
    const result = this.#results.get(resultId);
    checkColumn(result, column);
    const view = await this.#view(queryId, result, { sort: [], filter }, undefined);
    return this.ask(queryId, 'stats', { folder: result.folder, view, column, buckets });
  }

  cell({ queryId, resultId, row, column }: z.output<typeof CellRequestSchema>): Promise<QueryCell> {
    const result = this.#results.get(resultId);
    checkColumn(result, column);
    return this.ask(queryId, 'cell', { folder: result.folder, row, column });
  }

  async export(
    request: z.output<typeof ExportRequestSchema>,
    onProgress: OnQueryProgress | undefined,
  ): Promise<ExportedFile> {
    const { queryId, format, spreadsheetSafe, table } = request;
    if (!path.isAbsolute(request.path))
      throw new EngineError('E_USAGE', 'The place of an export is not absolute.', { hint: 'Give the whole path.' });
    const result = this.#results.get(request.resultId);
    const view = await this.#view(queryId, result, request, onProgress);
    const { folder, columns, dialect } = result;
    const isGrowing = !result.isComplete && view === null && format === 'csv';
    const onEvent = tell(queryId, 'exporting', onProgress);
    const written = await replaceFile(request.path, (temporary) =>
      this.ask(
        queryId,
        'export',
        { folder, view, columns, dialect, format, spreadsheetSafe, table, isGrowing, path: temporary },
        { onEvent },
      ),
    );
    return { ...written, path: request.path };
  }

  async keepTable(
    request: z.output<typeof KeepTableRequestSchema>,
    file: string,
    onProgress: OnQueryProgress | undefined,
  ): Promise<KeptTable> {
    const { queryId, name, replace, actors } = request;
    const result = this.#results.get(request.resultId);
    if (actors !== undefined) checkColumn(result, actors);
    if (!result.isComplete)
      throw new EngineError('E_BUSY', 'Rows of this result still come.', {
        hint: 'Keep it when all of them are there.',
      });
    const view = await this.#view(queryId, result, request, onProgress);
    const { folder, columns } = result;
    const task = { folder, view, columns, file, name, replace, actors, maxBytes: TABLES_BYTES };
    return this.ask(queryId, 'keepTable', task, { onEvent: tell(queryId, 'exporting', onProgress) });
  }

  /** The file of row numbers in this order; null = as they came. Made once for each order of a complete result. */
  async #view(
    queryId: string,
    result: KeptResult,
    { sort, filter }: Order,
    onProgress: OnQueryProgress | undefined,
  ): Promise<string | null> {
    if (sort.length === 0 && filter.length === 0) return null;
    for (const { column } of [...sort, ...filter]) checkColumn(result, column);
    const hash = createHash('sha256')
      .update(JSON.stringify([sort, filter]))
      .digest('hex')
      .slice(0, 24);
    const known = result.views.get(hash);
    if (known !== undefined) return known;
    const file = path.join(result.folder, `view-${hash}${result.isComplete ? '' : `-${Date.now()}`}.bin`);
    const onEvent = tell(queryId, 'sorting', onProgress);
    const making = this.ask(queryId, 'view', { folder: result.folder, sort, filter, file }, { onEvent }).then(
      () => file,
    );
    if (result.isComplete) {
      result.views.set(hash, making);
      making.catch(() => result.views.delete(hash));
    }
    return making;
  }

  async ask<T extends TaskName>(
    queryId: string,
    name: T,
    argument: Argument<T>,
    options: TaskOptions = {},
  ): Promise<Answer<T>> {
    const process = this.#pool.lease(RESULTS);
    process.sessionId = RESULTS;
    this.#running.set(queryId, () => process.kill(cancelled()));
    try {
      return await process.run(name, argument, queryId, { memoryBytes: MEMORY_BYTES, ...options });
    } finally {
      this.#running.delete(queryId);
      this.#pool.giveBack(process);
    }
  }
}

function checkColumn({ columns }: KeptResult, column: number): void {
  if (column < columns.length) return;
  throw new EngineError('E_NO_SUCH_COLUMN', `This result has no column ${column + 1}.`, {
    hint: `It has ${columns.length}.`,
  });
}

function tell(queryId: string, phase: QueryProgress['phase'], onProgress: OnQueryProgress | undefined) {
  const startedAt = performance.now();
  return ({ rows, bytes, totalRows }: TaskEvent): void =>
    onProgress?.({
      queryId,
      phase,
      rows,
      bytes,
      totalRows: totalRows ?? null,
      elapsedMs: performance.now() - startedAt,
    });
}
