import type { Condition, FlowQuery } from '../../protocol/index.ts';
import type { Dialect } from './dialect.ts';
import type { EventRelation } from './event-relation.ts';
import { raw, list, sql, text, type Cte, type Sql } from './sql.ts';

type NodeQuery = Pick<FlowQuery, 'include' | 'groupings' | 'excludeEvents' | 'collapseRepeats'>;

/**
 * `nodes(actor, time_ms, seq, node)`: the included events, under the name of the first grouping that is found in theirs,
 * without the excluded ones.
 */
export function writeNodes(query: NodeQuery, events: EventRelation): Cte {
  const { dialect } = events;
  const include: Condition[] = query.include ? [{ prop: query.include.prop, op: 'in', value: query.include.in }] : [];
  const excluded = query.excludeEvents.filter(canBeSent);
  return {
    name: 'nodes',
    comment: 'Events as nodes of a path: groupings replace names, excluded ones are dropped.',
    body: sql`
      SELECT actor, time_ms, seq, node
      FROM (
        SELECT actor, time_ms, seq, ${nameOfNode(query.groupings, dialect)} AS node
        FROM events${include.length === 0 ? raw('') : sql`\nWHERE ${events.passes(include)}`}
      ) AS named
      WHERE ${excluded.length === 0 ? raw('node IS NOT NULL') : sql`node NOT IN (${list(excluded.map(text))})`}
    `,
  };
}

function nameOfNode(groupings: readonly string[], dialect: Dialect): Sql {
  const cases = groupings
    .filter(canBeSent)
    .map((pattern) => sql`WHEN ${isFound(pattern, dialect)} THEN ${text(pattern)} `);
  return cases.length === 0
    ? raw('event')
    : sql`CASE ${{ chunks: cases.flatMap((piece) => piece.chunks) }}ELSE event END`;
}

/** Anywhere in the name, case and all; `*` = anything, also nothing. */
function isFound(pattern: string, { name }: Dialect): Sql {
  if (name === 'sqlite') return sql`event GLOB ${text(`*${pattern.replaceAll(/[?[]/g, '[$&]')}*`)}`;
  return sql`event LIKE ${text(`%${pattern.replaceAll(/[\\%_]/g, String.raw`\$&`).replaceAll('*', '%')}%`)}`;
}

/** A zero byte is in no text of a database, and could not even be sent. */
const canBeSent = (value: string): boolean => !value.includes('\0');

/**
 * `visits(actor, ${keys}, time_ms, seq, node)` of `source`: a node repeated in a row is one node, the last of them.
 * `keys` tell the paths of an actor apart.
 */
export function writeVisits({ collapseRepeats }: NodeQuery, source: string, keys: readonly string[] = []): Cte {
  const path = raw(['actor', ...keys].join(', '));
  const columns = sql`${path}, time_ms, seq, node`;
  return {
    name: 'visits',
    comment: collapseRepeats
      ? 'A node repeated in a row is one node, with the last time.'
      : 'Repeats stay separate nodes.',
    body: collapseRepeats
      ? sql`
          SELECT ${columns}
          FROM (
            SELECT ${columns}, lead(node) OVER (PARTITION BY ${path} ORDER BY time_ms, seq) AS node_after
            FROM ${raw(source)}
          ) AS n
          WHERE node_after IS NULL OR node_after <> node
        `
      : sql`SELECT ${columns} FROM ${raw(source)}`,
  };
}
