import type { Client } from 'pg';
import type { Finding } from '../../../protocol/connections.ts';
import { finding, quote, readRow, type Check, type CheckContext } from './finding.ts';

const OWN_TABLE = 'global_events';

interface Table {
  readonly name: string;
  /** `p` partitioned, `r` plain, `v` view, … */
  readonly kind: string;
  readonly partitions: number;
  readonly bytes: number;
  readonly columns: readonly string[];
  /** First column of each index that can be used. */
  readonly indexed: readonly string[];
  readonly defaultPartition: string | null;
}

/** The event table: ours, the mapped one, or none yet; and whether a range of it can be read without reading it all. */
export const checkEvents: Check = async ({ client, target, mapping }) => {
  const name = mapping?.table ?? OWN_TABLE;
  const table = await readTable(client, target.schema, name);
  if (table === null) return noTable({ client, target, mapping });
  const time = mapping === null ? 'ts' : mapping.time.column;
  if (!table.columns.includes(time)) return noTable({ client, target, mapping });
  const found = [finding('event_table', 'good', `Events are read from ${target.schema}.${name}.`)];
  found.push(...checkParts(table, time), ...checkIndex(table, time, target.schema));
  if (table.defaultPartition !== null)
    found.push(...(await checkDefault(client, target.schema, table.defaultPartition)));
  return found;
};

/** A whole scan of more than this takes seconds. */
const LARGE_BYTES = 1_000_000_000;

function checkParts({ name, kind, partitions, bytes }: Table, time: string): readonly Finding[] {
  if (kind === 'p' && partitions > 0) return [];
  if (kind === 'p')
    return [
      finding(
        'no_partitions',
        'danger',
        `${name} has no partitions: nothing can be written to it.`,
        'tributary partitions SOURCE create',
      ),
    ];
  if (kind === 'v' || bytes < LARGE_BYTES) return [];
  const size = `${Math.round(bytes / 1e9).toLocaleString('en-US')} GB`;
  return [
    finding(
      'no_partitions',
      'warning',
      `${name} is one table of ${size} without partitions: old and new events are read and kept together.`,
      `Partition it by range of ${time}; \`tributary migrate\` makes such a store.`,
    ),
  ];
}

function checkIndex({ name, kind, indexed }: Table, time: string, schema: string): readonly Finding[] {
  if (kind === 'v' || kind === 'm' || indexed.includes(time)) return [];
  return [
    finding(
      'missing_index',
      'warning',
      `${name} has no index that begins with ${time}: every question reads the whole table.`,
      `CREATE INDEX CONCURRENTLY ON ${quote(schema)}.${quote(name)} (${quote(time)});`,
    ),
  ];
}

async function checkDefault(client: Client, schema: string, partition: string): Promise<readonly Finding[]> {
  const { rows } = await client.query(`SELECT FROM ${quote(schema)}.${quote(partition)} LIMIT 1`);
  if (rows.length === 0) return [];
  return [
    finding(
      'default_partition',
      'warning',
      `${partition} holds events: a partition for their time is missing, and each question reads them.`,
      'tributary partitions SOURCE repair',
    ),
  ];
}

async function noTable({ client, target, mapping }: CheckContext): Promise<readonly Finding[]> {
  const candidates = await findCandidates(client, target.schema);
  if (mapping !== null)
    return [
      finding(
        'no_event_table',
        'danger',
        `There is no ${target.schema}.${mapping.table} with a column ${mapping.time.column} that this role can see.`,
        'Correct the mapping, or ask for USAGE on the schema and SELECT on the table.',
      ),
    ];
  if (candidates.length === 0)
    return [
      finding(
        'no_event_table',
        'danger',
        `No table of the schema ${target.schema} that this role can read holds events.`,
        'Choose another schema, ask for SELECT on the tables, or make an event store with `tributary migrate SOURCE up`.',
      ),
    ];
  return [
    finding(
      'needs_mapping',
      'note',
      `There is no event store of Tributary’s own here. ${candidates.join(', ')} may hold events.`,
      'Open it and say which columns are actor, event and time.',
    ),
  ];
}

/** Tables and views that this role can read and that have a column of time, the largest first. */
export async function findCandidates(client: Client, schema: string): Promise<readonly string[]> {
  const { rows } = await client.query<{ readonly name: string }>(
    `SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
       AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')
       AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
         AND a.atttypid IN ('timestamptz'::regtype, 'timestamp'::regtype, 'date'::regtype))
     ORDER BY c.reltuples DESC, c.relname LIMIT 12`,
    [schema],
  );
  return rows.map(({ name }) => `${schema}.${name}`);
}

/** null = not there, or not to be read by this role. */
async function readTable(client: Client, schema: string, name: string): Promise<Table | null> {
  const found = await readRow<Table | undefined>(
    client,
    `WITH t AS (SELECT c.* FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
         AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT'))
     SELECT t.relname::text AS name, t.relkind::text AS kind,
       (SELECT count(*)::int FROM pg_inherits i WHERE i.inhparent = t.oid) AS partitions,
       pg_table_size(t.oid)::float8 AS bytes,
       ARRAY(SELECT attname::text FROM pg_attribute WHERE attrelid = t.oid AND attnum > 0 AND NOT attisdropped) AS columns,
       ARRAY(SELECT a.attname::text FROM pg_index x JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = x.indkey[0]
         WHERE x.indrelid = t.oid AND x.indisvalid AND x.indpred IS NULL) AS indexed,
       (SELECT d.relname::text FROM pg_partitioned_table p JOIN pg_class d ON d.oid = p.partdefid
         WHERE p.partrelid = t.oid) AS "defaultPartition"
     FROM t`,
    [schema, name],
  );
  return found ?? null;
}
