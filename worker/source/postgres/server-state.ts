import { formatTarget } from '../../../protocol/source-names.ts';
import type { PostgresTarget } from '../../../protocol/postgres.ts';
import { rowsHaveChanged } from './rows-have-changed.ts';
import { quoteTable, seqOf, type ServerEvents } from './server-events.ts';
import { hashSchema } from './server-mark.ts';
import type { SyncSession } from './sync-session.ts';

/** Where the rows are, and a word for their state that is another one after every change. */
export interface SeenServer {
  readonly address: string;
  readonly state: string;
  readonly sizeBytes: number;
}
/** What may have happened to rows that were there in an earlier state. */
export interface RowChanges {
  /** Some row was changed or removed: of those, or of later ones; rolled back work counts too. */
  readonly rows: boolean;
  /** Shops were added: some of those rows without a user may have one now. */
  readonly owners: boolean;
}

/** What the server counts of the event table, its partitions and the shops; digits as text. `state` is these, joined. */
interface Counters {
  readonly database: string;
  readonly schema: string;
  readonly lastSeq: string;
  readonly inserted: string;
  readonly updated: string;
  readonly deleted: string;
  readonly bytes: string;
  /** The last of the tables to be made, by oid. */
  readonly lastTable: string;
  readonly tables: string;
  /** Of their files: another sum once one was truncated or written anew. */
  readonly files: string;
  readonly owners: string;
  /** Of rows on other servers, which count for themselves, and have no numbers: how many there are, and who asked. */
  readonly elsewhere: string;
}

/** A table with its partitions, and of a view the tables that it reads, with theirs. */
const TABLES = `WITH RECURSIVE read (relid) AS (
    SELECT $1::int8::oid UNION
    SELECT d.refobjid FROM read JOIN pg_class v ON v.oid = read.relid AND v.relkind = 'v'
      JOIN pg_rewrite r ON r.ev_class = v.oid
      JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid AND d.refclassid = 'pg_class'::regclass),
  held (relid) AS (SELECT relid FROM read UNION
    SELECT t.relid FROM read, LATERAL pg_partition_tree(read.relid) t WHERE t.isleaf)`;

/**
 * A short query, however large the table: the last arrival number, and what the server itself counts of rows that were
 * added, changed and removed (which it may tell some seconds late; arrival numbers are never late).
 */
export function lookAtServer(session: SyncSession, target: PostgresTarget, events: ServerEvents): SeenServer {
  const counters = count(session, events, null);
  return {
    address: `${formatTarget(target)}/${events.table.schema}`,
    state: Object.values(counters).join(' '),
    sizeBytes: Number(counters.bytes),
  };
}

/** By the counters of an earlier state. Throws E_SOURCE_CHANGED where partitions of then are gone, emptied or written anew. */
export function findChanges(session: SyncSession, events: ServerEvents, state: string): RowChanges {
  const [database, , , , updated, deleted, , lastTable, tables, files, owners] = state.split(' ');
  const now = count(session, events, Number(lastTable));
  if (now.database !== database || now.tables !== tables || now.files !== files) throw rowsHaveChanged();
  return { rows: now.updated !== updated || now.deleted !== deleted, owners: now.owners !== owners };
}

/** Of all tables, or of those made up to the one with this oid. */
function count(session: SyncSession, events: ServerEvents, lastTable: number | null): Counters {
  const { table, seq, hasShops } = events;
  const last = seq !== null ? `(SELECT max(${seqOf(events)})::text FROM ${quoteTable(table)} e)` : `''`;
  const shops = hasShops ? `to_regclass($2)::oid` : `NULL::oid`;
  const [row] = session.query(
    `${TABLES} SELECT (SELECT oid::text FROM pg_database WHERE datname = current_database()), ${last},
      coalesce(sum(s.n_tup_ins), 0)::text, coalesce(sum(s.n_tup_upd), 0)::text, coalesce(sum(s.n_tup_del), 0)::text,
      coalesce(sum(pg_relation_size(t.relid)), 0)::text, coalesce(max(t.relid::int8), 0)::text, count(t.relid)::text,
      coalesce(sum(c.relfilenode::int8), 0)::text, coalesce(sum(s.n_tup_ins) FILTER (WHERE t.relid = ${shops}), 0)::text,
      coalesce(bool_or(c.relkind = 'f'), false)
      FROM (SELECT relid FROM held UNION SELECT ${shops}) t LEFT JOIN pg_class c ON c.oid = t.relid LEFT JOIN pg_stat_all_tables s ON s.relid = t.relid
      WHERE $2::text IS NOT NULL AND ($3::int8 IS NULL OR t.relid::int8 <= $3::int8)`,
    [table.oid, quoteTable({ schema: table.schema, name: 'shops' }), lastTable],
  );
  const digits = (row ?? []).map(String);
  const isUnseen = seq === null && row?.[10] === true;
  return {
    database: digits[0] ?? '',
    schema: hashSchema(events),
    lastSeq: digits[1] ?? '',
    inserted: digits[2] ?? '',
    updated: digits[3] ?? '',
    deleted: digits[4] ?? '',
    bytes: digits[5] ?? '0',
    lastTable: digits[6] ?? '0',
    tables: digits[7] ?? '',
    files: digits[8] ?? '',
    owners: digits[9] ?? '',
    elsewhere: isUnseen ? countElsewhere(session, events) : '',
  };
}

/** Only for this process: other changes than these do not show, so nothing is kept for the next one. */
function countElsewhere(session: SyncSession, { table }: ServerEvents): string {
  const [row] = session.query(`SELECT count(*)::text FROM ${quoteTable(table)} e`);
  return `${String(row?.[0])}:${process.pid}`;
}
