import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Reply } from '../../protocol/errors.ts';
import type { QueryResult } from '../../protocol/query-result.ts';
import type { RunQueryRequest } from '../../protocol/query.ts';
import type { SourceRef } from '../../protocol/source.ts';
import type { QueryService } from '../../worker/query/query-service.ts';
import { startQueries } from '../../worker/query/start-queries.ts';

export interface Guarded {
  readonly queries: QueryService;
  readonly sessionId: string;
  readonly run: (sql: string, more?: Partial<RunQueryRequest>) => Promise<Reply<QueryResult>>;
  /** Of the process that has the session open. */
  readonly pid: () => Promise<number>;
  readonly stop: () => Promise<void>;
}

/** Ad-hoc SQL as the product runs it: the real service, real processes. */
export async function openGuarded(ref: SourceRef, password?: string): Promise<Guarded> {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'tributary-guard-'));
  const queries = startQueries({ dataDir });
  const opened = await queries.connect({ queryId: 'connect', ref, ...(password === undefined ? {} : { password }) });
  if (!opened.ok) throw new Error(JSON.stringify(opened.error));
  const { sessionId } = opened.value;
  let next = 0;
  return {
    queries,
    sessionId,
    run: (sql, more = {}) => queries.run({ queryId: `run-${next++}`, sessionId, sql, ...more }),
    pid: async () => {
      const status = await queries.status();
      const found = status.ok && status.value.processes.find(({ role }) => role === 'idle' || role === 'busy');
      return found === false || found === undefined ? 0 : found.pid;
    },
    stop: async () => {
      await queries.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** 0.99 = the value that one in a hundred is above. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
