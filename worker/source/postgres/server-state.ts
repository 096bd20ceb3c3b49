import { formatTarget } from '../../../protocol/source-names.ts';
import type { PostgresTarget } from '../../../protocol/postgres.ts';
import type { SyncSession } from './sync-session.ts';
import { quoteTable, seqOf, type ServerEvents } from './server-events.ts';
import { hashSchema } from './server-mark.ts';

/** Where the rows are, and a word for their state that is another one after every change. */
export interface SeenServer {
  readonly address: string;
  readonly state: string;
  readonly sizeBytes: number;
}

/**
 * A short query, however large the table: the last arrival number, and what the server itself counts of rows that were
 * added, changed and removed (which it may tell some seconds late; arrival numbers are never late).
 */
export function lookAtServer(session: SyncSession, target: PostgresTarget, events: ServerEvents): SeenServer {
  const { table, seq, hasShops } = events;
  const last = seq !== null ? `(SELECT max(${seqOf(events)})::text FROM ${quoteTable(table)} e)` : `''`;
  const shops = hasShops ? `to_regclass($2)::oid` : `NULL::oid`;
  const [row] = session.query(
    `SELECT (SELECT oid::text FROM pg_database WHERE datname = current_database()), ${last},
      coalesce(sum(s.n_tup_ins), 0)::text, coalesce(sum(s.n_tup_upd), 0)::text, coalesce(sum(s.n_tup_del), 0)::text,
      coalesce(sum(pg_relation_size(t.relid)), 0)::text
      FROM (SELECT $1::int8::oid AS relid UNION SELECT relid FROM pg_partition_tree($1::int8::oid) WHERE isleaf
        UNION SELECT ${shops}) t LEFT JOIN pg_stat_all_tables s ON s.relid = t.relid
      WHERE $2::text IS NOT NULL`,
    [table.oid, quoteTable({ schema: table.schema, name: 'shops' })],
  );
  const [database, lastSeq, inserted, updated, deleted, bytes] = (row ?? []).map(String);
  return {
    address: `${formatTarget(target)}/${table.schema}`,
    state: [database, hashSchema(events), lastSeq, inserted, updated, deleted, bytes].join(' '),
    sizeBytes: Number(bytes ?? 0),
  };
}
