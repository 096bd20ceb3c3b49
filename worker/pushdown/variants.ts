import type { VariantsQuery } from '../../protocol/index.ts';
import { compareText } from '../compute/compare-text.ts';
import type { Dialect } from './dialect.ts';
import { createEvents } from './event-relation.ts';
import { readNumber } from './merge-context.ts';
import { writeNodes, writeVisits } from './path-nodes.ts';
import type { PushdownContext } from './pushdown-context.ts';
import type { Pusher, ResultRow } from './question.ts';
import { raw, sql, withCtes, type Cte, type Sql } from './sql.ts';

/**
 * Variants: a row for each of the most frequent sequences. Ties go name by name, a shorter sequence first: arrays of
 * Postgres compare so; SQLite compares texts, with a mark between the names that comes before all letters.
 */
export const pushDownVariants: Pusher<'variants'> = (query, context, dialect) => {
  return {
    sql: withCtes(
      writeSequences(query, context, dialect),
      sql`
        SELECT sequence, count(*) AS actors, count(*) OVER () AS variant_count, sum(count(*)) OVER () AS actor_count
        FROM sequences
        GROUP BY sequence, sort_key
        ORDER BY actors DESC, sort_key
        LIMIT ${query.limit}
      `,
    ),
    read: (rows) => ({
      type: 'variants',
      variants: rows
        .map((row) => ({ sequence: readSequence(row), actors: readNumber(row, 'actors') }))
        .toSorted((a, b) => b.actors - a.actors || compareSequences(a.sequence, b.sequence)),
      variantCount: rows[0] === undefined ? 0 : readNumber(rows[0], 'variant_count'),
      actorCount: rows[0] === undefined ? 0 : readNumber(rows[0], 'actor_count'),
    }),
  };
};

/** Down to `sequences(actor, sequence, sort_key)`; the sequence is JSON. */
export function writeSequences(query: VariantsQuery, context: PushdownContext, dialect: Dialect): readonly Cte[] {
  const events = createEvents(context, dialect, query, { ordered: true });
  return [
    events.cte,
    writeNodes(query, events),
    writeVisits(query, 'nodes'),
    {
      name: 'sequences',
      comment: 'The whole sequence of each actor, and a text or list to sort it by.',
      body: sql`
        SELECT actor, ${sequenceOf(dialect)}
        FROM visits
        GROUP BY actor
      `,
    },
  ];
}

const sequenceOf = ({ name }: Dialect): Sql =>
  raw(
    name === 'sqlite'
      ? `json_group_array(node ORDER BY time_ms, seq) AS sequence,\n  group_concat(node, char(1) ORDER BY time_ms, seq) AS sort_key`
      : `to_jsonb(array_agg(node ORDER BY time_ms, seq)) AS sequence,\n  array_agg(node COLLATE "C" ORDER BY time_ms, seq) AS sort_key`,
  );

function readSequence({ sequence }: ResultRow): readonly string[] {
  return (typeof sequence === 'string' ? JSON.parse(sequence) : sequence) as readonly string[];
}

function compareSequences(a: readonly string[], b: readonly string[]): number {
  const at = a.findIndex((name, i) => name !== b[i]);
  return at === -1 ? a.length - b.length : at >= b.length ? 1 : compareText(a[at] ?? '', b[at] ?? '');
}
