import { getDerivedShape } from '../compute/derived.ts';
import { createColumnMemory } from '../segment/column-memory.ts';
import { allocateDerived, type DerivedColumn, type DerivedColumns } from '../segment/derived-column.ts';
import type { Segment } from '../segment/segment.ts';
import { ColumnDamaged } from '../store/column-file.ts';
import type { ColumnSlices } from '../store/column-slices.ts';
import type { HeldSegment } from './held-segment.ts';

/** Actors looked at in turn: their columns stay in the processor's cache between being read, checked and counted. */
export const SLICE_ACTORS = 131_072;

export type OpenColumns = ReadonlyMap<string, ColumnSlices>;

/** The caller closes them. null = not all of them are kept. */
export function openSlices(
  { segment, stored }: Pick<HeldSegment, 'segment' | 'stored'>,
  names: readonly string[],
): OpenColumns | null {
  const columns = new Map<string, ColumnSlices>();
  try {
    for (const name of names) {
      const shape = getDerivedShape(segment, name);
      const column = shape === null ? null : (stored?.sliceDerived(name, shape) ?? null);
      if (column === null) break;
      columns.set(name, column);
    }
  } catch (error) {
    if (!(error instanceof ColumnDamaged)) throw error;
  }
  if (columns.size === names.length) return columns;
  for (const column of columns.values()) column.close();
  return null;
}

/** Each as a segment of its own, without events; good until the next one. Throws ColumnDamaged. */
export function* cutSlices(
  segment: Segment,
  columns: OpenColumns,
): Generator<{ readonly segment: Segment; readonly columns: DerivedColumns }, void> {
  const memory = createColumnMemory();
  const room = new Map<string, DerivedColumn>();
  for (const [name, { type }] of columns) room.set(name, allocateDerived(memory, type, SLICE_ACTORS));
  for (let from = 0; from < segment.actorCount; from += SLICE_ACTORS) {
    const actorCount = Math.min(SLICE_ACTORS, segment.actorCount - from);
    const slice = new Map<string, DerivedColumn>();
    for (const [name, values] of room) {
      const part = values.subarray(0, actorCount);
      columns.get(name)?.next(part);
      slice.set(name, part);
    }
    yield { segment: { ...segment, memory, actorCount }, columns: slice };
  }
}
