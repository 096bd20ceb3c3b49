import type { Client } from 'pg';
import type { PostgresTarget } from '../../protocol/postgres.ts';

/** Limits that the server itself keeps, in ms; 0 = none. */
export interface SessionLimits {
  /** Of one statement. */
  readonly statementMs?: number;
  /** Waiting for a table that someone else has locked. */
  readonly lockMs?: number;
  /** A transaction in which nothing happens, for example one that holds a snapshot for others. */
  readonly idleTransactionMs?: number;
}
const LIMITS = { statementMs: 600_000, lockMs: 3_000, idleTransactionMs: 300_000 } as const;

/** So often the server looks whether a session it computes for is still there: else it would go on until `statementMs`. */
const WATCH_MS = 1_000;
/** A server before version 14 does not know this setting, one on Windows cannot keep it. */
const WATCHES = `current_setting('client_connection_check_interval', true) IS NOT NULL
  AND version() !~* 'windows|mingw|visual'`;

/** The process of the server that works for a session, and at which of the server's addresses ('' = a Unix socket). */
export interface Backend {
  readonly pid: number;
  readonly at: string;
}

/**
 * In one round trip. Not as start-up parameters: poolers between here and the server refuse those. The schema comes first
 * in the search path, so that plain names mean its tables.
 */
export async function prepareSession(
  client: Client,
  { schema }: PostgresTarget,
  options: SessionLimits & { readonly access?: 'read' | 'write' },
): Promise<Backend> {
  const limits = { ...LIMITS, ...options };
  const settings: readonly (readonly [string, string])[] = [
    ['statement_timeout', String(limits.statementMs)],
    ['lock_timeout', String(limits.lockMs)],
    ['idle_in_transaction_session_timeout', String(limits.idleTransactionMs)],
    ['default_transaction_read_only', options.access === 'write' ? 'off' : 'on'],
    ['search_path', `"${schema.replaceAll('"', '""')}"${schema === 'public' ? '' : ', public'}`],
    ['TimeZone', 'UTC'],
    ['DateStyle', 'ISO, YMD'],
  ];
  const calls = settings.map((_, i) => `set_config($${2 * i + 1}, $${2 * i + 2}, false)`);
  const watch = `CASE WHEN ${WATCHES} THEN set_config('client_connection_check_interval', '${WATCH_MS}', false) END`;
  const backend = "pg_backend_pid() AS pid, coalesce(inet_server_addr()::text, '') AS at";
  const { rows } = await client.query<Backend>(`SELECT ${[...calls, watch, backend].join(', ')}`, settings.flat());
  return rows[0] ?? NOBODY;
}
const NOBODY: Backend = { pid: 0, at: '' };
