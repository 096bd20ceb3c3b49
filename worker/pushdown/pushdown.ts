import type { Analysis, AnalysisType } from '../../protocol/index.ts';
import type { AnswerBody } from '../compute/compute-module.ts';
import type { Dialect, DialectName } from './dialect.ts';
import { postgres } from './postgres.ts';
import type { PushdownContext } from './pushdown-context.ts';
import { Refusal } from './refusal.ts';
import { pushDownFunnel } from './funnel.ts';
import type { Pusher, ResultRow } from './question.ts';
import { pushDownRollup } from './rollup.ts';
import { pushDownRetention } from './retention.ts';
import { pushDownLifecycle } from './lifecycle.ts';
import { pushDownStickiness } from './stickiness.ts';
import { pushDownTransitions } from './transitions.ts';
import { pushDownStepMatrix } from './step-matrix.ts';
import { pushDownVariants } from './variants.ts';
import { pushDownFlow } from './flow.ts';
import { pushDownJourney } from './journey.ts';
import { render, renderInline, type Statement } from './sql.ts';
import { sqlite } from './sqlite.ts';

export interface PushedDown {
  readonly statement: Statement;
  /** The same with the values as literals, for reading and for an SQL editor. */
  readonly readable: string;
  readonly read: (rows: readonly ResultRow[]) => AnswerBody<AnalysisType>;
}
/** Not offered, and why: one sentence. */
export interface NotPushedDown {
  readonly reason: string;
}

export const DIALECTS: Readonly<Record<DialectName, Dialect>> = { postgres, sqlite };
const PUSHERS: { readonly [T in AnalysisType]?: Pusher<T> } = {
  funnel: pushDownFunnel,
  rollup: pushDownRollup,
  journey: pushDownJourney,
  flow: pushDownFlow,
  variants: pushDownVariants,
  stepMatrix: pushDownStepMatrix,
  transitions: pushDownTransitions,
  stickiness: pushDownStickiness,
  lifecycle: pushDownLifecycle,
  retention: pushDownRetention,
};

/** The analysis as one reading statement for the source, or why there is none. */
export function pushDown(analysis: Analysis, context: PushdownContext): PushedDown | NotPushedDown {
  const dialect = DIALECTS[context.dialect];
  const pusher = PUSHERS[analysis.type] as Pusher<AnalysisType> | undefined;
  if (pusher === undefined) return { reason: `Analyses of type ${analysis.type} are not said in SQL.` };
  try {
    const { sql, read } = pusher(analysis, context, dialect);
    return { statement: render(sql, dialect), readable: renderInline(sql, shorten(dialect)), read };
  } catch (error) {
    if (error instanceof Refusal) return { reason: error.reason };
    throw error;
  }
}

/** Ids of a segment are no reading. Where the statement is to run as it is written, there are not so many. */
const LONGEST_SHOWN = 400_000;
const shorten = (dialect: Dialect): Pick<Dialect, 'literal'> => ({
  literal: (value) =>
    value.length > LONGEST_SHOWN
      ? `/* ${value.length.toLocaleString('en-US')} characters */ NULL`
      : dialect.literal(value),
});
