import type { StoreMigrations } from '../../../protocol/index.ts';
import { holdAgainst, NOT_OURS } from '../store-migrations.ts';
import { quoteTable } from './server-events.ts';
import type { SyncSession } from './sync-session.ts';

/** A role that may not read which steps were applied is told nothing. */
export function readServerMigrations(session: SyncSession, schema: string): StoreMigrations {
  const [table] = session.query(
    `SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
       JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attname = 'number' AND a.atttypid = 'int4'::regtype
       WHERE n.nspname = $1 AND c.relname = 'schema_migrations' AND c.relkind = 'r'
         AND has_table_privilege(c.oid, 'SELECT')`,
    [schema],
  );
  if (table === undefined) return NOT_OURS;
  const rows = session.query(`SELECT m.number FROM ${quoteTable({ schema, name: 'schema_migrations' })} m`);
  return holdAgainst(
    'postgres',
    rows.map(([number]) => Number(number)),
  );
}
