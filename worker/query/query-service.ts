import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { QuerySession } from '../../protocol/query-schema.ts';
import {
  CellRequestSchema,
  CheckRequestSchema,
  ConnectRequestSchema,
  ExplainRequestSchema,
  ExportRequestSchema,
  KeepTableRequestSchema,
  RowsRequestSchema,
  RunQueryRequestSchema,
  SessionRequestSchema,
  StatementRequestSchema,
  StatsRequestSchema,
  TableRequestSchema,
  TablesRequestSchema,
  type QueryApi,
  type QueryStatus,
} from '../../protocol/query.ts';
import type { PlaceKeeper } from '../connection/session-budget.ts';
import { answerCall } from './answer-call.ts';
import { KeptResults } from './kept-results.ts';
import { ProcessPool } from './process-pool.ts';
import type { ProcessLink } from './query-process.ts';
import { RESULTS, ResultCalls } from './result-calls.ts';
import { runQuery } from './run-query.ts';
import { scratchFile } from './scratch/scratch-file.ts';
import { Sessions } from './sessions.ts';

export interface QueryServiceOptions {
  /** Local tables stay in it; results and private copies are in a private folder of it, which `stop` removes. */
  readonly dataDir: string;
  readonly startProcess: (folder: string) => ProcessLink;
  /** Counts connections to servers; default: this process, with all that runs in it. */
  readonly places?: PlaceKeeper;
}
export type QueryService = QueryApi & {
  /** Ends its processes and deletes what they wrote. */
  stop(): Promise<void>;
};

/** What no request limits, ms: metadata of a huge server takes seconds, never minutes. */
const METADATA_MS = 60_000;
const CHECK_MS = 5_000;
const METADATA = { killAfterMs: METADATA_MS, memoryBytes: 1_000_000_000 } as const;

/**
 * Start here. Ad-hoc SQL as its supervisor: it touches no database and reads no row, it only starts, watches and kills the
 * processes that do. The way of a statement: `run` → a process that has the session open (sessions.ts) → the guard of its
 * dialect → files (result/) → pages, read by another process.
 */
export function createQueryService(options: QueryServiceOptions): QueryService {
  mkdirSync(options.dataDir, { recursive: true, mode: 0o700 });
  const folder = mkdtempSync(path.join(options.dataDir, `scratch-${process.pid}-query-`));
  const pool = new ProcessPool(options.startProcess, folder, options.places);
  const results = new KeptResults(folder);
  const sessions = new Sessions(pool, options.dataDir, folder);
  const calls = new ResultCalls(pool, results, sessions.running);
  const ask = sessions.ask.bind(sessions);
  const file = scratchFile(options.dataDir);

  return {
    connect: (input) => answerCall(ConnectRequestSchema, input, (request) => sessions.connect(request)),
    disconnect: (sessionId) =>
      answerCall(z.string(), sessionId, (id) => Promise.resolve(sessions.disconnect(id)).then(() => null)),
    check: (input) =>
      answerCall(CheckRequestSchema, input, ({ sql, ...at }) => ask(at, 'check', { sql }, { killAfterMs: CHECK_MS })),
    schema: (input) => answerCall(SessionRequestSchema, input, (at) => ask(at, 'schema', null, METADATA)),
    vocabulary: (input) => answerCall(SessionRequestSchema, input, (at) => ask(at, 'vocabulary', null, METADATA)),
    quality: (input) => answerCall(SessionRequestSchema, input, (at) => ask(at, 'quality', null, METADATA)),
    estimate: (input) =>
      answerCall(StatementRequestSchema, input, ({ sql, params, ...at }) =>
        ask(at, 'estimate', { sql, params }, METADATA),
      ),
    explain: (input) =>
      answerCall(ExplainRequestSchema, input, ({ queryId, sessionId, ...task }) =>
        ask(
          { queryId, sessionId },
          'explain',
          { ...task, confirmedScan: true },
          {
            killAfterMs: task.limits.deadlineMs,
            memoryBytes: task.limits.memoryBytes,
          },
        ),
      ),
    run: (input, onProgress) =>
      answerCall(RunQueryRequestSchema, input, (request) => runQuery(request, sessions, results, onProgress)),
    rows: (input, onProgress) => answerCall(RowsRequestSchema, input, (request) => calls.rows(request, onProgress)),
    stats: (input) => answerCall(StatsRequestSchema, input, (request) => calls.stats(request)),
    cell: (input) => answerCall(CellRequestSchema, input, (request) => calls.cell(request)),
    export: (input, onProgress) =>
      answerCall(ExportRequestSchema, input, (request) => calls.export(request, onProgress)),
    keepTable: (input, onProgress) =>
      answerCall(KeepTableRequestSchema, input, (request) => calls.keepTable(request, file, onProgress)),
    listTables: (input) =>
      answerCall(TablesRequestSchema, input, ({ queryId }) => calls.ask(queryId, 'tables', { file })),
    dropTable: (input) =>
      answerCall(TableRequestSchema, input, ({ queryId, name }) => calls.ask(queryId, 'dropTable', { file, name })),
    restoreTable: (input) =>
      answerCall(TableRequestSchema, input, ({ queryId, name }) => calls.ask(queryId, 'restoreTable', { file, name })),
    cancel: (queryId) => answerCall(z.string(), queryId, (id) => Promise.resolve(sessions.cancel(id))),
    release: (resultId) =>
      answerCall(z.string(), resultId, (id) => {
        results.drop(results.get(id));
        return Promise.resolve(null);
      }),
    status: () =>
      answerCall(z.undefined(), undefined, () => Promise.resolve(getStatus(pool, sessions.list(), results, sessions))),
    stop: async () => {
      await pool.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function getStatus(
  pool: ProcessPool,
  open: readonly QuerySession[],
  results: KeptResults,
  { running }: Sessions,
): QueryStatus {
  const processes = pool.processes.map((process) => {
    const { pid, queryId, sessionId, memoryBytes } = process;
    const idle = sessionId === null ? 'spare' : 'idle';
    const role = sessionId === RESULTS ? 'results' : process.isBusy ? 'busy' : idle;
    return { pid, queryId, memoryBytes: memoryBytes ?? 0, role } as const;
  });
  return {
    processes,
    spareReady: pool.spareReady,
    sessions: open,
    running: [...running.keys()],
    results: results.count,
    resultBytes: results.bytes,
  };
}
