import { z } from 'zod';
import type { ErrorData } from './errors.ts';
import { PostgresTargetSchema, type PostgresTarget } from './postgres.ts';
import { MappingSchema, type PostgresRef } from './source.ts';
import { ENVIRONMENTS } from './source-names.ts';

/** A connection as it is kept: never with its password. */
export const SavedConnectionSchema = z.strictObject({
  /** What people call it, and what stands for it in commands. */
  name: z.string().trim().min(1).max(80),
  target: PostgresTargetSchema,
  environment: z.enum(ENVIRONMENTS).nullish(),
  /** For event tables that are not of our own model. */
  mapping: MappingSchema.nullish(),
});
export type SavedConnection = z.infer<typeof SavedConnectionSchema>;

/** Of `danger` is what may harm the server or the data, `warning` what will slow or mislead, `good` what was checked and is well. */
export const FINDING_SEVERITIES = ['danger', 'warning', 'note', 'good'] as const;
export type FindingSeverity = (typeof FINDING_SEVERITIES)[number];

/** What an address says; the password, where it held one, is for this session alone. */
export interface ConnectionDraft {
  readonly target: PostgresTarget;
  readonly password: string | null;
  readonly notes: readonly string[];
}

/** What is saved, and what the system can do for passwords. */
export interface ConnectionList {
  readonly connections: readonly (SavedConnection & {
    /** Of this run or in the keychain. */
    readonly hasPassword: boolean;
  })[];
  /** Why passwords cannot be remembered here; null = they can. */
  readonly whyNotRemember: string | null;
  /** The file was damaged, and what was done about it. */
  readonly problem: ErrorData | null;
}

/** What "Test connection" looks at. */
export const FINDING_CODES = [
  'version',
  'tls',
  'plaintext',
  'superuser',
  'can_write',
  'can_create',
  'read_only',
  'no_event_table',
  'needs_mapping',
  'event_table',
  'no_partitions',
  'missing_index',
  'default_partition',
  'pending_migrations',
  'clock_skew',
  'few_connections',
  'encoding',
] as const;
export type FindingCode = (typeof FINDING_CODES)[number];

export interface Finding {
  readonly code: FindingCode;
  readonly severity: FindingSeverity;
  /** One sentence. */
  readonly text: string;
  /** What to do about it, often a statement to give the administrator; null = nothing to mend. */
  readonly howToMend: string | null;
}

/** Answer of a test: reachable or not, and what would go wrong. */
export interface ConnectionTest {
  /** null = connected. E_AUTH: ask for the password again. */
  readonly error: ErrorData | null;
  readonly findings: readonly Finding[];
  readonly serverVersion: string | null;
  /** Which of the hosts answered, `host:port`. */
  readonly host: string | null;
  /** ms until the session was ready. */
  readonly connectMs: number | null;
  /** Tables that may hold events, `schema.table`. */
  readonly eventTables: readonly string[];
}

export const asPostgresRef = ({ name, target, environment, mapping }: SavedConnection): PostgresRef => ({
  kind: 'postgres',
  name,
  target,
  ...(environment ? { environment } : {}),
  ...(mapping ? { mapping } : {}),
});
