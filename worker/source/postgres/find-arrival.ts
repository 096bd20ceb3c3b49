import { quoteTable } from './server-events.ts';
import type { ServerColumn, ServerTable } from './server-schema.ts';
import type { SyncSession } from './sync-session.ts';

/** A b-tree that starts with the column, on the table or all its partitions. */
const INDEXED = `EXISTS (SELECT FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am m ON m.oid = x.relam
  WHERE i.indrelid = a.attrelid AND i.indkey[0] = a.attnum AND i.indpred IS NULL AND i.indisvalid AND m.amname = 'btree')`;
const UNIQUE = `EXISTS (SELECT FROM pg_index i WHERE i.indrelid = a.attrelid AND i.indkey[0] = a.attnum AND i.indnkeyatts = 1
  AND i.indpred IS NULL AND i.indisvalid AND i.indisunique)`;
/** A counter that goes up and never begins again. */
const COUNTED = `EXISTS (SELECT FROM pg_sequence s WHERE s.seqrelid = pg_get_serial_sequence($2, a.attname)::regclass
  AND s.seqincrement > 0 AND NOT s.seqcycle)`;
const WHOLE = `a.attrelid = $1::int8::oid AND a.attnum > 0 AND NOT a.attisdropped AND a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype)`;

/** Of our own model: `seq`, unless it has no index. Of other servers only what is declared here can be seen. */
export const findSeq = (session: SyncSession, table: ServerTable): ServerColumn | null =>
  findColumn(
    session,
    table,
    `a.attname = 'seq' AND $2::text IS NOT NULL AND ${table.isForeign ? 'a.attnotnull' : INDEXED}`,
  );

/**
 * Of any other table: a column that the server itself counts up, each number once. Numbers that somebody may have chosen
 * (an id without a counter) say nothing of what came when.
 */
export const findCounter = (session: SyncSession, table: ServerTable): ServerColumn | null =>
  table.kind === 'view'
    ? null
    : findColumn(session, table, `a.attnotnull AND ${COUNTED} AND ${INDEXED} AND (a.attidentity = 'a' OR ${UNIQUE})`);

function findColumn(session: SyncSession, table: ServerTable, condition: string): ServerColumn | null {
  const rows = session.query(
    `SELECT a.attname FROM pg_attribute a WHERE ${WHOLE} AND ${condition} ORDER BY a.attnum LIMIT 1`,
    [table.oid, quoteTable(table)],
  );
  const name = rows[0]?.[0];
  return table.columns.find((column) => column.name === name) ?? null;
}
