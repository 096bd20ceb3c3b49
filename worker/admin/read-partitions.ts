import type { Client } from 'pg';
import { EngineError } from '../../protocol/errors.ts';
import type { HourRange } from './partition-plan.ts';

/** A part of `global_events`. */
export interface PartitionInfo extends HourRange {
  readonly name: string;
  /** As the server last estimated it; -1 = never. */
  readonly rows: number;
  /** With indexes and TOAST. */
  readonly bytes: number;
  /** A partition of another server. */
  readonly foreign: boolean;
}
export interface PartitionList {
  /** Ascending. */
  readonly partitions: readonly PartitionInfo[];
  /** Taken out of the store by `detach` and still there as tables. */
  readonly detached: readonly PartitionInfo[];
  /** null = none: events outside all partitions are refused. */
  readonly default: { readonly name: string; readonly rows: number } | null;
}

/** Below and above every hour. */
const LOWEST = '';
const HIGHEST = '~';

interface Row {
  readonly name: string;
  readonly bound: string | null;
  readonly comment: string | null;
  readonly rows: number;
  readonly bytes: string;
  readonly kind: string;
}

const SQL = `
  SELECT c.relname AS name, pg_get_expr(c.relpartbound, c.oid) AS bound, obj_description(c.oid, 'pg_class') AS comment,
    c.reltuples::float8 AS rows, pg_total_relation_size(c.oid) AS bytes, c.relkind AS kind
  FROM pg_class c LEFT JOIN pg_inherits i ON i.inhrelid = c.oid
  WHERE i.inhparent = to_regclass('global_events')
    OR i.inhparent IS NULL AND c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace
      AND obj_description(c.oid, 'pg_class') LIKE 'tributary partition %'`;

/** Throws E_NO_SUCH_TABLE where there is no event store, E_UNSUPPORTED where it has no partitions. */
export async function readPartitions(client: Client): Promise<PartitionList> {
  await checkPartitioned(client);
  const { rows } = await client.query<Row>(SQL);
  const fallback = rows.find(({ bound }) => bound === 'DEFAULT');
  const ranges = (from: (row: Row) => string | null): readonly PartitionInfo[] =>
    rows.flatMap((row) => toInfo(row, from(row)) ?? []).toSorted((a, b) => (a.from < b.from ? -1 : 1));
  return {
    partitions: ranges((row) => row.bound),
    detached: ranges((row) => (row.bound === null ? row.comment : null)),
    default: fallback === undefined ? null : { name: fallback.name, rows: await countRows(client, fallback.name) },
  };
}

async function checkPartitioned(client: Client): Promise<void> {
  const { rows } = await client.query<{ readonly kind: string }>(
    "SELECT relkind AS kind FROM pg_class WHERE oid = to_regclass('global_events')",
  );
  if (rows[0]?.kind === 'p') return;
  if (rows[0] === undefined)
    throw new EngineError('E_NO_SUCH_TABLE', 'There is no event store in this database.', {
      hint: 'Make one with `tributary migrate SOURCE up`, or name its schema.',
    });
  throw new EngineError('E_UNSUPPORTED', 'global_events is one table without partitions.', {
    hint: 'It can be read as it is; partitions are only kept in stores that `tributary migrate` made.',
  });
}

/** Exact: the default partition is to be empty, so this ends at once. */
async function countRows(client: Client, table: string): Promise<number> {
  const { rows } = await client.query<{ readonly n: string }>(`SELECT count(*) AS n FROM ${quoteName(table)}`);
  return Number(rows[0]?.n ?? 0);
}

export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`;

const BOUND = /FROM \((?:'([^']*)'|MINVALUE)\) TO \((?:'([^']*)'|MAXVALUE)\)/;

function toInfo(row: Row, text: string | null): PartitionInfo | undefined {
  const match = BOUND.exec(text ?? '');
  if (match === null) return undefined;
  const [, from = LOWEST, to = HIGHEST] = match;
  return { name: row.name, from, to, rows: row.rows, bytes: Number(row.bytes), foreign: row.kind === 'f' };
}

/** How a detached table remembers what it held; read back by `readPartitions`. */
export const boundComment = ({ from, to }: HourRange): string => `tributary partition FROM ('${from}') TO ('${to}')`;
