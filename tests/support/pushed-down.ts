import Database from 'better-sqlite3';
import { Client } from 'pg';
import { parseAnalysis, type Analysis, type AnalysisDocument, type Mapping } from '../../protocol/index.ts';
import { resolveContext } from '../../worker/compute/resolve-context.ts';
import { pushDown, type NotPushedDown, type PushedDown } from '../../worker/pushdown/pushdown.ts';
import type { PushdownContext } from '../../worker/pushdown/pushdown-context.ts';
import type { ResultRow } from '../../worker/pushdown/question.ts';
import type { LogEvent } from './timelines.ts';

/** What the SQL of an analysis answers on a log, or why there is none. */
export type SqlAnswer = { readonly body: unknown } | NotPushedDown;
/** A database with many logs in one table, each by its number. */
export interface SqlLogs {
  readonly dialect: 'sqlite' | 'postgres';
  /** Answers its number. */
  readonly add: (log: readonly LogEvent[]) => Promise<number>;
  readonly ask: (log: number, document: AnalysisDocument) => Promise<SqlAnswer>;
  readonly close: () => Promise<void>;
}

export const asMs = (time: string | number): number => (typeof time === 'number' ? time : Date.parse(time));

const mappingOf = (log: number): Mapping => ({
  table: 'logged',
  actor: 'actor',
  event: { column: 'event' },
  time: { column: 'at', format: 'milliseconds' },
  recordedAt: { column: 'recorded', format: 'milliseconds' },
  properties: [],
  json: 'props',
  filter: `log = ${log}`,
});

/** Of a log as the engine sees it with `actorFrom`: events without the property are not there. */
export function contextOf(
  log: readonly LogEvent[],
  analysis: Analysis,
  source: Pick<PushdownContext, 'dialect' | 'schema' | 'mapping' | 'columns' | 'arrival'>,
): PushdownContext {
  const prop = analysis.actorFrom?.slice('props.'.length);
  const times = log
    .filter(({ props }) => prop === undefined || ![undefined, null, ''].includes(props?.[prop] as string))
    .map(({ time }) => asMs(time));
  return {
    ...source,
    hours: null,
    guardHours: 0,
    firstEventMs: times.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY),
    lastEventMs: times.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY),
    moments: resolveContext(analysis),
  };
}

type Run = (pushed: PushedDown) => Promise<readonly ResultRow[]>;

function createLogs(
  dialect: SqlLogs['dialect'],
  types: Readonly<Record<string, string>>,
  insert: (log: number, rows: readonly LogEvent[]) => Promise<void>,
  run: Run,
  close: () => Promise<void>,
): SqlLogs {
  const logs: (readonly LogEvent[])[] = [];
  const columns = Object.entries(types).map(([name, type]) => ({ name, type }));
  return {
    dialect,
    add: async (rows) => {
      const log = logs.push(rows) - 1;
      await insert(log, rows);
      return log;
    },
    ask: async (log, document) => {
      const source = { dialect, schema: null, mapping: mappingOf(log), columns, arrival: 'seq' };
      const analysis = parseAnalysis(document);
      const pushed = pushDown(analysis, contextOf(logs[log] ?? [], analysis, source));
      return 'reason' in pushed ? pushed : { body: pushed.read(await run(pushed)) };
    },
    close,
  };
}

export function openSqliteLogs(): SqlLogs {
  const db = new Database(':memory:');
  db.exec(
    'CREATE TABLE logged (log INTEGER, seq INTEGER, actor TEXT, event TEXT, at INTEGER, recorded INTEGER, props TEXT)',
  );
  db.exec('CREATE INDEX by_log ON logged (log)');
  const types = {
    log: 'INTEGER',
    seq: 'INTEGER',
    actor: 'TEXT',
    event: 'TEXT',
    at: 'INTEGER',
    recorded: 'INTEGER',
    props: 'TEXT',
  };
  const statement = db.prepare('INSERT INTO logged VALUES (?, ?, ?, ?, ?, ?, ?)');
  const insert = db.transaction((log: number, rows: readonly LogEvent[]) => {
    rows.forEach(({ actor, event, time, props, recordedAt }, seq) =>
      statement.run(log, seq, actor, event, BigInt(asMs(time)), recordedAt ?? null, JSON.stringify(props ?? {})),
    );
  });
  return createLogs(
    'sqlite',
    types,
    (log, rows) => Promise.resolve(insert(log, rows)),
    ({ statement: { text, params } }) => Promise.resolve(db.prepare(text).all(...params) as ResultRow[]),
    () => Promise.resolve(void db.close()),
  );
}

export async function openPostgresLogs(url: string): Promise<SqlLogs> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(
    'CREATE TABLE logged (log integer, seq bigint, actor text, event text, at bigint, recorded bigint, props jsonb)',
  );
  await client.query('CREATE INDEX ON logged (log)');
  const types = {
    log: 'integer',
    seq: 'bigint',
    actor: 'text',
    event: 'text',
    at: 'bigint',
    recorded: 'bigint',
    props: 'jsonb',
  };
  const insert = async (log: number, rows: readonly LogEvent[]): Promise<void> => {
    const values = rows.map(({ actor, event, time, props, recordedAt }, seq) => ({
      seq,
      actor,
      event,
      at: asMs(time),
      recorded: recordedAt ?? null,
      props: props ?? {},
    }));
    await client.query(
      `INSERT INTO logged SELECT $1::integer, r.* FROM jsonb_to_recordset($2::jsonb)
         AS r(seq bigint, actor text, event text, at bigint, recorded bigint, props jsonb)`,
      [log, JSON.stringify(values)],
    );
  };
  return createLogs(
    'postgres',
    types,
    insert,
    async ({ statement: { text, params } }) => (await client.query(text, [...params])).rows as ResultRow[],
    () => client.end(),
  );
}
