import type { FlowQuery } from '../../protocol/index.ts';
import { hasAnchor } from '../compute/path-walk.ts';
import type { Dialect } from './dialect.ts';
import { createEvents } from './event-relation.ts';
import { writeNodes, writeVisits } from './path-nodes.ts';
import type { PushdownContext } from './pushdown-context.ts';
import { list, raw, sql, text, type Cte, type Sql } from './sql.ts';

/**
 * Down to `moves(actor, kind, step, node, next_node, ms)`: each node of each path with what comes behind it. `kind` is
 * `edge`, `drop-off` where the path ends or `continues` where it is cut; the node NULL is the folded middle. Without a
 * session gap an actor has one path.
 */
export function writeMoves(query: FlowQuery, context: PushdownContext, dialect: Dialect): readonly Cte[] {
  const events = createEvents(context, dialect, query, { ordered: true });
  const gap = query.sessionGapSeconds;
  const keys = gap === null ? [] : ['path'];
  const path = raw(['actor', ...keys].join(', '));
  return [
    events.cte,
    writeNodes(query, events),
    ...(gap === null ? [] : writePaths(Math.floor(gap * 1000))),
    writeVisits(query, gap === null ? 'nodes' : 'paths', keys),
    {
      name: 'positions',
      comment: 'Nodes numbered along their path, from 1.',
      body: sql`
        SELECT ${path}, node, time_ms, row_number() OVER (PARTITION BY ${path} ORDER BY time_ms, seq) AS position
        FROM visits
      `,
    },
    startOf(query, path),
    endOf(query, path),
    cutOf(query, path),
    movesOf(query, path),
  ];
}

/** Durations are whole ms, so a broken gap is as good as its whole part. */
const writePaths = (gapMs: number): readonly Cte[] => [
  {
    name: 'pauses',
    comment: `A pause of more than ${gapMs} ms begins a new path.`,
    body: sql`
      SELECT actor, time_ms, seq, node,
        CASE WHEN time_ms - lag(time_ms) OVER (PARTITION BY actor ORDER BY time_ms, seq) > ${gapMs} THEN 1 ELSE 0 END AS is_new
      FROM nodes
    `,
  },
  {
    name: 'paths',
    comment: 'Paths of an actor, numbered from 0.',
    body: sql`
      SELECT actor, time_ms, seq, node,
        sum(is_new) OVER (PARTITION BY actor ORDER BY time_ms, seq ROWS UNBOUNDED PRECEDING) AS path
      FROM pauses
    `,
  },
];

/** Where a node is an anchor; a slash at the end makes no difference. */
function isAnchor(anchor: string): Sql {
  const wanted = withoutSlash(anchor);
  const names = [wanted, `${wanted}/`].filter((name) => withoutSlash(name) === wanted && !name.includes('\0'));
  return names.length === 0 ? raw('FALSE') : sql`node IN (${list(names.map(text))})`;
}
const withoutSlash = (name: string): string => (name.length > 1 && name.endsWith('/') ? name.slice(0, -1) : name);

function startOf({ startAt }: FlowQuery, path: Sql): Cte {
  if (!hasAnchor(startAt))
    return {
      name: 'started',
      comment: 'Paths from their first node on.',
      body: sql`SELECT ${path}, node, time_ms, position FROM positions`,
    };
  return {
    name: 'started',
    comment: 'Paths from the first time at the start on, numbered anew.',
    body: sql`
      SELECT ${path}, node, time_ms, position - start_at + 1 AS position
      FROM (
        SELECT ${path}, node, time_ms, position,
          min(CASE WHEN ${isAnchor(startAt)} THEN position END) OVER (PARTITION BY ${path}) AS start_at
        FROM positions
      ) AS p
      WHERE position >= start_at
    `,
  };
}

function endOf({ endAt }: FlowQuery, path: Sql): Cte {
  if (!hasAnchor(endAt))
    return {
      name: 'ended',
      comment: 'Paths to their last node, with their length.',
      body: sql`SELECT ${path}, node, time_ms, position, count(*) OVER (PARTITION BY ${path}) AS length FROM started`,
    };
  return {
    name: 'ended',
    comment: 'Paths up to the first time at the end, with their length; those without it are left out.',
    body: sql`
      SELECT ${path}, node, time_ms, position, length
      FROM (
        SELECT ${path}, node, time_ms, position,
          min(CASE WHEN ${isAnchor(endAt)} THEN position END) OVER (PARTITION BY ${path}) AS length
        FROM started
      ) AS p
      WHERE position <= length
    `,
  };
}

function cutOf({ startAt, endAt, maxSteps }: FlowQuery, path: Sql): Cte {
  const name = 'cut';
  if (!hasAnchor(endAt))
    return {
      name,
      comment: `The first ${maxSteps} nodes; a longer path goes on behind them.`,
      body: sql`
        SELECT ${path}, node, time_ms, position AS step, CASE WHEN length > ${maxSteps} THEN 1 ELSE 0 END AS goes_on
        FROM ended
        WHERE position <= ${maxSteps}
      `,
    };
  if (!hasAnchor(startAt))
    return {
      name,
      comment: `The last ${maxSteps} nodes.`,
      body: sql`
        SELECT ${path}, node, time_ms, position - CASE WHEN length > ${maxSteps} THEN length - ${maxSteps} ELSE 0 END AS step, 0 AS goes_on
        FROM ended
        WHERE position > length - ${maxSteps}
      `,
    };
  const half = Math.floor(maxSteps / 2);
  return {
    name,
    comment: `Of more than ${maxSteps} nodes ${half} at each end; those between are one, NULL, with the time of the first of them.`,
    body: sql`
      SELECT ${path},
        CASE WHEN length > ${maxSteps} AND position = ${half + 1} THEN NULL ELSE node END AS node,
        time_ms,
        CASE WHEN length > ${maxSteps} AND position > ${half + 1} THEN position - length + ${2 * half + 1} ELSE position END AS step,
        0 AS goes_on
      FROM ended
      WHERE length <= ${maxSteps} OR position <= ${half + 1} OR position > length - ${half}
    `,
  };
}

const movesOf = ({ maxSteps }: FlowQuery, path: Sql): Cte => ({
  name: 'moves',
  comment: `Each node with the next; behind node ${maxSteps} a path that goes on is not followed.`,
  body: sql`
    SELECT actor,
      CASE WHEN lead(step) OVER along IS NOT NULL THEN 'edge' WHEN goes_on = 1 THEN 'continues' ELSE 'drop-off' END AS kind,
      step, node, lead(node) OVER along AS next_node, lead(time_ms) OVER along - time_ms AS ms
    FROM cut
    WINDOW along AS (PARTITION BY ${path} ORDER BY step)
  `,
});
