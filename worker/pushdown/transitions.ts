import type { TransitionsQuery } from '../../protocol/index.ts';
import { transitionsModule } from '../compute/transitions.ts';
import type { TransitionsPartial } from '../compute/transitions-kernel.ts';
import type { Dialect } from './dialect.ts';
import { createEvents } from './event-relation.ts';
import { createMergeContext, readNumber, readText } from './merge-context.ts';
import { NodeCodes } from './node-codes.ts';
import { writeNodes, writeVisits } from './path-nodes.ts';
import type { PushdownContext } from './pushdown-context.ts';
import type { Pusher, ResultRow } from './question.ts';
import { join, raw, sql, withCtes, type Cte, type Sql } from './sql.ts';

/**
 * Transitions: a row for each pair of nodes. NULL in `from_node` = before the first event, in `to_node` = behind the last
 * one; both = all actors.
 */
export const pushDownTransitions: Pusher<'transitions'> = (query, context, dialect) => {
  const isMedian = query.measure === 'medianSeconds';
  return {
    sql: withCtes(
      [...writeNeighbours(query, context, dialect), PAIRS, ...(isMedian ? [MEDIANS] : [])],
      sql`${edgesOf(query)}\nORDER BY 3 DESC, 1, 2`,
    ),
    read: (rows) => {
      const { partial, names } = readTransitions(rows, query);
      return transitionsModule.merge([partial], asNamed(query), createMergeContext(context, names));
    },
  };
};

/** Rows already have the names that groupings and exclusions make. */
export const asNamed = <Q extends Pick<TransitionsQuery, 'groupings' | 'excludeEvents'>>(query: Q): Q => ({
  ...query,
  groupings: [],
  excludeEvents: [],
});

/** Actors are told apart in groups of their own steps, which come one behind the other: nothing is sorted anew. */
const PAIRS: Cte = {
  name: 'pairs',
  comment: 'Each pair of nodes: its steps, its actors, and how many of them began there.',
  materialized: true,
  body: sql`
    SELECT node, node_after, sum(steps) AS steps, count(*) AS actors, sum(ms) AS total_ms, sum(starts) AS starts
    FROM (
      SELECT actor, node, node_after, count(*) AS steps, sum(after_ms - time_ms) AS ms,
        sum(CASE WHEN node_before IS NULL THEN 1 ELSE 0 END) AS starts
      FROM neighbours
      GROUP BY actor, node, node_after
    ) AS each
    GROUP BY node, node_after
  `,
};

const MEDIANS: Cte = {
  name: 'medians',
  comment: 'Of the times of each pair: the mean of the two middle ones where their number is even.',
  body: sql`
    SELECT node, node_after, avg(ms) FILTER (WHERE place IN ((n + 1) / 2, (n + 2) / 2)) AS median_ms
    FROM (
      SELECT node, node_after, ms,
        row_number() OVER (PARTITION BY node, node_after ORDER BY ms) AS place,
        count(*) OVER (PARTITION BY node, node_after) AS n
      FROM (SELECT node, node_after, after_ms - time_ms AS ms FROM neighbours WHERE node_after IS NOT NULL) AS timed
    ) AS placed
    GROUP BY node, node_after
  `,
};

function edgesOf({ boundaryNodes, measure }: TransitionsQuery): Sql {
  const isMedian = measure === 'medianSeconds';
  const median = raw(isMedian ? ', m.median_ms' : ', NULL AS median_ms');
  const joined = raw(isMedian ? '\nLEFT JOIN medians m ON m.node = p.node AND m.node_after = p.node_after' : '');
  const pairs = sql`SELECT p.node AS from_node, p.node_after AS to_node, p.steps, p.actors, p.total_ms${median}\nFROM pairs p${joined}`;
  const first = sql`SELECT NULL, node, sum(starts), sum(starts), 0, NULL FROM pairs GROUP BY node HAVING sum(starts) > 0`;
  return join(
    [
      boundaryNodes ? pairs : sql`${pairs}\nWHERE p.node_after IS NOT NULL`,
      ...(boundaryNodes ? [first] : []),
      sql`SELECT NULL, NULL, coalesce(sum(steps), 0), coalesce(sum(starts), 0), NULL, NULL FROM pairs`,
    ],
    '\nUNION ALL\n',
  );
}

/** `neighbours(actor, node, time_ms, node_before, node_after, after_ms)`. */
function writeNeighbours(query: TransitionsQuery, context: PushdownContext, dialect: Dialect): readonly Cte[] {
  const events = createEvents(context, dialect, query, { ordered: true });
  return [
    events.cte,
    writeNodes(query, events),
    writeVisits(query, 'nodes'),
    {
      name: 'neighbours',
      comment: 'Each node with those before and after it; equal times keep the order of arrival.',
      body: sql`
        SELECT actor, node, time_ms,
          lag(node) OVER history AS node_before,
          lead(node) OVER history AS node_after,
          lead(time_ms) OVER history AS after_ms
        FROM visits
        WINDOW history AS (PARTITION BY actor ORDER BY time_ms, seq)
      `,
    },
  ];
}

/** Down to `steps(actor, from_node, to_node)`. */
export function writeSteps(query: TransitionsQuery, context: PushdownContext, dialect: Dialect): readonly Cte[] {
  const inside = sql`SELECT actor, node AS from_node, node_after AS to_node FROM neighbours WHERE node_after IS NOT NULL`;
  const boundaries = [
    sql`SELECT actor, NULL, node FROM neighbours WHERE node_before IS NULL`,
    sql`SELECT actor, node, NULL FROM neighbours WHERE node_after IS NULL`,
  ];
  return [
    ...writeNeighbours(query, context, dialect),
    {
      name: 'steps',
      comment: query.boundaryNodes
        ? 'From each node to the next; from NULL to the first, from the last to NULL.'
        : 'From each node to the next.',
      body: join([inside, ...(query.boundaryNodes ? boundaries : [])], '\nUNION ALL\n'),
    },
  ];
}

function readTransitions(
  rows: readonly ResultRow[],
  query: TransitionsQuery,
): { readonly partial: TransitionsPartial; readonly names: readonly string[] } {
  const isTotal = (row: ResultRow): boolean => row['from_node'] === null && row['to_node'] === null;
  const edges = rows.filter((row) => !isTotal(row));
  const codes = new NodeCodes();
  for (const row of edges)
    for (const side of ['from_node', 'to_node']) if (row[side] !== null) codes.add(readText(row, side));
  const { names } = codes;
  const width = names.length + 2;
  const codeOf = (row: ResultRow, side: string, boundary: number): number =>
    row[side] === null ? boundary : codes.codeOf(readText(row, side));
  const column = (name: string): Float64Array => Float64Array.from(edges, (row) => readNumber(row, name));
  const keys = Float64Array.from(
    edges,
    (row) => codeOf(row, 'from_node', names.length) * width + codeOf(row, 'to_node', names.length + 1),
  );
  const total = rows.find(isTotal);
  return {
    names,
    partial: {
      edges: { keys, count: column('steps'), actors: column('actors'), totalMs: column('total_ms') },
      samples:
        query.measure === 'medianSeconds'
          ? { offsets: Float64Array.from({ length: edges.length + 1 }, (_, i) => i), values: column('median_ms') }
          : null,
      actorCount: total === undefined ? 0 : readNumber(total, 'actors'),
    },
  };
}
