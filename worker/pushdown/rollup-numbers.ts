import type { RollupQuery } from '../../protocol/index.ts';
import { isOpen } from '../compute/range-grid.ts';
import type { Dialect } from './dialect.ts';
import { list, raw, sql, type Cte, type Sql } from './sql.ts';

/** Sums of an amount, where one is asked for. */
export const amountsOf = ({ sum }: RollupQuery): Sql => (isOpen(sum) ? sql`` : sql`, sum(amount) AS amount`);

/** More places than this have no bit each in a number of 64. */
export const MOST_PLACES = 62;

/**
 * From `timed(actor, series, n, amount)` to `ranked` and `numbers`, where the server has sets of bits. An actor is in mostly
 * one series of a period: a bit for each place says in which, so that actors are told apart in one sort by actor and period,
 * and those of any whole are counted from few different sets. `timed` is read twice rather than kept: several processes may
 * read and sort side by side.
 *
 *   seen   u1  3  1    u1  3  2    u2  3  2        wholes   3  11  1    3  10  1    NULL  11  1   …
 */
export function writeSets(query: RollupQuery, dialect: Dialect): readonly Cte[] {
  const places = query.limit + 1;
  const own = sql`least(r.place, ${places})`;
  return [
    {
      name: 'tallied',
      comment: 'Events by period and series.',
      materialized: true,
      body: sql`
        SELECT n, series, count(*) AS events${amountsOf(query)}
        FROM timed
        GROUP BY n, series
      `,
    },
    {
      name: 'ranked',
      comment: 'Series by their events, ties by name.',
      body: sql`
        SELECT series, row_number() OVER (ORDER BY sum(events) DESC, ${dialect.byBytes(sql`series`)}) AS place
        FROM tallied
        GROUP BY series
      `,
    },
    {
      name: 'seen',
      comment: `In which places actors were in which period; behind place ${query.limit} all have one.`,
      body: sql`
        SELECT actor, n, coalesce(
          array_position((SELECT array_agg(series ORDER BY place) FROM ranked WHERE place <= ${query.limit}), series),
          ${places}
        ) AS place
        FROM timed
        ORDER BY actor, n${dialect.fence}
      `,
    },
    {
      name: 'wholes',
      comment: 'Actors by period and the places they were in, a bit for each; NULL = all periods.',
      body: sql`
        SELECT n, places, count(*) AS actors
        FROM (
          SELECT n, bit_or(1::bigint << (place - 1)) AS places
          FROM seen
          GROUP BY GROUPING SETS ((actor, n), (actor))
        ) AS each
        GROUP BY n, places
      `,
    },
    {
      name: 'numbers',
      comment: 'Events and actors of periods and series; NULL stands for all periods, or all series.',
      body: sql`
        SELECT n, place, sum(events) AS events, sum(actors) AS actors${amountsOf(query)}
        FROM (
          SELECT n, ${own} AS place, sum(events) AS events, 0 AS actors${amountsOf(query)}
          FROM tallied t
          JOIN ranked r ON r.series = t.series
          GROUP BY CUBE (n, ${own})
          UNION ALL
          SELECT n, place, 0, actors${isOpen(query.sum) ? sql`` : sql`, NULL`}
          FROM wholes
          JOIN generate_series(1, ${places}) AS place ON places >> (place - 1) & 1 = 1
          UNION ALL
          SELECT n, NULL, 0, actors${isOpen(query.sum) ? sql`` : sql`, NULL`} FROM wholes
        ) AS u
        GROUP BY n, place
      `,
    },
  ];
}

export const keysOf = ({ by }: RollupQuery): readonly Sql[] => (by === null ? [sql`n`] : [sql`n`, sql`place`]);

/** From `placed`, whatever the number of places: actors are told apart in each whole that is asked for. */
export function writeGroups(query: RollupQuery): Cte {
  const keys = list(keysOf(query));
  const sets =
    query.by === null ? raw('(actor, n), (actor)') : raw('(actor, n, place), (actor, n), (actor, place), (actor)');
  return {
    name: 'numbers',
    comment: 'Events and actors of periods and series; NULL stands for all periods, or all series.',
    body: sql`
      SELECT ${keys}, sum(events) AS events, count(*) AS actors${amountsOf(query)}
      FROM (
        SELECT ${keys}, GROUPING(${keys}) AS whole, count(*) AS events${amountsOf(query)}
        FROM placed
        GROUP BY GROUPING SETS (${sets})
      ) AS each
      GROUP BY whole, ${keys}
    `,
  };
}
