import type { SliceLandmarks } from './event-rows.ts';
import type { Segment } from './segment.ts';
import type { StringTable } from './string-table.ts';

const bytesOfTable = (table: StringTable): number => table.bytes.byteLength + table.offsets.byteLength;

/** Shared memory held by a segment, its scan order and its way back to the source. */
export function getSegmentBytes(segment: Segment, scanRows: Uint32Array, landmarks: readonly SliceLandmarks[]): number {
  let bytes = scanRows.byteLength + segment.offsets.byteLength + segment.seconds.byteLength + segment.millis.byteLength;
  bytes += segment.types.byteLength + bytesOfTable(segment.actorIds) + (segment.recordedAt?.byteLength ?? 0);
  for (const { seqs } of landmarks) bytes += seqs.byteLength;
  for (const column of segment.properties.values()) bytes += column.codes.byteLength + bytesOfTable(column.values);
  return bytes;
}
