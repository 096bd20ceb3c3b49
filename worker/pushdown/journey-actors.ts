import type { JourneyQuery, JourneySelection } from '../../protocol/index.ts';
import { NO_STATE, START_STATE } from '../../protocol/journey-states.ts';
import { buildJourneyGrid } from '../compute/journey-grid.ts';
import { getComparedContext } from '../compute/journey-view.ts';
import { getPeriodIndex } from '../compute/range-grid.ts';
import { getIntervalEnd } from '../compute/time-bucket.ts';
import type { Dialect } from './dialect.ts';
import { COMPARED, comparedOf, writeMachine, writeMoves, writePath } from './journey.ts';
import { createMergeContext, refuseOpenStart } from './merge-context.ts';
import type { PushdownContext } from './pushdown-context.ts';
import type { ActorWriter } from './question.ts';
import { Refusal } from './refusal.ts';
import { sql, text, type Cte, type Sql } from './sql.ts';
import { withinDepth } from './statement-depth.ts';

export const writeJourneyActors: ActorWriter<'journey'> = (query, selection, context, dialect) => {
  const machine = writeMachine(query, context, dialect, '');
  const [ctes, final] = select(query, selection, context, dialect, machine);
  return withinDepth(ctes, final, dialect);
};

type Selected = readonly [ctes: readonly Cte[], final: Sql];

function select(
  query: JourneyQuery,
  selection: JourneySelection,
  context: PushdownContext,
  dialect: Dialect,
  machine: readonly Cte[],
): Selected {
  if ('state' in selection) {
    const { state, period } = selection;
    return period === undefined
      ? [machine, sql`SELECT actor FROM states WHERE state = ${stateOf(query, state)}`]
      : [machine, inStateAt(stateOf(query, state), getPeriodEnd(query, context, period))];
  }
  if ('move' in selection) {
    const from = selection.move.from === NO_STATE ? START_STATE : selection.move.from;
    return [
      [...machine, ...writeMoves(context)],
      sql`SELECT DISTINCT actor FROM counted WHERE from_state = ${text(from)} AND to_state = ${text(selection.move.to)}`,
    ];
  }
  if ('moved' in selection) return writeMoved(query, selection.moved, context, dialect, machine);
  return [[...machine, ...writePath(query, context, dialect)], onPath(selection)];
}

/** `start` and `none` both stand for no state. */
function stateOf({ model }: JourneyQuery, state: string): Sql {
  if (state === START_STATE || state === NO_STATE) return text(NO_STATE);
  if (!model.states.includes(state)) throw new Refusal(`“${state}” is not a state of this journey.`);
  return text(state);
}

function getPeriodEnd(query: JourneyQuery, context: PushdownContext, period: string): number {
  refuseOpenStart(query, 'The intervals');
  const grid = buildJourneyGrid(createMergeContext(context), query);
  return getIntervalEnd(grid, getPeriodIndex(grid, period)) - 1;
}

const inStateAt = (state: Sql, timeMs: number): Sql => sql`
  SELECT a.actor AS actor
  FROM states a
  LEFT JOIN (
    SELECT actor, to_state, row_number() OVER (PARTITION BY actor ORDER BY i DESC) AS last
    FROM moves
    WHERE time_ms <= ${timeMs}
  ) AS m ON m.actor = a.actor AND m.last = 1
  WHERE coalesce(m.to_state, ${text(NO_STATE)}) = ${state}
`;

function writeMoved(
  query: JourneyQuery,
  { from, to }: { readonly from: string; readonly to: string },
  context: PushdownContext,
  dialect: Dialect,
  machine: readonly Cte[],
): Selected {
  if (!query.compareTo) throw new Refusal('This journey is not compared with another time.');
  const then = getComparedContext(createMergeContext(context), query, query.compareTo);
  return [
    [...machine, ...writeMachine(query, comparedOf(context, then), dialect, '_then'), COMPARED],
    sql`SELECT actor FROM compared WHERE state_then = ${stateOf(query, from)} AND state_now = ${stateOf(query, to)}`,
  ];
}

type OnPath = Extract<
  JourneySelection,
  { node: unknown } | { edge: unknown } | { stays: unknown } | { continues: unknown }
>;

function onPath(selection: OnPath): Sql {
  if ('edge' in selection) {
    const { step, from, to } = selection.edge;
    return sql`SELECT actor FROM path WHERE kind = 'edge' AND step = ${step} AND state = ${text(from)} AND next_state = ${text(to)}`;
  }
  const { step, name } =
    'node' in selection ? selection.node : 'stays' in selection ? selection.stays : selection.continues;
  const kind = 'node' in selection ? sql`` : sql` AND kind = ${text('stays' in selection ? 'stays' : 'continues')}`;
  return sql`SELECT actor FROM path WHERE step = ${step} AND state = ${text(name)}${kind}`;
}
