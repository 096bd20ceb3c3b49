import type { ColumnInfo } from '../../../protocol/index.ts';
import type { SyncSession } from './sync-session.ts';

/** A table, view or foreign table of the schema, partitions not by themselves; nothing of it is run. */
export interface ServerTable {
  readonly schema: string;
  readonly name: string;
  readonly oid: number;
  readonly kind: 'table' | 'view';
  /** Its rows lie on another server, some of them at least. */
  readonly isForeign: boolean;
  /** Estimate of the planner for it and all its partitions; -1 = it has none. */
  readonly rows: number;
  /** On disk, of it and all its partitions. */
  readonly bytes: number;
  readonly columns: readonly ServerColumn[];
}
export interface ServerColumn extends ColumnInfo {
  /** `pg_type.typcategory`: N = number, S = text, D = time, E = enum, … */
  readonly category: string;
  readonly number: number;
}

const TABLES = `
SELECT c.oid::int8, c.relname, c.relkind,
  coalesce((SELECT bool_or(p.relkind = 'f') FROM pg_partition_tree(c.oid) t JOIN pg_class p ON p.oid = t.relid), c.relkind = 'f'),
  CASE WHEN c.relkind = 'p'
    THEN (SELECT coalesce(sum(CASE WHEN p.reltuples < 0 THEN 0 ELSE p.reltuples END), 0)
      FROM pg_partition_tree(c.oid) t JOIN pg_class p ON p.oid = t.relid WHERE t.isleaf)
    ELSE c.reltuples END::float8,
  CASE WHEN c.relkind = 'p'
    THEN (SELECT coalesce(sum(pg_relation_size(t.relid)), 0) FROM pg_partition_tree(c.oid) t WHERE t.isleaf)
    WHEN c.relkind IN ('r', 'm') THEN pg_relation_size(c.oid) ELSE 0 END::float8,
  (SELECT json_agg(json_build_array(a.attname, format_type(a.atttypid, NULL), a.attnotnull, a.attnum,
      coalesce(a.attnum = ANY (i.indkey), false), y.typcategory) ORDER BY a.attnum)
    FROM pg_attribute a JOIN pg_type y ON y.oid = a.atttypid
    LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND ($2::text[] IS NULL OR c.relname = ANY ($2::text[])) AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
ORDER BY c.relname
LIMIT 5000`;

type ColumnRow = readonly [string, string, boolean, number, boolean, string];
type TableRow = readonly [string, string, string, boolean, number, number, readonly ColumnRow[] | null];

/** All, or those of these names. */
export function readServerTables(
  session: SyncSession,
  schema: string,
  names: readonly string[] | null = null,
): readonly ServerTable[] {
  const rows = session.query(TABLES, [schema, names]) as unknown as readonly TableRow[];
  return rows.map(([oid, name, kind, isForeign, tuples, bytes, columns]) => ({
    schema,
    name,
    oid: Number(oid),
    kind: kind === 'v' ? 'view' : 'table',
    isForeign,
    rows: tuples,
    bytes,
    columns: (columns ?? []).map(([column, type, notNull, number, primaryKey, category]) => ({
      name: column,
      type,
      notNull,
      primaryKey,
      category,
      number,
    })),
  }));
}
