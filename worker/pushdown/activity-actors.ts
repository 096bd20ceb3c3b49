import { getPeriodIndex } from '../compute/range-grid.ts';
import { createEvents } from './event-relation.ts';
import { writeStatuses } from './lifecycle.ts';
import type { ActorWriter } from './question.ts';
import { Refusal } from './refusal.ts';
import { historyOf, writeCohorts } from './retention.ts';
import { nameOf, writePlaced } from './rollup.ts';
import { allOf, raw, sql, text, withCtes, type Sql } from './sql.ts';
import { writeActiveDays } from './stickiness.ts';

/** Actors with an event in a period, a series, or both. */
export const writeRollupActors: ActorWriter<'rollup'> = (query, { period, series }, context, dialect) => {
  const { grid, ctes } = writePlaced(query, context, dialect);
  const wanted = [
    ...(period === undefined ? [] : [sql`n = ${getPeriodIndex(grid, period)}`]),
    ...(series === undefined
      ? []
      : [query.by === null ? isOnly(series, nameOf(query)) : isSeries(series, query.limit)]),
  ];
  return withCtes(ctes, sql`SELECT DISTINCT actor FROM placed WHERE ${allOf(wanted)}`);
};

const isOnly = (series: string, own: string): Sql => raw(series === own ? 'TRUE' : 'FALSE');

/** A value that is shown is itself; `Other`, with as many `(rest)` as needed, is what is not shown. */
function isSeries(series: string, limit: number): Sql {
  const shown = sql`(SELECT place FROM ranked WHERE series = ${text(series)} AND place <= ${limit})`;
  return /^Other(?: \(rest\))*$/.test(series) ? sql`place = coalesce(${shown}, ${limit + 1})` : sql`place = ${shown}`;
}

/** Actors of a cohort that came back in a later interval, or did not. */
export const writeRetentionActors: ActorWriter<'retention'> = (query, selection, context, dialect) => {
  const events = createEvents(context, dialect, query, historyOf(query, context));
  const { grid, ctes } = writeCohorts(query, context, events);
  const { cohort, interval, returned } = selection;
  if (cohort + interval >= grid.starts.length) throw new Refusal('The answer has no such cell.');
  const isBack =
    interval === 0
      ? raw('1 = 1')
      : sql`EXISTS (SELECT 1 FROM returns r WHERE r.actor = c.actor AND r.n = ${cohort + interval})`;
  return withCtes(
    ctes,
    sql`SELECT actor FROM cohorts c WHERE n = ${cohort} AND ${returned ? isBack : sql`NOT (${isBack})`}`,
  );
};

export const writeLifecycleActors: ActorWriter<'lifecycle'> = (query, { period, status }, context, dialect) => {
  const { grid, ctes } = writeStatuses(query, context, dialect);
  const n = getPeriodIndex(grid, period);
  return withCtes(ctes, sql`SELECT actor FROM statuses WHERE n = ${n} AND status = ${text(status)}`);
};

export const writeStickinessActors: ActorWriter<'stickiness'> = (query, { activeIntervals }, context, dialect) =>
  withCtes(
    writeActiveDays(query, context, dialect),
    sql`SELECT actor FROM activity WHERE active_intervals = ${activeIntervals}`,
  );
