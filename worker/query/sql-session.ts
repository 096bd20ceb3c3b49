import type { ResultColumn, Truncation } from '../../protocol/query-result.ts';
import type {
  Dialect,
  Estimate,
  QualityCheck,
  QuerySession,
  SchemaInfo,
  SqlCheck,
  SqlPlan,
  SqlVocabulary,
} from '../../protocol/query-schema.ts';
import type { QueryLimits, QueryParams } from '../../protocol/query.ts';
import type { PendingPage } from './result/page.ts';

export interface Statement {
  readonly sql: string;
  readonly params: QueryParams;
}
export interface RunStatement extends Statement {
  readonly limits: QueryLimits;
  readonly confirmedScan: boolean;
}

export interface RowSink {
  /** Once, before the first row. What takes the rows answers why no more are wanted, or null. */
  readonly start: <Row>(columns: readonly ResultColumn[], pending: PendingPage<Row>) => (row: Row) => Truncation | null;
  /** Now and then: tells how far it is. */
  readonly report: () => void;
}
export interface RunEnd {
  readonly truncatedBy: Truncation | null;
  readonly notes: readonly string[];
}

/** An open database as its query process sees it: everything behind the guard of its dialect. Throws EngineError. */
export interface SqlSession {
  readonly dialect: Dialect;
  describe(): Promise<Omit<QuerySession, 'sessionId' | 'name'>>;
  check(sql: string): Promise<SqlCheck>;
  schema(): Promise<SchemaInfo>;
  vocabulary(): Promise<SqlVocabulary>;
  quality(): Promise<readonly QualityCheck[]>;
  estimate(statement: Statement): Promise<Estimate>;
  explain(statement: RunStatement, analyze: boolean): Promise<SqlPlan>;
  run(statement: RunStatement, sink: RowSink): Promise<RunEnd>;
  /** Asks the server to give up what runs; files have nothing to ask. */
  cancel(): Promise<void>;
  close(): Promise<void>;
}
