import { EngineError } from '../../protocol/errors.ts';
import type { Analysis, LatestEvent } from '../../protocol/index.ts';
import { prepare } from './answer.ts';
import { findMove, type NewestEvents } from './latest-tasks.ts';
import { checkPull, getRowsToMove } from './pull-budget.ts';
import type { RequestScope } from './request-scope.ts';
import { getColumnsNeeded, NO_COLUMNS, runOnRanges } from './run-on-ranges.ts';
import type { HeldSegment, SegmentNeed } from './held-segment.ts';
import type { SourceSession } from './source-session.ts';
import type { TaskMap } from './tasks.ts';
import { withActorIds } from './with-actor-ids.ts';

const ALL_HOURS = { from: null, to: null };

export interface LatestQuery {
  readonly limit: number;
  readonly journey: Analysis | null;
}

/** The newest events, newest first, with what they moved in a journey. Throws E_BAD_QUERY for an analysis of another type. */
export async function getLatest(
  session: SourceSession,
  { limit, journey }: LatestQuery,
  scope: RequestScope,
): Promise<readonly LatestEvent[]> {
  if (journey !== null && journey.type !== 'journey')
    throw new EngineError('E_BAD_QUERY', 'Moves of the latest events are those of a journey.', {
      hint: 'Ask with an analysis of type journey, or without one.',
      path: 'journey',
    });
  const prepared = journey === null ? null : prepare(session, journey);
  const need = prepared?.need ?? { actorProperty: null, properties: [], recordedAt: false };
  // What moved an actor depends on everything that it did before.
  const hours = prepared === null ? getNewestHours(session, limit) : ALL_HOURS;
  const wanted: SegmentNeed = { ...need, hours, groups: ['events', 'actors'] };
  checkPull(session, wanted);
  const { held } = await session.ensureSegment(wanted, scope);
  const parts = await runOnRanges(session.pool, held, 'findNewest', (range) => ({ range, limit }), scope, NO_COLUMNS);
  const newest = mergeNewest(parts, limit);
  const query = prepared === null ? null : { analysis: prepared.analysis, moments: prepared.moments };
  const actors = await describeActors(session, held, newest, query, scope);
  await session.checkUnchanged();
  return newest.map(({ actor, type, time }) => {
    const { id = '', moves = [] } = actors.get(actor) ?? {};
    const move = findMove(moves, time);
    return { actor: id, event: held.segment.eventNames[type] ?? '', time, ...(move === undefined ? {} : { move }) };
  });
}

/** Of a server of which nothing is here: its last hours, as many as have that many events. */
function getNewestHours(session: SourceSession, limit: number): SegmentNeed['hours'] {
  const isHere =
    getRowsToMove(session, { actorProperty: null, properties: [], recordedAt: false, hours: ALL_HOURS }) === 0;
  if (isHere || !session.description.prunable) return ALL_HOURS;
  const { hours } = session.report;
  const { count, rowsBefore } = hours;
  const before = (rowsBefore[count] ?? 0) - limit;
  let first = count - 1;
  while (first > 0 && (rowsBefore[first] ?? 0) > before) first--;
  return { from: hours.hourAt(first), to: null };
}

type Newest = Readonly<Record<'actor' | 'type' | 'time', number>>;

function mergeNewest(parts: readonly NewestEvents[], limit: number): readonly Newest[] {
  const all = parts.flatMap(({ actors, types, times }) =>
    Array.from(actors, (actor, i) => ({ actor, type: types[i] ?? 0, time: times[i] ?? 0 })),
  );
  return all.sort((a, b) => b.time - a.time || a.actor - b.actor).slice(0, limit);
}

async function describeActors(
  { pool }: SourceSession,
  held: HeldSegment,
  newest: readonly Newest[],
  query: TaskMap['describeActors']['payload']['query'],
  scope: RequestScope,
): Promise<ReadonlyMap<number, TaskMap['describeActors']['result'][number]>> {
  const wanted = Uint32Array.from(new Set(newest.map(({ actor }) => actor))).sort();
  const needed = query === null ? NO_COLUMNS : getColumnsNeeded(query.analysis);
  const described = await withActorIds(pool, held, wanted, needed, scope, ({ segment, actors }) =>
    pool.run('describeActors', { actors, query }, { control: scope.control, segment }),
  );
  return new Map(described.map((one, i) => [wanted[i] ?? 0, one]));
}
