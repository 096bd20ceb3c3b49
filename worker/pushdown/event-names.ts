import { AnalysisSchema, type Vocabulary } from '../../protocol/index.ts';
import { resolveContext } from '../compute/resolve-context.ts';
import { createEvents } from './event-relation.ts';
import { readNumber, readText } from './merge-context.ts';
import { DIALECTS } from './pushdown.ts';
import type { PushdownContext } from './pushdown-context.ts';
import type { ResultRow } from './question.ts';
import { Refusal } from './refusal.ts';
import { render, sql, withCtes, type Statement } from './sql.ts';

const EVERYTHING = AnalysisSchema.parse({ type: 'rollup' });
type SourceFacts = Omit<PushdownContext, 'hours' | 'firstEventMs' | 'lastEventMs' | 'moments'>;

/** Names of events with their events and actors, most frequent first, as one statement for the source; null = it cannot be said. */
export function countEventNames(facts: SourceFacts): {
  readonly statement: Statement;
  readonly read: (rows: readonly ResultRow[]) => Vocabulary['events'];
} | null {
  const dialect = DIALECTS[facts.dialect];
  const moments = resolveContext(EVERYTHING);
  const context = { ...facts, hours: null, firstEventMs: -Infinity, lastEventMs: Infinity, moments };
  const cte = tryEvents(() => createEvents(context, dialect, EVERYTHING).cte);
  if (cte === null) return null;
  const counted = sql`
    SELECT event, sum(events) AS events, count(*) AS actors
    FROM (SELECT event, actor, count(*) AS events FROM events GROUP BY event, actor) AS each
    GROUP BY event
    ORDER BY 2 DESC, ${dialect.byBytes(sql`event`)}
  `;
  const read = (rows: readonly ResultRow[]): Vocabulary['events'] =>
    rows.map((row) => ({
      name: readText(row, 'event'),
      count: readNumber(row, 'events'),
      actors: readNumber(row, 'actors'),
    }));
  return { statement: render(withCtes([cte], counted), dialect), read };
}

function tryEvents<T>(make: () => T): T | null {
  try {
    return make();
  } catch (error) {
    if (error instanceof Refusal) return null;
    throw error;
  }
}
