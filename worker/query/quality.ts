import type { QualityCheck, SchemaInfo, SchemaTable } from '../../protocol/query-schema.ts';

interface Check {
  readonly name: string;
  readonly text: string;
  /** A condition over a row of the table, in the dialect. */
  readonly where: string;
  readonly needs: readonly string[];
}

/** What is odd in a row of our own event model (docs/sql.md): conditions in the dialect of the database. */
function checksOf(isPostgres: boolean): Check[] {
  const json = (key: string): string => (isPostgres ? `metadata ->> '${key}'` : `metadata ->> '$.${key}'`);
  const readable = isPostgres ? 'true' : 'json_valid(metadata)';
  const hour = isPostgres
    ? `to_char(event_time AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24')`
    : `strftime('%Y-%m-%dT%H', CASE typeof(event_time) WHEN 'text' THEN event_time ELSE event_time / 1000.0 END, CASE typeof(event_time) WHEN 'text' THEN 'utc' ELSE 'unixepoch' END)`;
  const check = (name: string, text: string, where: string, ...needs: string[]): Check => ({
    name,
    text,
    where,
    needs,
  });
  return [
    check('No time', 'event_time is NULL.', 'event_time IS NULL', 'event_time'),
    check('No type', 'event_type is NULL.', 'event_type IS NULL', 'event_type'),
    check('No id', 'event_id is NULL.', 'event_id IS NULL', 'event_id'),
    check(
      'Another hour',
      'ts is not the UTC hour of event_time: late or mis-keyed rows.',
      `ts IS NOT NULL AND event_time IS NOT NULL AND ${isPostgres ? '' : "typeof(event_time) <> 'text' AND "}ts <> ${hour}`,
      'ts',
      'event_time',
    ),
    ...(isPostgres
      ? []
      : [
          check(
            'Unreadable metadata',
            'metadata is not JSON.',
            'metadata IS NOT NULL AND NOT json_valid(metadata)',
            'metadata',
          ),
        ]),
    check(
      'No actor',
      'metadata names neither a user nor a shop.',
      `metadata IS NULL OR (${readable} AND coalesce(${json('user_id')}, ${json('shop_id')}) IS NULL)`,
      'metadata',
    ),
  ];
}

/** Counts each of them, one statement each, so that every number can be looked into with its own SQL. */
export async function runChecks(
  schema: SchemaInfo,
  ask: (sql: string) => Promise<readonly number[]>,
): Promise<readonly QualityCheck[]> {
  const table = schema.tables.find(({ name, kind }) => name === 'global_events' && kind !== 'view');
  if (table === undefined) return [];
  const from = `${quote(table.schema)}.${quote(table.name)}`;
  const [of = 0] = await ask(`SELECT count(*) FROM ${from}`);
  const report: QualityCheck[] = [];
  for (const { name, text, where } of fitting(table, schema.dialect === 'postgres')) {
    const sql = `SELECT count(*) FROM ${from} WHERE ${where}`;
    const [rows = 0] = await ask(sql);
    report.push({ name, text, rows, of, sql });
  }
  const twice = `SELECT coalesce(sum(n - 1), 0) FROM (SELECT count(*) AS n FROM ${from} GROUP BY event_id HAVING count(*) > 1) AS twice`;
  const [rows = 0] = await ask(twice);
  return [...report, { name: 'Same id', text: 'event_id stands in more than one row.', rows, of, sql: twice }];
}

const fitting = ({ columns }: SchemaTable, isPostgres: boolean): Check[] =>
  checksOf(isPostgres).filter(({ needs }) => needs.every((need) => columns.some(({ name }) => name === need)));

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;
