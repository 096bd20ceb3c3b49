import { LANDMARK_ROWS, type SliceLandmarks } from '../segment/event-rows.ts';
import type { FoundRow, RowPlace } from '../source/event-source.ts';
import { settleAll } from './settle-all.ts';
import { readScanRows } from './scan-order-file.ts';
import type { RequestScope } from './request-scope.ts';
import type { HeldSegment } from './held-segment.ts';
import type { SourceSession } from './source-session.ts';

/** What the source says of events `from` to `to` (exclusive) of a segment: a few rows are read, whatever its size. */
export async function findRows(
  session: SourceSession,
  held: HeldSegment,
  from: number,
  to: number,
  scope: RequestScope,
): Promise<readonly FoundRow[]> {
  const { handle, slices, actorProperty } = held.target;
  const found: FoundRow[] = [];
  const tasks = [...groupBySlice(held, from, to)].flatMap(([index, places]) => {
    const slice = slices[index];
    if (slice === undefined) return [];
    const payload = { ...handle, slice, actorProperty, places: places.map(({ place }) => place) };
    return [
      session.pool
        .run('lookUp', payload, { control: scope.control })
        .then((rows) => rows.forEach((row, i) => (found[places[i]?.at ?? 0] = row))),
    ];
  });
  await settleAll(tasks);
  return found;
}

interface Wanted {
  /** In the page. */
  readonly at: number;
  readonly place: RowPlace;
}
function groupBySlice(held: HeldSegment, from: number, to: number): ReadonlyMap<number, readonly Wanted[]> {
  const bySlice = new Map<number, Wanted[]>();
  for (const [at, scanRow] of readScanRows(held.scanOrder, from, to).entries()) {
    let row = scanRow;
    let slice = 0;
    for (const { rows } of held.landmarks) {
      if (row < rows) break;
      row -= rows;
      slice++;
    }
    const wanted = bySlice.get(slice) ?? [];
    wanted.push({ at, place: placeOf(row, held.landmarks[slice]) });
    bySlice.set(slice, wanted);
  }
  return bySlice;
}

/**
 * Landmarks count the rows of the scan; those dropped after it are no events to the source. Row 100 of a slice whose scan
 * rows 10 and 70 were dropped is scan row 102: behind landmark 1 (scan row 64), 37 events on.
 */
function placeOf(row: number, landmarks: SliceLandmarks | undefined): RowPlace {
  let scanRow = row;
  for (const dropped of landmarks?.dropped ?? []) if (dropped <= scanRow) scanRow++;
  const landmark = Math.floor(scanRow / LANDMARK_ROWS);
  const start = landmark * LANDMARK_ROWS;
  const between = (landmarks?.dropped ?? []).filter((dropped) => dropped >= start && dropped < scanRow);
  return { fromSeq: landmarks?.seqs[landmark] ?? 0, skip: scanRow - start - between.length };
}
