import type { DatabaseSync } from 'node:sqlite';
import type { SchemaTable } from '../../../protocol/query-schema.ts';
import { readColumns, type Ask } from './schema-sqlite.ts';

/** Tables that were kept from results, with what was noted of them then. */
export function readLocalTables(db: DatabaseSync): SchemaTable[] {
  const ask: Ask = (sql) => db.prepare(sql).all();
  return ask('SELECT name, rows, bytes, kept_at FROM scratch._tables WHERE dropped = 0 ORDER BY name').map((row) => ({
    schema: 'scratch',
    name: String(row['name']),
    kind: 'table',
    comment: `Kept from a result at ${String(row['kept_at'])}`,
    rows: Number(row['rows']),
    isEstimate: false,
    bytes: Number(row['bytes']),
    columns: readColumns(ask, String(row['name']), 'scratch'),
    indexes: [],
    references: [],
    partitions: [],
    ddl: null,
  }));
}
