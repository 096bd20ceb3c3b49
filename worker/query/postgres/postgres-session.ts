import type { Client } from 'pg';
import { EngineError } from '../../../protocol/errors.ts';
import type { PostgresRef } from '../../../protocol/source.ts';
import { runChecks } from '../quality.ts';
import type { RowSink, RunEnd, RunStatement, SqlSession, Statement } from '../sql-session.ts';
import { findUnnamed, numberParameters, onlyStatement, pickParameters, unnamedError } from '../statements.ts';
import { checkPostgres } from './check-postgres.ts';
import { describeColumns } from './column-values.ts';
import { loadParser, requireReading } from './guard-postgres.ts';
import { estimatePlan, toSqlPlan, type RawPlan } from './plan-postgres.ts';
import { proveReadOnly } from './prove-read-only.ts';
import { MAX_MESSAGE_BYTES, ReadOnlySession } from './read-only-session.ts';
import { RowStream } from './row-stream.ts';
import { readSchema } from './schema-postgres.ts';
import { readVocabulary } from './vocabulary-postgres.ts';
import { WirePage } from './wire-page.ts';

/** How often a run lets messages out. */
const REPORT_MS = 20;
const PLAN_MS = 10_000;

interface Prepared {
  readonly text: string;
  readonly values: readonly (null | boolean | number | string)[];
  readonly kind: 'select' | 'explain' | 'show';
}

/** A server, in this process: one connection, and the guard in front of it. */
export class PostgresSession implements SqlSession {
  readonly dialect = 'postgres';
  readonly #ref: PostgresRef;
  readonly #session: ReadOnlySession;
  /** Of the statement that runs. */
  #rows: RowStream | null = null;

  private constructor(ref: PostgresRef, password: string | undefined) {
    this.#ref = ref;
    this.#session = new ReadOnlySession(ref, password);
  }

  static async open(ref: PostgresRef, password: string | undefined): Promise<PostgresSession> {
    const session = new PostgresSession(ref, password);
    await Promise.all([loadParser(), session.#session.client()]);
    return session;
  }

  async describe() {
    const readOnly = await proveReadOnly(this.#session);
    const [row] = await this.#session.rows<{ server_version: string }>('SHOW server_version');
    const server = `PostgreSQL ${row?.server_version ?? ''}`;
    return { dialect: this.dialect, server, readOnly } as const;
  }

  check(sql: string) {
    return checkPostgres(sql, this.#session);
  }

  schema() {
    return readSchema(this.#session, this.#ref.target.schema);
  }

  async vocabulary() {
    return readVocabulary(this.#session, await this.schema());
  }

  async quality() {
    return runChecks(await this.schema(), async (sql) => {
      const [row] = await this.#session.rows<Record<string, unknown>>(sql, [], 60_000);
      return Object.values(row ?? {}).map(Number);
    });
  }

  async estimate(statement: Statement) {
    const prepared = prepare(statement);
    return estimatePlan(this.#session, prepared.kind === 'select' ? await this.#plan(prepared, '') : null);
  }

  async explain(statement: RunStatement, analyze: boolean) {
    const prepared = prepare({ ...statement, sql: withoutExplain(statement.sql) });
    if (prepared.kind !== 'select')
      throw new EngineError('E_UNSUPPORTED', 'This statement has no plan.', { hint: 'Explain a SELECT.' });
    const options = analyze ? ', ANALYZE, BUFFERS' : '';
    const plan = await this.#plan(prepared, options, analyze ? statement.limits.deadlineMs : PLAN_MS);
    return toSqlPlan(this.#session, plan, analyze);
  }

  async #plan({ text, values }: Prepared, options: string, statementMs = PLAN_MS): Promise<RawPlan> {
    const sql = `EXPLAIN (FORMAT JSON${options}) ${text}`;
    const [row] = await this.#session.rows<{ 'QUERY PLAN': RawPlan[] }>(sql, values, statementMs);
    const [plan] = row?.['QUERY PLAN'] ?? [];
    if (plan === undefined) throw new Error('the server gave no plan');
    return plan;
  }

  async run(statement: RunStatement, sink: RowSink): Promise<RunEnd> {
    const prepared = prepare(statement);
    if (!statement.confirmedScan && prepared.kind === 'select') await this.#refuseUnbounded(prepared);
    const { deadlineMs } = statement.limits;
    return this.#session.read({ statementMs: deadlineMs }, (client) => this.#fetch(client, prepared, sink));
  }

  async #refuseUnbounded(prepared: Prepared): Promise<void> {
    const estimate = await estimatePlan(this.#session, await this.#plan(prepared, ''));
    if (!estimate.unboundedScan) return;
    throw new EngineError('E_REFUSED', `Nothing bounds this scan. ${estimate.text}`, {
      hint: 'Bound it, for example by ts, or confirm that it is meant.',
    });
  }

  async #fetch(client: Client, { text, values }: Prepared, sink: RowSink): Promise<RunEnd> {
    const notices: string[] = [];
    const listen = ({ message }: { message?: string | undefined }): void => {
      if (notices.length < 20 && message !== undefined) notices.push(message.slice(0, 500));
    };
    client.on('notice', listen);
    const given = values.map((value) => (value === null ? null : String(value)));
    const rows = new RowStream(text, given, MAX_MESSAGE_BYTES, (fields) => {
      const columns = describeColumns(fields);
      return sink.start(columns, new WirePage(columns));
    });
    const reporting = setInterval(() => sink.report(), REPORT_MS);
    this.#rows = rows;
    try {
      return { truncatedBy: await rows.run(client, () => this.#session.cancel()), notes: notices };
    } finally {
      this.#rows = null;
      clearInterval(reporting);
      client.off('notice', listen);
    }
  }

  cancel(): Promise<void> {
    this.#rows?.drop();
    return this.#session.cancel();
  }

  close(): Promise<void> {
    return this.#session.close();
  }
}

/** Through the guard: the only way from a typed text to the server. */
function prepare({ sql, params }: Statement): Prepared {
  const { from, to } = onlyStatement(sql, 'postgres');
  const own = sql.slice(from, to);
  const { text, names } = numberParameters(own);
  const kind = requireReading(text);
  const unnamed = findUnnamed(own, 'postgres');
  if (unnamed !== null) throw unnamedError(own, unnamed);
  return { text, kind, values: pickParameters(names, params) };
}

const withoutExplain = (sql: string): string =>
  sql.replace(/^\s*explain\s+(?:\([^)]*\)\s*|(?:analyze|verbose)\s+)*/i, '');
