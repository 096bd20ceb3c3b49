import { once } from 'node:events';
import Cursor from 'pg-cursor';
import type { Client } from 'pg';
import { EngineError } from '../../../protocol/errors.ts';
import type { PostgresRef } from '../../../protocol/source.ts';
import { mapPostgresError } from '../../connection/map-error.ts';
import { runChecks } from '../quality.ts';
import type { Value } from '../result/page.ts';
import type { RowSink, RunEnd, RunStatement, SqlSession, Statement } from '../sql-session.ts';
import { numberParameters, onlyStatement, pickParameters } from '../statements.ts';
import { checkPostgres } from './check-postgres.ts';
import { describeColumns, EXACT_TYPES } from './column-values.ts';
import { loadParser, requireReading } from './guard-postgres.ts';
import { estimatePlan, toSqlPlan, type RawPlan } from './plan-postgres.ts';
import { proveReadOnly } from './prove-read-only.ts';
import { ReadOnlySession } from './read-only-session.ts';
import { readSchema } from './schema-postgres.ts';
import { readVocabulary } from './vocabulary-postgres.ts';

/** The first rows are asked for alone, so that they are here soon. */
const FIRST_BATCH = 200;
const BATCH = 1_000;
const PLAN_MS = 10_000;

interface Prepared {
  readonly text: string;
  readonly values: readonly unknown[];
  readonly kind: 'select' | 'explain' | 'show';
}

/** A server, in this process: one connection, and the guard in front of it. */
export class PostgresSession implements SqlSession {
  readonly dialect = 'postgres';
  readonly #ref: PostgresRef;
  readonly #session: ReadOnlySession;

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
    // A line that has gone answers nothing: whatever waits for it waits for its end too.
    const line = new AbortController();
    const gone = once(client, 'end', { signal: line.signal }).then(
      () => undefined,
      () => undefined,
    );
    const cursor = client.query(new Cursor<Value[]>(text, [...values], { rowMode: 'array', types: EXACT_TYPES }));
    try {
      return { truncatedBy: await this.#drain(client, cursor, sink), notes: notices };
    } finally {
      client.off('notice', listen);
      await Promise.race([cursor.close().catch(() => undefined), gone]);
      line.abort();
    }
  }

  async #drain(client: Client, cursor: Cursor<Value[]>, sink: RowSink): Promise<RunEnd['truncatedBy']> {
    for (let size = FIRST_BATCH; ; size = BATCH) {
      const rows = await cursor.read(size);
      if (size === FIRST_BATCH) sink.start(describeColumns(fieldsOf(cursor)));
      for (const row of rows) {
        const truncatedBy = sink.add(row);
        if (truncatedBy !== null) return truncatedBy;
      }
      await sink.breathe();
      if (rows.length < size) return null;
      if (!client.listenerCount('end')) throw mapPostgresError(new Error('Connection terminated'));
    }
  }

  cancel(): Promise<void> {
    return this.#session.cancel();
  }

  close(): Promise<void> {
    return this.#session.close();
  }
}

interface Field {
  readonly name: string;
  readonly dataTypeID: number;
}
/** `pg-cursor` has the description of the columns from its first answer on, and shows it to callbacks alone. */
function fieldsOf(cursor: Cursor<Value[]>): readonly Field[] {
  const { _result: result } = cursor as unknown as { readonly _result?: { readonly fields?: readonly Field[] } };
  return result?.fields ?? [];
}

/** Through the guard: the only way from a typed text to the server. */
function prepare({ sql, params }: Statement): Prepared {
  const { from, to } = onlyStatement(sql, 'postgres');
  const { text, names } = numberParameters(sql.slice(from, to));
  return { text, kind: requireReading(text), values: pickParameters(names, params) };
}

const withoutExplain = (sql: string): string =>
  sql.replace(/^\s*explain\s+(?:\([^)]*\)\s*|(?:analyze|verbose)\s+)*/i, '');
