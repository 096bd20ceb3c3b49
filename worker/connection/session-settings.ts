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

/**
 * In one round trip. Not as start-up parameters: poolers between here and the server refuse those. The schema comes first
 * in the search path, so that plain names mean its tables.
 */
export async function prepareSession(
  client: Client,
  { schema }: PostgresTarget,
  options: SessionLimits & { readonly access?: 'read' | 'write' },
): Promise<void> {
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
  await client.query(`SELECT ${calls.join(', ')}`, settings.flat());
}
