import type { ServerPartition } from '../../../protocol/index.ts';
import type { HourRange } from '../event-source.ts';
import { hourOf, hourStart } from '../parse-time.ts';
import { conditionOf } from './scan-sql.ts';
import { quoteTable, type ServerEvents } from './server-events.ts';
import { rangeOf, WHOLE } from './slice-detail.ts';
import type { Check, SyncSession } from './sync-session.ts';

const HOUR = 3_600_000;

/** Leaves of the tree, or the table itself. Of a view nothing: what it reads is its own affair. */
const LEAVES = `
SELECT n.nspname, c.relname, pg_get_expr(c.relpartbound, c.oid), c.relkind = 'f', c.reltuples::float8,
  CASE WHEN c.relkind = 'f' THEN 0 ELSE pg_total_relation_size(c.oid) END::float8
FROM (SELECT relid FROM pg_partition_tree($1::int8::oid) WHERE isleaf UNION SELECT $1::int8::oid) t
  JOIN pg_class c ON c.oid = t.relid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'm', 'f')
ORDER BY c.relname`;
type LeafRow = readonly [string, string, string | null, boolean, number, number];

/**
 * Where the rows of some hours (of event time, before they are widened by the guard band) lie. What is read says the
 * server's own planner, of the condition with which rows are moved.
 */
export function readPlannedPartitions(
  session: SyncSession,
  events: ServerEvents,
  { from, to }: HourRange,
  guardHours: number,
  check: Check,
): readonly ServerPartition[] {
  const shift = (hour: string | null, hours: number): string | null =>
    hour === null ? null : hourOf(hourStart(hour) + hours * HOUR);
  const range = events.isModel
    ? { fromKey: shift(from, -guardHours), toKey: shift(to, guardHours) }
    : { fromTime: from === null ? null : hourStart(from), toTime: to === null ? null : hourStart(to) + HOUR };
  const condition = conditionOf(events, rangeOf({ ...WHOLE, ...range }));
  const [plan] = session.queryNamed(
    `EXPLAIN (FORMAT JSON, VERBOSE) SELECT FROM ${quoteTable(events.table)} e${condition === '' ? '' : ` WHERE ${condition}`}`,
    [],
    check,
  );
  const read = new Set<string>();
  addRelations(plan?.['QUERY PLAN'], read);
  const rows = session.query(LEAVES, [events.table.oid], check) as unknown as readonly LeafRow[];
  return rows.map(([schema, name, bounds, isForeign, tuples, bytes]) => ({
    name,
    bounds,
    bytes,
    rows: tuples < 0 ? null : tuples,
    isForeign,
    isRead: read.has(`${schema} ${name}`),
  }));
}

/** Every relation that a node of the plan reads. */
function addRelations(node: unknown, into: Set<string>): void {
  if (typeof node !== 'object' || node === null) return;
  const { Schema: schema, 'Relation Name': name } = node as Readonly<Record<string, unknown>>;
  if (typeof schema === 'string' && typeof name === 'string') into.add(`${schema} ${name}`);
  for (const value of Object.values(node)) addRelations(value, into);
}
