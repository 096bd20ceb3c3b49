import type { Client } from 'pg';
import type { Finding, FindingCode, FindingSeverity } from '../../../protocol/connections.ts';
import type { PostgresTarget } from '../../../protocol/postgres.ts';
import type { Mapping } from '../../../protocol/source.ts';

/** One part of a test: looks through a session and answers what it found. */
export type Check = (context: CheckContext) => Promise<readonly Finding[]>;
export interface CheckContext {
  readonly client: Client;
  readonly target: PostgresTarget;
  readonly mapping: Mapping | null;
}

export const finding = (
  code: FindingCode,
  severity: FindingSeverity,
  text: string,
  howToMend: string | null = null,
): Finding => ({ code, severity, text, howToMend });

/** As SQL wants a name. */
export const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** The only row of a statement that always has one. */
export async function readRow<T>(client: Client, sql: string, values: readonly unknown[] = []): Promise<T> {
  const { rows } = await client.query(sql, [...values]);
  return rows[0] as T;
}
