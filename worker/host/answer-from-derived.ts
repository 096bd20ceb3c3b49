import { getComputeModule } from '../compute/registry.ts';
import { makeContext } from './compute-tasks.ts';
import type { Pool } from '../pool.ts';
import type { HeldSegment } from './held-segment.ts';
import type { Prepared } from './answer.ts';
import type { RequestScope } from './request-scope.ts';
import type { SegmentSet } from './segment-set.ts';
import type { SourceSession } from './source-session.ts';

/** What the derived columns of a kept segment said of all actors. */
export interface EarlyPartial {
  readonly held: HeldSegment;
  readonly partial: unknown;
}

/**
 * The first answer of a source that is kept, where its derived columns decide: they are a quarter of what its events are,
 * and reading is most of such an answer. null = events are needed, or there already.
 */
export async function computeFromDerived(
  { segments, pool }: SourceSession,
  { analysis, moments, need }: Prepared,
  scope: RequestScope,
): Promise<EarlyPartial | null> {
  const { fromDerived } = getComputeModule(analysis.type);
  const held = segments.find(need);
  if (fromDerived === undefined || held === null || !mayDecide(held, need)) return null;
  const { segment, stored, derived } = held;
  const all = { from: 0, to: segment.actorCount };
  const checkpoint = (): void => scope.throwIfStopped();
  const names = fromDerived.names(makeContext(segment, all, moments, checkpoint), analysis);
  if (names === null || !names.every((name) => derived.columns.has(name) || stored?.has(`derived:${name}`)))
    return null;
  const { columns, release } = await derived.use(held, names, scope);
  try {
    if (segments.isRetired) return null;
    scope.begin('compute', 'actors', segment.actorCount);
    const partial = fromDerived.compute(makeContext(segment, all, moments, checkpoint, columns), analysis);
    if (partial === null) return null;
    setTimeout(() => void getReady(segments, pool), READY_AFTER_MS).unref();
    return { held, partial };
  } finally {
    release();
  }
}

/** By then a program that asks one question has ended. */
export const READY_AFTER_MS = 100;

/** What comes next needs more. */
async function getReady(segments: SegmentSet, pool: Pool): Promise<void> {
  pool.warmUp();
  await segments.loadEvents();
}

function mayDecide(
  { segment, stored, windows }: HeldSegment,
  { groups = [], properties, recordedAt }: Prepared['need'],
): boolean {
  const onlyEvents = groups.length === 1 && groups[0] === 'events' && properties.length === 0 && !recordedAt;
  const isWaiting = stored !== null && windows === null && !stored.isLoaded(groups);
  return onlyEvents && isWaiting && segment.memory !== null;
}
