import type { FunnelQuery } from '../../protocol/index.ts';
import type { EventRelation } from './event-relation.ts';
import { exclusionFlag, stepFlag } from './funnel-parts.ts';
import type { PushdownContext } from './pushdown-context.ts';
import { anyOf, comment, join, lines, list, raw, sql, type Cte, type Sql } from './sql.ts';
import { getStepName } from '../compute/funnel-steps.ts';

/** Values of the breakdown as columns: text, missing and empty are both blank. */
export const valueColumns = (query: FunnelQuery): readonly Sql[] =>
  (query.breakdown?.props ?? []).map((_, i) => raw(`v${i + 1}`));

/**
 * `stream(actor, time_ms, seq, s1…, x1…, v1…)`: the events of the range that may fill a step or are excluded; in strict
 * order all of them, as any event in between ends an attempt.
 */
export function writeStream(events: EventRelation, query: FunnelQuery, context: PushdownContext): readonly Cte[] {
  const flags = [...query.steps.map((_, k) => stepFlag(k)), ...query.exclusions.map((_, x) => exclusionFlag(x))];
  const hasFirst = query.steps.some((step) => step.firstTimeOnly === true);
  const values = valueColumns(query);
  const marked: Cte = {
    name: 'marked',
    comment: 'Which steps (s) each event may fill, and which exclusions (x) name it.',
    body: sql`
      SELECT actor, time_ms, seq,
        ${join(describeFlags(events, query), ',\n')}${listValues(events, query)}${hasFirst ? inStream(events, query, context) : sql``}
      FROM events
    `,
  };
  const kept = query.order === 'strict' ? [] : [anyOf(flags)];
  const stream: Cte = {
    name: 'stream',
    comment: hasFirst
      ? 'A first-time step takes only the first of all events that fit it, and only where that lies in the range.'
      : 'Events that fill no step and are not excluded say nothing.',
    body: hasFirst ? firstOnly(query, flags, values, kept) : plainStream(flags, values, kept),
  };
  return [marked, stream];
}

function describeFlags(events: EventRelation, query: FunnelQuery): readonly Sql[] {
  return [
    ...query.steps.map((step, k) => sql`${events.fits(step)} AS ${stepFlag(k)}`),
    ...query.exclusions.map((exclusion, x) => sql`${events.fits(exclusion)} AS ${exclusionFlag(x)}`),
  ];
}

function listValues(events: EventRelation, query: FunnelQuery): Sql {
  const props = query.breakdown?.props ?? [];
  const pieces = props.map((prop, i) => {
    const column = events.columnOf(prop);
    return column === null ? sql`'' AS ${raw(`v${i + 1}`)}` : sql`coalesce(${column}, '') AS ${raw(`v${i + 1}`)}`;
  });
  return pieces.length === 0 ? sql`` : sql`,\n${lines(pieces)}`;
}

/** What is first is looked up in all data; what counts lies in the range and passes the filters. */
function inStream(events: EventRelation, query: FunnelQuery, { moments }: PushdownContext): Sql {
  const from = Number.isFinite(moments.fromMs) ? [sql`time_ms >= ${Math.ceil(moments.fromMs)}`] : [];
  const pieces = [...from, ...((query.where ?? []).length === 0 ? [] : [events.passes(query.where)])];
  return sql`,\n${pieces.length === 0 ? sql`TRUE` : sql`(${join(pieces, ' AND ')})`} AS counts`;
}

const plainStream = (flags: readonly Sql[], values: readonly Sql[], kept: readonly Sql[]): Sql => sql`
  SELECT actor, time_ms, seq, ${list([...flags, ...values])}
  FROM marked${kept.length === 0 ? sql`` : sql`\nWHERE ${list(kept)}`}
`;

/** Among events of one time all are first, as arrival must not matter; in strict order only the first to arrive. */
function firstOnly(query: FunnelQuery, flags: readonly Sql[], values: readonly Sql[], kept: readonly Sql[]): Sql {
  const isFirst = (k: number): Sql =>
    query.order === 'strict'
      ? sql`row_number() OVER (PARTITION BY actor, ${stepFlag(k)} ORDER BY time_ms, seq) = 1`
      : sql`time_ms = min(CASE WHEN ${stepFlag(k)} THEN time_ms END) OVER (PARTITION BY actor)`;
  const columns = query.steps.map((step, k) =>
    step.firstTimeOnly === true ? sql`(${stepFlag(k)} AND ${isFirst(k)}) AS ${stepFlag(k)}` : stepFlag(k),
  );
  return sql`
    SELECT * FROM (
      SELECT actor, time_ms, seq, ${list([...columns, ...flags.slice(query.steps.length), ...values])}, counts
      FROM marked
    ) AS firsts
    WHERE counts${kept.length === 0 ? sql`` : sql` AND ${list(kept)}`}
  `;
}

/** The steps by name, for the head of the statement. */
export const describeSteps = (query: FunnelQuery): Sql =>
  join(
    query.steps.map((step, k) => comment(`Step ${k + 1}: ${getStepName(step, k)}`)),
    '\n',
  );
