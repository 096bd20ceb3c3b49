import type { BuiltSegment } from './segment-builder.ts';
import type { StringTable } from './string-table.ts';

const bytesOfTable = (table: StringTable): number => table.bytes.byteLength + table.offsets.byteLength;

/** Shared memory held by a segment and its way back to the source. */
export function getSegmentBytes({
  segment,
  scanOrder,
  landmarks,
}: Pick<BuiltSegment, 'segment' | 'scanOrder' | 'landmarks'>): number {
  let bytes = segment.offsets.byteLength + segment.seconds.byteLength + segment.millis.byteLength;
  bytes += segment.types.byteLength + bytesOfTable(segment.actorIds) + (segment.recordedAt?.byteLength ?? 0);
  if (scanOrder.kind === 'memory') bytes += scanOrder.rows.byteLength;
  for (const { seqs } of landmarks) bytes += seqs.byteLength;
  for (const column of segment.properties.values()) bytes += column.codes.byteLength + bytesOfTable(column.values);
  return bytes;
}
