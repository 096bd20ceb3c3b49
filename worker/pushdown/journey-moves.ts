import type { JourneyModel } from '../../protocol/index.ts';
import { START_STATE } from '../../protocol/journey-states.ts';
import type { Dialect } from './dialect.ts';
import { bitOf } from './journey-agenda.ts';
import { join, list, raw, sql, text, type Cte, type Sql } from './sql.ts';

/**
 * The machine: `walk` goes through the agenda of each actor, entry by entry, with the state before it; `moves(actor, i,
 * time_ms, from_state, to_state, ms)` are the entries that changed the state, i from 1, ms = time in the state that was
 * left. Lists of codes and times go along with each actor, which is much faster than looking up the next entry.
 */
export function writeWalk(model: JourneyModel, dialect: Dialect, suffix: string): readonly Cte[] {
  const after = nextState(model);
  return [
    {
      name: `lists${suffix}`,
      comment: 'The agenda of each actor as lists.',
      body: sql`
        SELECT actor, ${listOf(dialect, 'code')} AS codes, ${listOf(dialect, 'time_ms')} AS times, count(*) AS size
        FROM agenda${raw(suffix)}
        GROUP BY actor
      `,
    },
    {
      name: `walk${suffix}`,
      recursive: true,
      comment:
        'The state of an actor before each entry of its agenda; the first rule that fits the state makes the next.',
      body: sql`
        SELECT actor, 1 AS n, ${firstOf(dialect, 'times')} AS time_ms, ${text(START_STATE)} AS state, ${firstOf(dialect, 'codes')} AS code, codes, times, size
        FROM lists${raw(suffix)}
        UNION ALL
        SELECT actor, n + 1, ${nextOf(dialect, 'times')},
          ${after},
          ${nextOf(dialect, 'codes')}, codes, times, size
        FROM walk${raw(suffix)}
        WHERE n < size
      `,
    },
    {
      name: `moves${suffix}`,
      comment: 'Changes of state, numbered from 1, and the time in the state that was left (ms).',
      body: sql`
        SELECT actor, row_number() OVER history AS i, time_ms, from_state, to_state,
          time_ms - lag(time_ms) OVER history AS ms
        FROM (
          SELECT actor, n, time_ms, state AS from_state,
            ${after} AS to_state
          FROM walk${raw(suffix)}
        ) AS w
        WHERE to_state <> from_state
        WINDOW history AS (PARTITION BY actor ORDER BY n)
      `,
    },
  ];
}

/** A column of the agenda as a list; its first entry; in `walk` the one behind entry n. */
const listOf = ({ name }: Dialect, column: string): Sql =>
  raw(`${name === 'sqlite' ? 'json_group_array' : 'array_agg'}(${column} ORDER BY n)`);
const firstOf = ({ name }: Dialect, values: string): Sql => raw(name === 'sqlite' ? `${values} ->> 0` : `${values}[1]`);
const nextOf = ({ name }: Dialect, values: string): Sql =>
  raw(name === 'sqlite' ? `${values} ->> n` : `${values}[n + 1]`);

function nextState({ rules, deadlines }: JourneyModel): Sql {
  const cases = [...rules, ...deadlines].map(({ from, to }, i) => {
    const allowed =
      from === null ? raw('') : sql` AND ${from.length === 0 ? raw('1 = 0') : sql`state IN (${list(from.map(text))})`}`;
    return sql`WHEN (code & ${bitOf(i)}) <> 0${allowed} THEN ${text(to)}`;
  });
  return sql`CASE
    ${join(cases, '\n')}
    ELSE state
  END`;
}
