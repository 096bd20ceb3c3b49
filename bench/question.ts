import type { AnalysisDocument, AnalysisResult } from '../protocol/index.ts';
import type { Peer } from './bench-engine.ts';

export type Cell = string | number;
export type Row = readonly Cell[];

/** One way to ask a peer; of several the fastest one is measured. */
export interface Formulation {
  readonly name: string;
  readonly sql: string;
  /** ClickHouse settings beside max_threads, `a=1, b=2`. */
  readonly settings?: string;
}

/** How far ahead of the best peer we want to be at 10M events and 2 threads; absent = not said. */
export interface Goals {
  readonly ours?: number;
  /** At 50M events. */
  readonly oursAt50M?: number;
  /** Without first occurrences and counters. */
  readonly byScan?: number;
}

/**
 * The same question to us and to each peer. Peers have a table `ev` sorted by (uid, t, k): `uid` a dense integer, `t`
 * ms since the epoch, `k` = t * 16 + the arrival order among events of one actor at one time (so k is a total order),
 * `type` an enum (row stores: index into `EVENT_TYPES`, with names in a table `types`), `plan` = metadata's plan_id.
 */
export interface Question {
  readonly id: string;
  readonly name: string;
  readonly analysis: AnalysisDocument;
  /** The numbers that all engines must agree on, in any order. */
  readonly rows: (result: AnalysisResult) => readonly Row[];
  /**
   * A long answer `(h, name, n)`: all rows are compared, but peers are timed without fetching them (`sumRows`), because
   * their drivers need longer for that than the query does.
   */
  readonly summed?: boolean;
  readonly sql: Readonly<Record<Peer, readonly Formulation[]>>;
  readonly goals: Goals;
}

export const EVENT_TYPES = [
  'account_created',
  'shop_created',
  'invoice_issued',
  'payment_succeeded',
  'payment_failed',
  'plan_changed',
  'shop_deleted',
  'account_deleted',
] as const;
/** As an enum, for ClickHouse. */
export const CLICKHOUSE_TYPE = `Enum8(${EVENT_TYPES.map((type, i) => `'${type}' = ${i}`).join(', ')})`;
export type EventType = (typeof EVENT_TYPES)[number];
export const codeOf = (type: EventType): number => EVENT_TYPES.indexOf(type);

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

/** `SELECT h, name, n` without its rows: their number, and a sum that notices a row in the wrong hour. */
export const SUM_MODULUS = 1009;
export const summedSql = (sql: string): string => `SELECT count(*), sum(n * (h % ${SUM_MODULUS})) FROM (${sql}) AS r`;
export const sumRows = (rows: readonly Row[]): readonly Row[] => [
  [rows.length, rows.reduce((sum, [h, , n]) => sum + Number(n) * (Number(h) % SUM_MODULUS), 0)],
];

/** The same SQL for both of them. */
export const ofRowStores = (formulations: readonly Formulation[]): Pick<Question['sql'], 'sqlite' | 'postgres'> => ({
  sqlite: formulations,
  postgres: formulations,
});

export function getFormulation(all: readonly Formulation[], index: number): Formulation {
  const formulation = all[index];
  if (formulation === undefined) throw new Error(`There is no formulation ${index}.`);
  return formulation;
}
