import { mergeFlow } from '../compute/flow-merge.ts';
import type { FlowPartial } from '../compute/flow-tally.ts';
import { writeMoves } from './flow-paths.ts';
import { createMergeContext, readNumber, readText } from './merge-context.ts';
import { NodeCodes } from './node-codes.ts';
import type { Pusher, ResultRow } from './question.ts';
import { sql, withCtes } from './sql.ts';
import { asNamed } from './transitions.ts';

/**
 * Flow: rows of the kinds `edge`, `drop-off` and `continues` by step and node, `node` with the actors of all of them
 * together, and `all`. Every edge is there: which are shown is decided where the answer is put together.
 */
export const pushDownFlow: Pusher<'flow'> = (query, context, dialect) => ({
  sql: withCtes(
    writeMoves(query, context, dialect),
    sql`
      SELECT kind, step, node, next_node, count(*) AS paths, count(DISTINCT actor) AS actors, sum(ms) AS total_ms
      FROM moves
      GROUP BY kind, step, node, next_node
      UNION ALL
      SELECT 'node', step, node, NULL, count(*), count(DISTINCT actor), NULL
      FROM moves
      GROUP BY step, node
      UNION ALL
      SELECT 'all', NULL, NULL, NULL, count(*), count(DISTINCT actor), NULL
      FROM moves
      WHERE step = 1
      ORDER BY 1, 2, 5 DESC, 3, 4
    `,
  ),
  read: (rows) => {
    const { partial, names } = readFlow(rows);
    return mergeFlow([partial], asNamed(query), createMergeContext(context, names));
  },
});

function readFlow(rows: readonly ResultRow[]): { readonly partial: FlowPartial; readonly names: readonly string[] } {
  const codes = new NodeCodes();
  for (const row of rows) if (row['kind'] === 'node' && row['node'] !== null) codes.add(readText(row, 'node'));
  const { names } = codes;
  const folded = names.length;
  const width = names.length + 1;
  const codeOf = (row: ResultRow, side: string): number =>
    row[side] === null ? folded : codes.codeOf(readText(row, side));
  const keyOf = (row: ResultRow): number => (readNumber(row, 'step') - 1) * width + codeOf(row, 'node');
  const ofKind = (kind: string): readonly ResultRow[] => rows.filter((row) => row['kind'] === kind);
  const [nodes, edges] = [ofKind('node'), ofKind('edge')];
  const [ends, continues] = [ofKind('drop-off'), ofKind('continues')].map(
    (some) => new Map(some.map((row) => [keyOf(row), row])),
  );
  const column = (of: readonly ResultRow[], name: string): Float64Array =>
    Float64Array.from(of, (row) => readNumber(row, name));
  const keys = Float64Array.from(nodes, keyOf);
  const at = (found: ReadonlyMap<number, ResultRow> | undefined, name: string): Float64Array =>
    keys.map((key) => readNumber(found?.get(key) ?? {}, name));
  const [all] = ofKind('all');
  return {
    names,
    partial: {
      nodes: {
        keys,
        count: column(nodes, 'paths'),
        actors: column(nodes, 'actors'),
        ends: at(ends, 'paths'),
        endActors: at(ends, 'actors'),
        continues: at(continues, 'paths'),
        continueActors: at(continues, 'actors'),
      },
      edges: {
        keys: Float64Array.from(edges, (row) => keyOf(row) * width + codeOf(row, 'next_node')),
        count: column(edges, 'paths'),
        actors: column(edges, 'actors'),
        totalMs: column(edges, 'total_ms'),
      },
      pathCount: readNumber(all ?? {}, 'paths'),
      actorCount: readNumber(all ?? {}, 'actors'),
    },
  };
}
