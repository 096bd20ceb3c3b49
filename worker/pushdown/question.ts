import type { AnalysisOf, AnalysisType, SelectionOf } from '../../protocol/index.ts';
import type { AnswerBody } from '../compute/compute-module.ts';
import type { Dialect } from './dialect.ts';
import type { PushdownContext } from './pushdown-context.ts';
import type { Sql } from './sql.ts';

/** A row as a driver gives it: by column name; whole numbers may come as numbers, bigints or digits. */
export type ResultRow = Readonly<Record<string, unknown>>;
/** An analysis as a statement, before it is written out. `read` makes what the compute module's `merge` makes. */
export interface Question<T extends AnalysisType = AnalysisType> {
  readonly sql: Sql;
  readonly read: (rows: readonly ResultRow[]) => AnswerBody<T>;
}
/** One noun a file. Throws `Refusal` where a rule cannot be said. */
export type Pusher<T extends AnalysisType> = (
  analysis: AnalysisOf<T>,
  context: PushdownContext,
  dialect: Dialect,
) => Question<T>;
/** The actors behind one number as a SELECT of one column `actor`, each once, without an order. Throws `Refusal`, too. */
export type ActorWriter<T extends AnalysisType = AnalysisType> = (
  analysis: AnalysisOf<T>,
  selection: SelectionOf<T>,
  context: PushdownContext,
  dialect: Dialect,
) => Sql;
