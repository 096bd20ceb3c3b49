import type { JourneyModel } from '../../protocol/index.ts';
import { toMilliseconds } from '../compute/step-match.ts';
import type { Dialect } from './dialect.ts';
import type { EventRelation } from './event-relation.ts';
import { Refusal } from './refusal.ts';
import { join, list, raw, sql, type Cte, type Sql } from './sql.ts';

/**
 * What can move an actor, in order: its events that fit a rule, and the deadlines that were not met. `code` has a bit for
 * each rule that fits (rules first, then deadlines), so that the first one that fits the state can be chosen later.
 */
type Rule = JourneyModel['rules'][number];
type Deadline = JourneyModel['deadlines'][number];

/** Bits of a whole number that every reader of rows keeps. */
const MOST_BITS = 50;

/** Bit of a rule; those of deadlines come behind. */
export const bitOf = (index: number): number => 2 ** index;

/**
 * `agenda(actor, n, time_ms, code)` with n from 1. `suffix` tells the parts of two journeys in one statement apart;
 * deadlines up to `endMs` have passed.
 */
export function writeAgenda(model: JourneyModel, events: EventRelation, suffix: string, endMs: number): readonly Cte[] {
  if (model.rules.length + model.deadlines.length > MOST_BITS)
    throw new Refusal(`More than ${MOST_BITS} rules and deadlines are not said in SQL.`);
  const from = raw(`events${suffix}`);
  const objects = model.rules.flatMap((rule, i) =>
    rule.lastOf === undefined ? [] : writeObjects(rule, rule.lastOf, i, events, from, suffix),
  );
  const deadlines = model.deadlines.flatMap((deadline, j) =>
    writeDeadlines(deadline, model.rules.length + j, events, from, suffix, endMs),
  );
  const hits = [
    ...hitsOf(model.rules, events, from),
    ...model.rules.flatMap((rule, i) =>
      rule.lastOf === undefined
        ? []
        : [
            sql`SELECT actor, time_ms, seq, ${bitOf(i)} AS code FROM ${raw(`objects_${i + 1}${suffix}`)} WHERE is_open = 0 AND still_open = 0`,
          ],
    ),
  ];
  return [
    ...objects,
    ...deadlines,
    {
      name: `hits${suffix}`,
      comment: 'Events that fit rules: rule k has the bit 2 ^ (k - 1) of the code.',
      body: sql`
        SELECT actor, time_ms, seq, CAST(sum(code) AS bigint) AS code
        FROM (
          ${join(hits, '\nUNION ALL\n')}
        ) AS h
        GROUP BY actor, time_ms, seq
      `,
    },
    agendaOf(model, suffix),
  ];
}

/** Rules without a last object, all bits of an event at once. */
function hitsOf(rules: readonly Rule[], events: EventRelation, from: Sql): readonly Sql[] {
  const plain = rules.flatMap((rule, i) =>
    rule.lastOf === undefined ? [sql`CASE WHEN ${events.fits(rule.event)} THEN ${bitOf(i)} ELSE 0 END`] : [],
  );
  if (plain.length === 0) return [];
  return [
    sql`
      SELECT actor, time_ms, seq, code
      FROM (
        SELECT actor, time_ms, seq,
          ${join(plain, '\n+ ')} AS code
        FROM ${from}
      ) AS r
      WHERE code > 0
    `,
  ];
}

/** Openings and closings of the objects of a rule, and how many are open behind each. */
function writeObjects(
  rule: Rule,
  { key, openedBy }: NonNullable<Rule['lastOf']>,
  index: number,
  events: EventRelation,
  from: Sql,
  suffix: string,
): readonly Cte[] {
  const id = events.columnOf(key) ?? events.dialect.nullOf('text');
  const order = sql`time_ms, seq, is_open DESC`;
  const before = sql`lag(is_open) OVER (PARTITION BY actor, object_id ORDER BY ${order})`;
  return [
    {
      name: `changes_${index + 1}${suffix}`,
      comment: `Rule ${index + 1}: each ${key} that opens (1) or closes (-1); what is open cannot open, and the like.`,
      body: sql`
        SELECT actor, time_ms, seq, is_open,
          CASE WHEN object_id IS NULL OR is_open = was_open THEN 0 WHEN is_open = 1 THEN 1 ELSE -1 END AS change
        FROM (
          SELECT actor, object_id, time_ms, seq, is_open, coalesce(${before}, 0) AS was_open
          FROM (
            SELECT actor, time_ms, seq, ${id} AS object_id, 1 AS is_open FROM ${from} WHERE ${events.fits(openedBy)}
            UNION ALL
            SELECT actor, time_ms, seq, ${id} AS object_id, 0 AS is_open FROM ${from} WHERE ${events.fits(rule.event)}
          ) AS e
        ) AS o
      `,
    },
    {
      name: `objects_${index + 1}${suffix}`,
      comment: 'How many are open then.',
      body: sql`
        SELECT actor, time_ms, seq, is_open,
          sum(change) OVER (PARTITION BY actor ORDER BY ${order} ROWS UNBOUNDED PRECEDING) AS still_open
        FROM ${raw(`changes_${index + 1}${suffix}`)}
      `,
    },
  ];
}

/** Deadlines of one kind that passed without what they wait for, also where that came before the opening. */
function writeDeadlines(
  { opens, key, dueAt, metBy, after }: Deadline,
  index: number,
  events: EventRelation,
  from: Sql,
  suffix: string,
  endMs: number,
): readonly Cte[] {
  const { dialect, columnOf } = events;
  const id = columnOf(key) ?? dialect.nullOf('text');
  const afterMs = Math.round(toMilliseconds(after));
  const due = dueAt === null ? null : (columnOf(dueAt) ?? null);
  const late = sql`time_ms + ${afterMs}`;
  const at =
    due === null
      ? late
      : dialect.greatest([sql`time_ms`, sql`coalesce(${instantOf(due, dialect)}, time_ms) + ${afterMs}`]);
  const opened = `opened_${index + 1}${suffix}`;
  return [
    {
      name: opened,
      comment: `Deadlines by ${key}: ${after.value} ${after.unit}s after they were due, never before what sets them.`,
      // Due times are texts: read once, not wherever they are compared.
      materialized: true,
      body: sql`
        SELECT actor, ${id} AS object_id, time_ms, seq,
          ${at} AS at_ms
        FROM ${from}
        WHERE ${events.fits(opens)}
      `,
    },
    {
      name: `missed_${index + 1}${suffix}`,
      comment: 'Those that passed: nothing met them up to then.',
      body: sql`
        SELECT o.actor, o.at_ms, o.time_ms, o.seq
        FROM ${raw(opened)} AS o
        LEFT JOIN (
          SELECT actor, ${id} AS object_id, min(time_ms) AS met_ms FROM ${from} WHERE ${events.fits(metBy)} GROUP BY 1, 2
        ) AS m ON m.actor = o.actor AND m.object_id = o.object_id
        WHERE o.object_id IS NOT NULL
          AND o.at_ms <= ${Number.isFinite(endMs) ? endMs : 0}
          AND (m.met_ms IS NULL OR m.met_ms > o.at_ms)
      `,
    },
  ];
}

/** A text as ms: digits are ms, else ISO 8601 (UTC without an offset); NULL where it is neither. */
function instantOf(due: Sql, dialect: Dialect): Sql {
  const digits =
    dialect.name === 'sqlite'
      ? sql`WHEN ltrim(${due}, '-') GLOB '[0-9][0-9][0-9][0-9][0-9]*' AND CAST(${due} AS REAL) = ${due} THEN CAST(floor(CAST(${due} AS REAL)) AS INTEGER)`
      : sql`WHEN ${due} ~ '^-?[0-9]{5,15}([.][0-9]+)?$' THEN floor(${due}::numeric)::bigint`;
  return sql`CASE ${digits} ELSE ${dialect.timeMs(due, 'iso', 'text')} END`;
}

/** Events come before deadlines of their time; these in the order of what opened them. */
function agendaOf({ rules, deadlines }: JourneyModel, suffix: string): Cte {
  const missed = deadlines.map(
    (_, j) =>
      sql`SELECT actor, at_ms, 1, time_ms, seq, ${bitOf(rules.length + j)} FROM ${raw(`missed_${rules.length + j + 1}${suffix}`)}`,
  );
  const order = list([sql`time_ms`, sql`is_deadline`, sql`since_ms`, sql`seq`, sql`code`]);
  return {
    name: `agenda${suffix}`,
    comment: 'All that can move an actor, in order; a deadline comes behind the events of its time.',
    materialized: true,
    body: sql`
      SELECT actor, time_ms, code, row_number() OVER (PARTITION BY actor ORDER BY ${order}) AS n
      FROM (
        SELECT actor, time_ms, 0 AS is_deadline, time_ms AS since_ms, seq, code FROM ${raw(`hits${suffix}`)}${missed.length === 0 ? raw('') : sql`\nUNION ALL\n${join(missed, '\nUNION ALL\n')}`}
      ) AS a
    `,
  };
}
