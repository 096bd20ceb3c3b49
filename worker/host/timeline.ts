import { EngineError, type Analysis, type Timeline } from '../../protocol/index.ts';
import { getRequiredColumns } from '../plan/required-columns.ts';
import { findString } from '../segment/string-table.ts';
import { getPropertyNames } from './property-names.ts';
import { prepare } from './answer.ts';
import type { RequestScope } from './request-scope.ts';
import type { SourceSession } from './source-session.ts';

export interface TimelineQuery {
  readonly actor: string;
  readonly analysis: Analysis | null;
  readonly offset: number;
  readonly limit: number;
}
/** Up to this many events all properties are kept for timelines; above it, those that questions have asked for. */
const ALL_PROPERTIES_UP_TO = 1_000_000;

/** Throws E_USAGE when no event is of that actor. */
export async function getActorTimeline(
  session: SourceSession,
  query: TimelineQuery,
  scope: RequestScope,
): Promise<Timeline> {
  const prepared = query.analysis === null ? null : prepare(session, query.analysis);
  const small = session.info.events <= ALL_PROPERTIES_UP_TO;
  const wanted = [
    ...(small ? getPropertyNames(session.description) : []),
    ...(query.analysis === null ? [] : getRequiredColumns(query.analysis)),
  ];
  const { held } = await session.ensureSegment(
    {
      actorProperty: prepared?.need.actorProperty ?? null,
      hours: { from: null, to: null },
      properties: [...new Set(wanted)],
      recordedAt: session.description.hasRecordedAt,
    },
    scope,
  );
  const actor = findString(held.segment.actorIds, query.actor);
  if (actor === null)
    throw new EngineError('E_USAGE', `No events of actor "${query.actor}".`, {
      hint: 'Take an id from an actor list; ids are matched exactly.',
    });
  const payload = {
    actor,
    query: prepared === null ? null : { analysis: prepared.analysis, moments: prepared.moments },
    offset: query.offset,
    limit: query.limit,
  };
  const timeline = await session.pool.run('timeline', payload, {
    control: scope.control,
    segment: { key: held.key, value: held.segment },
  });
  await session.checkUnchanged();
  return timeline;
}
