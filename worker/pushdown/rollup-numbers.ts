import type { RollupQuery } from '../../protocol/index.ts';
import { isOpen } from '../compute/range-grid.ts';
import { intervalOf, joinCalendar } from './calendar.ts';
import type { Dialect } from './dialect.ts';
import { list, raw, sql, type Cte, type Sql } from './sql.ts';

/** Sums of an amount, where one is asked for. */
export const amountsOf = ({ sum }: RollupQuery): Sql => (isOpen(sum) ? sql`` : sql`, sum(amount) AS amount`);

/** More places, and there are too many different sets of them. */
export const MOST_PLACES = 62;

/**
 * From `counted` to `ranked` and `numbers`, where the server has sets of bits. An actor is in mostly one series of a period:
 * a bit for each place says in which, so that actors are told apart once a period, and those of any whole are counted from
 * few different sets.
 *
 *   days   u1  3  100    u2  3  110    u3  3  100        wholes   3  100  2    3  110  1
 */
export function writeSets(query: RollupQuery, dialect: Dialect): readonly Cte[] {
  const places = query.limit + 1;
  const interval = sql`${intervalOf(sql`e.time_ms`)} AS n`;
  const own = sql`least(r.place, ${places})`;
  return [
    {
      name: 'tallied',
      comment: 'Events by period and series.',
      materialized: true,
      body: sql`
        SELECT ${interval}, series, count(*) AS events${amountsOf(query)}
        FROM counted e
        ${joinCalendar(sql`e.time_ms`)}
        GROUP BY 1, 2
      `,
    },
    {
      name: 'ranked',
      comment: `Series by their events, ties by name, with the bit of their place; behind place ${query.limit} all have one.`,
      body: sql`
        SELECT series, place, set_bit(repeat('0', ${places})::bit(${places}), least(place, ${places})::int - 1, 1) AS own_bit
        FROM (
          SELECT series, row_number() OVER (ORDER BY sum(events) DESC, ${dialect.byBytes(sql`series`)}) AS place
          FROM tallied
          GROUP BY series
        ) AS s
      `,
    },
    {
      name: 'days',
      comment: 'In which series each actor was in a period.',
      materialized: true,
      body: sql`
        SELECT actor, ${interval}, bit_or(r.own_bit) AS places
        FROM counted e
        ${joinCalendar(sql`e.time_ms`)}
        JOIN ranked r ON r.series = e.series
        GROUP BY 1, 2
      `,
    },
    {
      name: 'wholes',
      comment: 'Actors by period and what they were in; NULL = all periods.',
      body: sql`
        SELECT n, places, count(*) AS actors FROM days GROUP BY n, places
        UNION ALL
        SELECT NULL, places, count(*)
        FROM (SELECT actor, bit_or(places) AS places FROM days GROUP BY actor) AS a
        GROUP BY places
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
          JOIN generate_series(1, ${places}) AS place ON get_bit(places, place - 1) = 1
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
