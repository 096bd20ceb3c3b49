import type { SchemaInfo, SchemaTable, SqlVocabulary } from '../../../protocol/query-schema.ts';
import { summarizeKeys } from '../json-keys.ts';
import type { ReadOnlySession } from './read-only-session.ts';

const SAMPLE = 500;
const MAX_COLUMNS = 50;
const SAMPLE_MS = 3_000;
const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** From a few hundred rows of each table; of a partitioned one from its last partition that has rows. */
export async function readVocabulary(session: ReadOnlySession, schema: SchemaInfo): Promise<SqlVocabulary> {
  const jsonKeys: SqlVocabulary['jsonKeys'][number][] = [];
  const wanted = schema.tables
    .filter(({ kind }) => kind === 'table' || kind === 'partitioned table' || kind === 'materialized view')
    .flatMap((table) => table.columns.filter(({ type }) => /^jsonb?$/.test(type)).map(({ name }) => ({ table, name })))
    .slice(0, MAX_COLUMNS);
  for (const { table, name } of wanted) {
    const sql = `SELECT ${quote(name)} AS value FROM ${sampledOf(table)} LIMIT ${SAMPLE}`;
    // A table that may not be read says nothing; so does one that takes too long.
    const rows = await session.rows<{ value: unknown }>(sql, [], SAMPLE_MS).catch(() => []);
    const keys = summarizeKeys(rows.map(({ value }) => value));
    if (keys.length > 0) jsonKeys.push({ schema: table.schema, table: table.name, column: name, keys });
  }
  return { jsonKeys, eventTypes: await readEventTypes(session, schema) };
}

function sampledOf({ schema, name, partitions }: SchemaTable): string {
  const last = partitions.findLast(({ rows }) => (rows ?? 0) > 0);
  return `${quote(last?.schema ?? schema)}.${quote(last?.name ?? name)}`;
}

async function readEventTypes(session: ReadOnlySession, { tables }: SchemaInfo): Promise<SqlVocabulary['eventTypes']> {
  const table = tables.find(
    ({ columns, kind }) => kind !== 'view' && columns.some(({ name }) => name === 'event_type'),
  );
  if (table === undefined) return [];
  const labels = await session.rows<{ name: string }>(
    `SELECT e.enumlabel AS name FROM pg_attribute a JOIN pg_enum e ON e.enumtypid = a.atttypid
     WHERE a.attrelid = $1::regclass AND a.attname = 'event_type' ORDER BY e.enumsortorder`,
    [`${quote(table.schema)}.${quote(table.name)}`],
  );
  if (labels.length > 0) return labels.map(({ name }) => ({ name, count: null }));
  const sql = `SELECT event_type::text AS name, count(*)::int AS count FROM (SELECT event_type FROM ${sampledOf(table)} LIMIT 50000) s GROUP BY 1 ORDER BY 2 DESC LIMIT 1000`;
  return session.rows<{ name: string; count: number }>(sql, [], SAMPLE_MS).catch(() => []);
}
