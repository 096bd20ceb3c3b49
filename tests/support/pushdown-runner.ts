import Database from 'better-sqlite3';
import { Client } from 'pg';
import {
  parseAnalysis,
  parseSelection,
  type Analysis,
  type AnalysisDocument,
  type AnalysisType,
  type Mapping,
} from '../../protocol/index.ts';
import type { AnswerBody } from '../../worker/compute/compute-module.ts';
import type { PushdownContext } from '../../worker/pushdown/pushdown-context.ts';
import { getActorSql } from '../../worker/pushdown/actor-sql.ts';
import { pushDown } from '../../worker/pushdown/pushdown.ts';
import type { ResultRow } from '../../worker/pushdown/question.ts';
import { asMs, contextOf } from './pushed-down.ts';
import type { LogEvent } from './timelines.ts';

/** A log as a table of a real database, to be asked by the SQL of an analysis. */
export interface PushdownLog {
  readonly context: (analysis: Analysis) => PushdownContext;
  /** Rows of a statement with its values bound. */
  readonly rows: (text: string, params: readonly string[]) => Promise<readonly ResultRow[]>;
  /** Drops the table. */
  readonly close: () => Promise<void>;
}
export interface PushdownRunner {
  readonly name: 'sqlite' | 'postgres';
  readonly open: (log: readonly LogEvent[]) => Promise<PushdownLog>;
  readonly close: () => Promise<void>;
}
export type PushdownAnswer<T extends AnalysisType = AnalysisType> =
  | { readonly body: AnswerBody<T>; readonly sql: string }
  | { readonly reason: string };

/** By the bound statement, and by the readable text once more: both must say the same. */
export async function answerByPushdown(log: PushdownLog, document: AnalysisDocument): Promise<PushdownAnswer> {
  const analysis = parseAnalysis(document);
  const pushed = pushDown(analysis, log.context(analysis));
  if ('reason' in pushed) return pushed;
  try {
    const body = pushed.read(await log.rows(pushed.statement.text, pushed.statement.params));
    const again = pushed.read(await log.rows(pushed.readable, []));
    if (JSON.stringify(again) !== JSON.stringify(body)) throw new Error('the readable SQL gives another answer');
    return { body, sql: pushed.readable };
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${pushed.readable}`, { cause: error });
  }
}

/** Ids in the order of the statement; a reason where there is none. */
export async function actorsByPushdown(
  log: PushdownLog,
  document: AnalysisDocument,
  selection: unknown,
): Promise<readonly string[] | { readonly reason: string }> {
  const analysis = parseAnalysis(document);
  const pushed = getActorSql(analysis, parseSelection(analysis.type, selection), log.context(analysis));
  if ('reason' in pushed) return pushed;
  try {
    return (await log.rows(pushed.statement.text, pushed.statement.params)).map((row) =>
      String(row['actor'] as string),
    );
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${pushed.readable}`, { cause: error });
  }
}

const mappingOf = (table: string): Mapping => ({
  table,
  actor: 'actor',
  event: { column: 'event' },
  time: { column: 'time', format: 'milliseconds' },
  recordedAt: { column: 'recorded', format: 'milliseconds' },
  properties: [],
  json: 'props',
});

export function createSqliteRunner(): PushdownRunner {
  return { name: 'sqlite', open: (log) => Promise.resolve(openSqlite(log)), close: () => Promise.resolve() };
}

const SQLITE_COLUMNS = { actor: 'TEXT', event: 'TEXT', time: 'INTEGER', recorded: 'INTEGER', props: 'TEXT' } as const;

function openSqlite(log: readonly LogEvent[]): PushdownLog {
  const db = new Database(':memory:');
  db.exec('CREATE TABLE events (actor TEXT, event TEXT, time INTEGER, recorded INTEGER, props TEXT)');
  const insert = db.prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?)');
  for (const e of log) insert.run(e.actor, e.event, asMs(e.time), e.recordedAt ?? null, JSON.stringify(e.props ?? {}));
  const columns = Object.entries(SQLITE_COLUMNS).map(([name, type]) => ({ name, type }));
  const source = { dialect: 'sqlite', schema: null, mapping: mappingOf('events'), columns, arrival: 'rowid' } as const;
  return {
    context: (analysis) => contextOf(log, analysis, source),
    rows: (text, params) => {
      const statement = db.prepare(text);
      if (!statement.readonly) throw new Error('the statement does not only read');
      return Promise.resolve(statement.all(...params) as ResultRow[]);
    },
    close: () => {
      db.close();
      return Promise.resolve();
    },
  };
}

const POSTGRES_COLUMNS = [
  { name: 'seq', type: 'bigint' },
  { name: 'actor', type: 'text' },
  { name: 'event', type: 'text' },
  { name: 'time', type: 'timestamp(3) with time zone' },
  { name: 'recorded', type: 'timestamp(3) with time zone' },
  { name: 'props', type: 'jsonb' },
];

/** One connection for all logs; statements run in read-only transactions. */
export async function createPostgresRunner(url: string): Promise<PushdownRunner> {
  const client = new Client({ connectionString: url });
  await client.connect();
  let tables = 0;
  return {
    name: 'postgres',
    open: async (log) => openPostgres(client, `log_${++tables}`, log),
    close: () => client.end(),
  };
}

async function openPostgres(client: Client, table: string, log: readonly LogEvent[]): Promise<PushdownLog> {
  const list = POSTGRES_COLUMNS.map(({ name, type }) => `${name} ${type}`).join(', ');
  await client.query(`CREATE TABLE ${table} (${list})`);
  const rows = log.map((e, seq) => ({
    seq,
    actor: e.actor,
    event: e.event,
    props: e.props ?? {},
    time: new Date(asMs(e.time)).toISOString(),
    recorded: e.recordedAt === undefined ? null : new Date(e.recordedAt).toISOString(),
  }));
  await client.query(`INSERT INTO ${table} SELECT * FROM jsonb_to_recordset($1::jsonb) AS t(${list})`, [
    JSON.stringify(rows),
  ]);
  const model = { dialect: 'postgres', schema: 'public', mapping: mappingOf(table), arrival: 'seq' } as const;
  const source = { ...model, columns: POSTGRES_COLUMNS };
  return {
    context: (analysis) => contextOf(log, analysis, source),
    rows: async (text, params) => {
      await client.query('BEGIN READ ONLY');
      try {
        return (await client.query(text, [...params])).rows as ResultRow[];
      } finally {
        await client.query('ROLLBACK');
      }
    },
    close: async () => {
      await client.query(`DROP TABLE ${table}`);
    },
  };
}
