import { getComputeModule } from '../compute/registry.ts';
import type { ActorRange, Segment } from '../segment/segment.ts';
import { ColumnDamaged } from '../store/column-file.ts';
import { makeContext } from './compute-tasks.ts';
import { cutSlices, openSlices } from './derived-slices.ts';
import type { Pool } from '../pool.ts';
import type { HeldSegment } from './held-segment.ts';
import type { Prepared } from './answer.ts';
import { RequestScope } from './request-scope.ts';
import type { SegmentSet } from './segment-set.ts';
import type { SourceSession } from './source-session.ts';

/** What the derived columns of a kept segment said of all actors, slice by slice. */
export interface EarlyPartials {
  readonly held: HeldSegment;
  readonly partials: readonly unknown[];
}

/**
 * The first answer of a source that is kept, where its derived columns decide: they are a quarter of what its events are,
 * and reading is most of such an answer. They are read slice by slice into the same small memory, for to touch new memory
 * takes longer than to read into it. null = events are needed, or there already.
 */
export async function computeFromDerived(
  { segments, pool }: SourceSession,
  { analysis, moments, need }: Prepared,
  scope: RequestScope,
): Promise<EarlyPartials | null> {
  const { fromDerived } = getComputeModule(analysis.type);
  const held = segments.find(need);
  if (fromDerived === undefined || held === null || !mayDecide(held, need)) return null;
  const { segment } = held;
  const names = fromDerived.names(
    makeContext(segment, getAll(segment), moments, () => undefined),
    analysis,
  );
  const columns = names === null ? null : openSlices(held, names);
  if (names === null || columns === null) return null;
  try {
    scope.begin('compute', 'actors', segment.actorCount);
    const partials: unknown[] = [];
    for (const slice of cutSlices(segment, columns)) {
      // Lets a cancel through.
      await new Promise((resolve) => setImmediate(resolve));
      scope.throwIfStopped();
      const context = makeContext(slice.segment, getAll(slice.segment), moments, () => undefined, slice.columns);
      const partial = fromDerived.compute(context, analysis);
      if (partial === null) return null;
      partials.push(partial);
    }
    for (const column of columns.values()) column.check();
    if (segments.isRetired) return null;
    setTimeout(() => void getReady(segments, pool, held, names), READY_AFTER_MS).unref();
    return { held, partials };
  } catch (error) {
    // Made anew where it is asked for next.
    if (error instanceof ColumnDamaged) return null;
    throw error;
  } finally {
    for (const column of columns.values()) column.close();
  }
}

const getAll = ({ actorCount }: Segment): ActorRange => ({ from: 0, to: actorCount });

/** By then a program that asks one question has ended. */
export const READY_AFTER_MS = 100;

/** What comes next needs more, and these columns again. */
async function getReady(segments: SegmentSet, pool: Pool, held: HeldSegment, names: readonly string[]): Promise<void> {
  pool.warmUp();
  await segments.loadEvents();
  const scope = new RequestScope('(ready)', null, undefined);
  // What fails here is told to the question that needs it.
  if (!segments.isRetired)
    await held.derived.use(held, names, scope).then(
      ({ release }) => release(),
      () => undefined,
    );
  scope.end();
}

function mayDecide(
  { segment, stored, windows, derived }: HeldSegment,
  { groups = [], properties, recordedAt }: Prepared['need'],
): boolean {
  const onlyEvents = groups.length === 1 && groups[0] === 'events' && properties.length === 0 && !recordedAt;
  const isWaiting = stored !== null && windows === null && !stored.isLoaded(groups);
  return onlyEvents && isWaiting && segment.memory !== null && !derived.isOff;
}
