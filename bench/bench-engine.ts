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
  /** Of our engine: what it keeps beside the app's data. */
  readonly dataDir: string;
}

/** `known`: the engine's own files are there. `raw`: nothing but the snapshot. */
export type Opening = 'known' | 'raw';

export interface BenchEngine {
  readonly version: string;
  /** Ours only: events of the snapshot, and bytes that hold them. */
  readonly events?: number;
  readonly bytes?: number;
  /** Names of the ways to ask it. */
  formulations(question: Question): readonly string[];
  /**
   * Answers without a cache of answers: `round` makes each asking new. The promise is timed, the rows' making is not.
   * `full`: all rows also of a `summed` question.
   */
  ask(question: Question, how: AskHow): Promise<() => readonly Row[]>;
  close(): Promise<void>;
}
export interface AskHow {
  readonly formulation: number;
  readonly round: number;
  readonly full: boolean;
}
/** Throws when the engine cannot open that way; the message is shown. */
export type OpenEngine = (paths: DataPaths, threads: number, opening: Opening) => Promise<BenchEngine>;

export const ENGINE_NAMES = ['tributary', 'duckdb', 'clickhouse', 'sqlite'] as const;
export type EngineName = (typeof ENGINE_NAMES)[number];
export const TITLES: Readonly<Record<EngineName, string>> = {
  tributary: 'Tributary',
  duckdb: 'DuckDB',
  clickhouse: 'ClickHouse',
  sqlite: 'SQLite',
};
