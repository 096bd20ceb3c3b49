import type { FunnelQuery } from '../../protocol/index.ts';
import { toMilliseconds } from '../compute/step-match.ts';
import { buildIntervals, type IntervalGrid } from '../compute/time-bucket.ts';
import { getNeededHistory } from '../plan/needed-history.ts';
import { getOnlyEvents } from './condition-sql.ts';
import type { Dialect } from './dialect.ts';
import { createEvents } from './event-relation.ts';
import { writeMoments } from './funnel-moments.ts';
import { writeOptional } from './funnel-optional.ts';
import { writeOrdered } from './funnel-ordered.ts';
import type { FunnelParts, OrderParts } from './funnel-parts.ts';
import { readFunnel } from './funnel-read.ts';
import { describeSteps, valueColumns, writeStream } from './funnel-stream.ts';
import { writeStrict } from './funnel-strict.ts';
import { writeSummary } from './funnel-summary.ts';
import { writeUnordered } from './funnel-unordered.ts';
import { unitOf, writeAccepted, writeDeepest, writeGroups, writeViews, type GroupParts } from './funnel-views.ts';
import type { PushdownContext } from './pushdown-context.ts';
import type { Pusher } from './question.ts';
import { classifySteps } from './step-classes.ts';
import { sql, withCtes, type Cte, type Sql } from './sql.ts';

/** Funnels in SQL: conformance/SEMANTICS.md, rules 1 to 13. Every column is computed in one pass over an actor's events. */
export const pushDownFunnel: Pusher<'funnel'> = (query, context, dialect) => {
  const { parts, groups, accepted, ctes } = writeFunnel(query, context, dialect);
  const grid = query.viz === 'trend' ? buildGrid(query, context) : null;
  const summary = writeSummary(parts, groups, accepted, grid);
  const windowMs = query.window === null ? Number.POSITIVE_INFINITY : toMilliseconds(query.window);
  const horizonMs = Math.min(context.moments.asOfMs, context.lastEventMs);
  return {
    sql: sql`${describeSteps(query)}\n${withCtes([...ctes, ...summary.ctes], summary.final)}`,
    read: (rows) => readFunnel(rows, { query, grid, windowMs, horizonMs }),
  };
};

export interface WrittenFunnel {
  readonly parts: FunnelParts;
  /** null = no breakdown. */
  readonly groups: GroupParts | null;
  /** Down to `deepest` and, with a breakdown, `placed` and `ranking`. */
  readonly ctes: readonly Cte[];
  /** The relation of the attempts that count. */
  readonly accepted: Sql;
}

export function writeFunnel(query: FunnelQuery, context: PushdownContext, dialect: Dialect): WrittenFunnel {
  const attribution = query.breakdown?.attribution;
  const parts: FunnelParts = {
    query,
    dialect,
    stepCount: query.steps.length,
    windowMs: query.window === null ? null : Math.floor(toMilliseconds(query.window)),
    classes: classifySteps(query.steps, attribution?.type === 'step' ? attribution.step : null),
    unit: unitOf(query),
    values: valueColumns(query),
  };
  const history = getNeededHistory(query, context.moments);
  const hasFirst = query.steps.some((step) => step.firstTimeOnly === true);
  const events = createEvents(context, dialect, query, {
    fromMs: history.fromMs,
    toMs: history.toMs,
    only: query.order === 'strict' ? null : getOnlyEvents([...query.steps, ...query.exclusions]),
    filtered: !hasFirst,
    ordered: needsArrival(query),
  });
  const order = writeOrder(parts);
  const stream = writeStream(events, query, context).map((cte) => renameSeen(cte, query));
  const accepted = writeAccepted(parts, order);
  const groups = writeGroups(parts);
  const ctes = [
    events.cte,
    ...stream,
    ...writeViews(query),
    ...order.ctes,
    ...accepted.ctes,
    writeDeepest(parts, order, accepted.from),
    ...(groups?.ctes ?? []),
  ];
  return { parts, groups, ctes, accepted: accepted.from };
}

/** With a breakdown, `stream` is what comes of it. */
const renameSeen = (cte: Cte, query: FunnelQuery): Cte =>
  cte.name === 'stream' && query.breakdown ? { ...cte, name: 'seen' } : cte;

/** Among equal times: in strict order, and where the first or last touch decides. */
function needsArrival({ order, breakdown }: FunnelQuery): boolean {
  const type = breakdown?.attribution.type;
  return order === 'strict' || type === 'first_touch' || type === 'last_touch';
}

function writeOrder(parts: FunnelParts): OrderParts {
  const { query } = parts;
  if (query.order === 'strict') return writeStrict(parts);
  if (query.order === 'unordered') return writeUnordered(parts);
  if (query.steps.some((step) => step.optional === true)) return writeOptional(parts);
  return parts.classes.apart ? writeOrdered(parts) : writeMoments(parts);
}

/** As worker/compute/funnel-trend.ts lays it. */
function buildGrid(query: FunnelQuery, { moments, firstEventMs, lastEventMs }: PushdownContext): IntervalGrid {
  const first = Number.isFinite(firstEventMs) ? Math.floor(firstEventMs / 1000) * 1000 : 0;
  const from = Number.isFinite(moments.fromMs) ? moments.fromMs : first;
  const hasEnd = query.dateRange?.to !== null && query.dateRange?.to !== undefined;
  const to = hasEnd ? moments.toMs : Math.min(moments.toMs, lastEventMs);
  return buildIntervals(query.timezone, query.interval, query.weekStart, from, Number.isFinite(to) ? to : from - 1);
}
