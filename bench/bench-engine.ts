import type { Question, Row } from './question.ts';

/** Files of one data set; made once (`data.ts`). */
export interface DataPaths {
  /** The snapshot as a user has it: the only thing we read. */
  readonly snapshot: string;
  /** Flat events as text, from which the peers' tables are made. */
  readonly events: string;
  readonly parquet: string;
  readonly duckdb: string;
  readonly clickhouse: string;
  readonly sqlite: string;
  /** A folder outside of the checkout: its server may run as another user, who must reach it. */
  readonly postgres: string;
  /** Of our engine: what it keeps beside the app's data. */
  readonly dataDir: string;
}

export interface BenchEngine {
  readonly version: string;
  /** Names of the ways to ask it. */
  formulations(question: Question): readonly string[];
  /**
   * Answers, each time anew. The promise is timed, the rows' making is not. `allRows`: also of a `summed` question.
   */
  ask(question: Question, how: AskHow): Promise<() => readonly Row[]>;
  close(): Promise<void>;
}
export interface AskHow {
  readonly formulation: number;
  readonly allRows: boolean;
}
/** Ours also says what it holds, and answers for one moment after the other. */
export interface OwnEngine extends BenchEngine {
  held(): Promise<Held>;
  /** The journey's state at each of these moments (ms since the epoch), one request each. */
  scrub(question: Question, moments: readonly number[]): Promise<readonly Scrubbed[]>;
}
export interface Held {
  readonly events: number;
  readonly actors: number;
  readonly bytes: number;
}
export interface Scrubbed {
  readonly ms: number;
  readonly rows: readonly Row[];
}
export type OpenEngine = (paths: DataPaths, threads: number) => Promise<BenchEngine>;

/** `tributary-scan` is ours without what is derived from the columns (first occurrences, counters): it always scans. */
export const ENGINE_NAMES = ['tributary', 'tributary-scan', 'duckdb', 'clickhouse', 'sqlite', 'postgres'] as const;
export type EngineName = (typeof ENGINE_NAMES)[number];
export const PEERS = ['duckdb', 'clickhouse', 'sqlite', 'postgres'] as const;
export type Peer = (typeof PEERS)[number];
export const isPeer = (name: EngineName): name is Peer => (PEERS as readonly string[]).includes(name);
/** They need seconds a question: their first answer is their time. */
export const ROW_STORES: readonly EngineName[] = ['sqlite', 'postgres'];

/**
 * What is timed: a peer by its fastest formulation; ours by counts alone, as the peers count (`tributary`,
 * `tributary-scan`), and with averages, medians and histograms (`tributary-full`).
 */
export const CONTESTANTS = ['tributary', 'tributary-scan', 'tributary-full', ...PEERS] as const;
export type Contestant = (typeof CONTESTANTS)[number];
/** The ways to ask ours; the second one is the contestant `tributary-full`. */
export const OWN_DETAILS = ['counts', 'full'] as const;

export const TITLES: Readonly<Record<Contestant, string>> = {
  tributary: 'Tributary',
  'tributary-scan': 'by scan',
  'tributary-full': 'in full',
  duckdb: 'DuckDB',
  clickhouse: 'ClickHouse',
  sqlite: 'SQLite',
  postgres: 'Postgres',
};
