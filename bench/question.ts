import type { AnalysisDocument, AnalysisResult } from '../protocol/index.ts';

export type Cell = string | number;
export type Row = readonly Cell[];

/** One way to ask a peer; of several the fastest one is measured. */
export interface Formulation {
  readonly name: string;
  readonly sql: string;
  /** ClickHouse settings beside max_threads, `a=1, b=2`. */
  readonly settings?: string;
}
export const PEERS = ['duckdb', 'clickhouse', 'sqlite'] as const;
export type Peer = (typeof PEERS)[number];

/**
 * The same question to us and to each peer. Peers have a table `ev` sorted by (uid, t, k): `uid` a dense integer, `t`
 * ms since the epoch, `k` = t * 16 + the arrival order among events of one actor at one time (so k is a total order),
 * `type` an enum (SQLite: index into `EVENT_TYPES`), `plan` = metadata's plan_id.
 */
export interface Question {
  readonly id: string;
  readonly name: string;
  readonly analysis: AnalysisDocument;
  /** ms since the epoch; absent = all events. */
  readonly asOf?: number;
  /** The numbers that all engines must agree on, in any order. */
  readonly rows: (result: AnalysisResult) => readonly Row[];
  /**
   * A long answer `(h, name, n)`: all rows are compared, but peers are timed without fetching them (`sumRows`), because
   * their drivers need longer for that than the query does.
   */
  readonly summed?: boolean;
  readonly sql: Readonly<Record<Peer, readonly Formulation[]>>;
  /** How far ahead of the best peer we want to be at 10M events and 2 threads. */
  readonly goal: number | null;
  /** The same from what the build leaves behind: first occurrences, hourly counters. */
  readonly preparedGoal?: number;
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

export function getFormulation(all: readonly Formulation[], index: number): Formulation {
  const formulation = all[index];
  if (formulation === undefined) throw new Error(`There is no formulation ${index}.`);
  return formulation;
}
