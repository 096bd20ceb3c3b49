import type { Segment } from './segment.ts';
import type { StringTable } from './string-table.ts';

const bytesOfTable = (table: StringTable): number => table.bytes.byteLength + table.offsets.byteLength;

/** Shared memory held by a segment and its scan order. */
export function getSegmentBytes(segment: Segment, scanRows: Uint32Array): number {
  let bytes = scanRows.byteLength + segment.offsets.byteLength + segment.seconds.byteLength + segment.millis.byteLength;
  bytes += segment.types.byteLength + bytesOfTable(segment.actorIds) + (segment.recordedAt?.byteLength ?? 0);
  for (const column of segment.properties.values()) bytes += column.codes.byteLength + bytesOfTable(column.values);
  return bytes;
}
