import type { Analysis, AnalysisType, Selection } from '../../protocol/index.ts';
import {
  writeLifecycleActors,
  writeRetentionActors,
  writeRollupActors,
  writeStickinessActors,
} from './activity-actors.ts';
import { writeFunnelActors } from './funnel-actors.ts';
import { writeJourneyActors } from './journey-actors.ts';
import { writeFlowActors, writeMatrixActors, writeTransitionActors, writeVariantActors } from './path-actors.ts';
import { DIALECTS } from './pushdown.ts';
import type { PushdownContext } from './pushdown-context.ts';
import type { ActorWriter } from './question.ts';
import { Refusal } from './refusal.ts';
import { render, renderInline, sql, type Statement } from './sql.ts';

export interface ActorSql {
  /** Rows of one column `actor`, each once, by its bytes. */
  readonly statement: Statement;
  /** The same with the values as literals, for reading and for an SQL editor. */
  readonly readable: string;
}

const WRITERS: { readonly [T in AnalysisType]?: ActorWriter<T> } = {
  funnel: writeFunnelActors,
  rollup: writeRollupActors,
  retention: writeRetentionActors,
  lifecycle: writeLifecycleActors,
  stickiness: writeStickinessActors,
  transitions: writeTransitionActors,
  flow: writeFlowActors,
  stepMatrix: writeMatrixActors,
  variants: writeVariantActors,
  journey: writeJourneyActors,
};

/**
 * The actors behind one number as a statement, or why there is none. Throws E_BAD_QUERY where the selection names a period
 * that the answer does not have.
 */
export function getActorSql(
  analysis: Analysis,
  selection: Selection,
  context: PushdownContext,
): ActorSql | { readonly reason: string } {
  const dialect = DIALECTS[context.dialect];
  const writer = WRITERS[analysis.type] as ActorWriter<AnalysisType> | undefined;
  if (writer === undefined) return { reason: `Lists of actors of a ${analysis.type} are not said in SQL.` };
  try {
    const piece = sql`${writer(analysis, selection, context, dialect)}\nORDER BY actor`;
    return { statement: render(piece, dialect), readable: renderInline(piece, dialect) };
  } catch (error) {
    if (error instanceof Refusal) return { reason: error.reason };
    throw error;
  }
}
