import { EngineError } from '../../protocol/errors.ts';
import type { Analysis, Timeline } from '../../protocol/index.ts';
import { getRequiredColumns } from '../plan/required-columns.ts';
import { findString } from '../segment/string-table.ts';
import { getPropertyNames } from './property-names.ts';
import { prepare } from './answer.ts';
import { checkPull } from './pull-budget.ts';
import type { RequestScope } from './request-scope.ts';
import { withActorIds } from './with-actor-ids.ts';
import type { HeldSegment } from './held-segment.ts';
import type { SourceSession } from './source-session.ts';
import { findRows } from './timeline-rows.ts';
import type { FoundRow } from '../source/event-source.ts';

export interface TimelineQuery {
  readonly actor: string;
  readonly analysis: Analysis | null;
  readonly offset: number;
  readonly limit: number;
}

/**
 * Throws E_USAGE when no event is of that actor. The rows of the page are read from the source again, so that they
 * show all properties whatever is in memory; a source whose rows cannot be found again has all its columns loaded.
 */
export async function getActorTimeline(
  session: SourceSession,
  query: TimelineQuery,
  scope: RequestScope,
): Promise<Timeline> {
  const prepared = query.analysis === null ? null : prepare(session, query.analysis);
  const { canLookUp } = session.description;
  const wanted = [
    ...(canLookUp ? [] : getPropertyNames(session.description)),
    ...(query.analysis === null ? [] : getRequiredColumns(query.analysis)),
  ];
  const need = {
    actorProperty: prepared?.need.actorProperty ?? null,
    hours: { from: null, to: null },
    properties: [...new Set(wanted)],
    recordedAt: canLookUp ? (prepared?.need.recordedAt ?? false) : session.description.hasRecordedAt,
  };
  checkPull(session, need);
  const { held } = await session.ensureSegment(need, scope);
  const actor = findString(held.segment.actorIds, query.actor);
  if (actor === null)
    throw new EngineError('E_USAGE', `No events of actor "${query.actor}".`, {
      hint: 'Take an id from an actor list; ids are matched exactly.',
    });
  const payload = {
    query: prepared === null ? null : { analysis: prepared.analysis, moments: prepared.moments },
    offset: query.offset,
    limit: query.limit,
  };
  const needed = { properties: [...new Set(wanted)], recordedAt: held.segment.recordedAt !== null };
  const { timeline, first } = await withActorIds(
    session.pool,
    held,
    Uint32Array.of(actor),
    needed,
    scope,
    async ({ segment, actors, firstEvents }) => ({
      timeline: await session.pool.run(
        'timeline',
        { ...payload, actor: actors[0] ?? 0 },
        { control: scope.control, segment },
      ),
      first: firstEvents[0] ?? 0,
    }),
  );
  const rows = canLookUp ? await findTimelineRows(session, held, first, timeline, scope) : null;
  await session.checkUnchanged();
  const { partial } = session;
  const marked = partial === null ? timeline : { ...timeline, partial };
  return rows === null ? marked : withRows(marked, rows);
}

function findTimelineRows(
  session: SourceSession,
  held: HeldSegment,
  first: number,
  { offset, events }: Timeline,
  scope: RequestScope,
): Promise<readonly FoundRow[]> {
  const from = first + offset;
  return findRows(session, held, from, from + events.length, scope);
}

function withRows(timeline: Timeline, rows: readonly FoundRow[]): Timeline {
  const events = timeline.events.map((event, i) => {
    const { props = {}, recordedAt = null } = rows[i] ?? {};
    return { ...event, props, ...(recordedAt === null ? {} : { recordedAt }) };
  });
  return { ...timeline, events };
}
