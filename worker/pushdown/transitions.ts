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
 * one; both = all actors and steps.
 */
export const pushDownTransitions: Pusher<'transitions'> = (query, context, dialect) => ({
  sql: withCtes(
    [...writeSteps(query, context, dialect), ...(query.measure === 'medianSeconds' ? [PLACED] : [])],
    sql`
      SELECT from_node, to_node, count(*) AS steps, count(DISTINCT actor) AS actors, sum(ms) AS total_ms, ${medianOf(query)} AS median_ms
      FROM ${raw(query.measure === 'medianSeconds' ? 'placed' : 'steps')}
      GROUP BY from_node, to_node
      UNION ALL
      SELECT NULL, NULL, (SELECT count(*) FROM steps), count(DISTINCT actor), NULL, NULL
      FROM neighbours
      ORDER BY 3 DESC, 1, 2
    `,
  ),
  read: (rows) => {
    const { partial, names } = readTransitions(rows, query);
    return transitionsModule.merge([partial], asNamed(query), createMergeContext(context, names));
  },
});

/** Rows already have the names that groupings and exclusions make. */
export const asNamed = <Q extends Pick<TransitionsQuery, 'groupings' | 'excludeEvents'>>(query: Q): Q => ({
  ...query,
  groupings: [],
  excludeEvents: [],
});

const medianOf = ({ measure }: TransitionsQuery): Sql =>
  raw(measure === 'medianSeconds' ? 'avg(ms) FILTER (WHERE place IN ((n + 1) / 2, (n + 2) / 2))' : 'NULL');

const PLACED: Cte = {
  name: 'placed',
  comment: 'Steps by their duration, for the median: the mean of the two middle ones where their number is even.',
  body: sql`
    SELECT actor, from_node, to_node, ms,
      row_number() OVER (PARTITION BY from_node, to_node ORDER BY ms) AS place,
      count(*) OVER (PARTITION BY from_node, to_node) AS n
    FROM steps
  `,
};

/** Down to `steps(actor, from_node, to_node, ms)`. */
export function writeSteps(query: TransitionsQuery, context: PushdownContext, dialect: Dialect): readonly Cte[] {
  const events = createEvents(context, dialect, query, { ordered: true });
  const inside = sql`SELECT actor, node AS from_node, node_after AS to_node, after_ms - time_ms AS ms FROM neighbours WHERE node_after IS NOT NULL`;
  const boundaries = [
    sql`SELECT actor, NULL, node, 0 FROM neighbours WHERE node_before IS NULL`,
    sql`SELECT actor, node, NULL, 0 FROM neighbours WHERE node_after IS NULL`,
  ];
  return [
    events.cte,
    writeNodes(query, events),
    writeVisits(query, 'nodes'),
    {
      name: 'neighbours',
      materialized: true,
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
