import type { FunnelQuery, FunnelSelection } from '../../protocol/index.ts';
import { OTHER } from '../compute/funnel-merge.ts';
import { valueColumns } from './funnel-stream.ts';
import { hasViews } from './funnel-views.ts';
import { writeFunnel } from './funnel.ts';
import type { ActorWriter } from './question.ts';
import { Refusal } from './refusal.ts';
import { allOf, raw, sql, text, withCtes, type Sql } from './sql.ts';

/** Actors that reached a step, or dropped off before one, of the whole or of a group. */
export const writeFunnelActors: ActorWriter<'funnel'> = (query, selection, context, dialect) => {
  const { ctes } = writeFunnel(query, context, dialect);
  const level = levelOf(query, selection);
  const group = 'group' in selection ? selection.group : undefined;
  if (group !== undefined)
    return withCtes(ctes, sql`SELECT actor FROM placed WHERE ${allOf([level, ...isGroup(query, group)])}`);
  const whole = hasViews(query) ? [sql`grouped = 0`] : [];
  return withCtes(ctes, sql`SELECT actor FROM deepest WHERE ${allOf([level, ...whole])}`);
};

function levelOf({ steps }: FunnelQuery, selection: FunnelSelection): Sql {
  const [step, wanted] =
    'reachedStep' in selection
      ? [selection.reachedStep, sql`level > ${selection.reachedStep}`]
      : 'droppedBeforeStep' in selection
        ? [selection.droppedBeforeStep, sql`level = ${selection.droppedBeforeStep}`]
        : [0, null];
  if (wanted === null)
    throw new Refusal('The actors of a period and of a bin of times are looked up by the engine: they have no SQL.');
  if (step >= steps.length) throw new Refusal(`This funnel has no step ${step}.`);
  return wanted;
}

/** A value by itself; Other, where groups are pooled, is what lies behind the limit, and lists an actor once a value. */
function isGroup(query: FunnelQuery, group: readonly string[]): readonly Sql[] {
  const values = valueColumns(query);
  if (group.length !== values.length && group.length !== 1) return [raw('1 = 0')];
  const isValue = values.map((column, i) => sql`${column} = ${text(group[i] ?? '')}`);
  const limit = query.breakdown?.limit;
  if (limit === null || limit === undefined || group.length !== 1 || group[0] !== OTHER) return isValue;
  const isPooled = sql`EXISTS (SELECT 1 FROM ranking WHERE place > ${limit})`;
  return [sql`CASE WHEN ${isPooled} THEN place > ${limit} ELSE ${allOf(isValue)} END`];
}
