import type { StepMatrixQuery } from '../../protocol/index.ts';
import { stepMatrixModule } from '../compute/step-matrix.ts';
import type { StepMatrixPartial } from '../compute/step-matrix-kernel.ts';
import type { Dialect } from './dialect.ts';
import { createEvents } from './event-relation.ts';
import { createMergeContext, readNumber, readText } from './merge-context.ts';
import { NodeCodes } from './node-codes.ts';
import { writeNodes, writeVisits } from './path-nodes.ts';
import type { PushdownContext } from './pushdown-context.ts';
import type { Pusher, ResultRow } from './question.ts';
import { sql, withCtes, type Cte } from './sql.ts';
import { asNamed } from './transitions.ts';

/** Step matrix: a row for each node and position (from 0); the node NULL = all actors, from whom shares are taken. */
export const pushDownStepMatrix: Pusher<'stepMatrix'> = (query, context, dialect) => {
  return {
    sql: withCtes(
      writePositions(query, context, dialect),
      sql`
        SELECT node, position, count(*) AS actors
        FROM positions
        WHERE position < ${query.maxSteps}
        GROUP BY node, position
        UNION ALL
        SELECT NULL, NULL, count(DISTINCT actor)
        FROM positions
        ORDER BY 2, 3 DESC, 1
      `,
    ),
    read: (rows) => {
      const { partial, names } = readMatrix(rows, query);
      return stepMatrixModule.merge([partial], asNamed(query), createMergeContext(context, names));
    },
  };
};

/** Down to `positions(actor, node, position)`, from 0. */
export function writePositions(query: StepMatrixQuery, context: PushdownContext, dialect: Dialect): readonly Cte[] {
  const events = createEvents(context, dialect, query, { ordered: true });
  return [
    events.cte,
    writeNodes(query, events),
    writeVisits(query, 'nodes'),
    {
      name: 'positions',
      comment: 'Which node of its actor each one is, from 0.',
      body: sql`
        SELECT actor, node, row_number() OVER (PARTITION BY actor ORDER BY time_ms, seq) - 1 AS position
        FROM visits
      `,
    },
  ];
}

/** Rows of the matrix by the number of events, as the engine has them. */
function readMatrix(
  rows: readonly ResultRow[],
  { maxSteps }: StepMatrixQuery,
): { readonly partial: StepMatrixPartial; readonly names: readonly string[] } {
  const cells = rows.filter((row) => row['node'] !== null);
  const codes = new NodeCodes();
  for (const row of cells) codes.add(readText(row, 'node'));
  const { names } = codes;
  const all = rows.find((row) => row['node'] === null);
  const actorCount = all === undefined ? 0 : readNumber(all, 'actors');
  const end = names.length * maxSteps;
  const counts = new Float64Array(end + maxSteps);
  counts.fill(actorCount, end);
  for (const row of cells) {
    const [position, actors] = [readNumber(row, 'position'), readNumber(row, 'actors')];
    counts[codes.codeOf(readText(row, 'node')) * maxSteps + position] = actors;
    // Who is at no node of a position has ended before.
    counts[end + position] = (counts[end + position] ?? 0) - actors;
  }
  return { partial: { counts, actorCount }, names };
}
