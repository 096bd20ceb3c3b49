import { createColumnMemory } from '../../worker/segment/column-memory.ts';
import type { KeptColumns, ScannedSlice } from '../../worker/segment/event-rows.ts';
import { SliceWriter } from '../../worker/segment/slice-writer.ts';
import { getString } from '../../worker/segment/string-table.ts';
import type { EventSource, ScanReport, ScanSlice, SliceRequest } from '../../worker/source/event-source.ts';

/** All that a scan of a slice says, as plain values. */
export interface ReadSlice {
  readonly rows: readonly (readonly (string | number | null)[])[];
  readonly landmarks: readonly number[];
  readonly report: unknown;
}

export function readRows(source: EventSource, slice: ScanSlice, request: SliceRequest): ReadSlice {
  const { kept, actorProperty, counting } = request;
  const writer = new SliceWriter(kept);
  const columns = { properties: kept.properties, recordedAt: kept.recordedAt, actorProperty };
  const scan = source.scan(slice, columns, () => undefined, counting);
  for (let next = scan.next(); ; next = scan.next()) {
    if (next.done === true) return describe(writer.finish(), next.value, kept);
    writer.append(next.value);
  }
}

/** A string = why the pages are not for the page reader. `memory` may be used again and again until it is full. */
export function readPages(
  source: EventSource,
  slice: ScanSlice,
  request: SliceRequest,
  memory = createColumnMemory(),
): ReadSlice | string {
  const scanned = source.scanInto(slice, request, memory, () => undefined);
  return 'reason' in scanned ? scanned.reason : describe(scanned.slice, scanned.report, request.kept);
}

function describe(slice: ScannedSlice, report: ScanReport, kept: KeptColumns): ReadSlice {
  const actors = decode(slice.actorIds);
  const values = slice.propertyValues.map(decode);
  const rows = slice.chunks.flatMap((chunk) =>
    Array.from({ length: chunk.rows }, (_, i) => [
      ...(kept.events
        ? [actors[chunk.actors[i] ?? -1] ?? '?', slice.eventNames[chunk.types[i] ?? -1] ?? '?', chunk.times[i] ?? 0]
        : []),
      ...(kept.recordedAt ? [String(chunk.recordedAt[i])] : []),
      ...chunk.properties.map((codes, p) => (codes[i] === 0 ? null : (values[p]?.[(codes[i] ?? 0) - 1] ?? '?'))),
    ]),
  );
  return { rows, landmarks: Array.from(slice.landmarks), report: sortCounts(report) };
}

const decode = (table: ScannedSlice['actorIds']): readonly string[] =>
  Array.from({ length: table.length }, (_, i) => getString(table, i));

/** Partitions and issues are lists without an order. */
function sortCounts({ rowsRead, issues, counted }: ScanReport): unknown {
  const lists = Object.entries(counted ?? {}).map(([name, value]) => [
    name,
    Array.isArray(value) && (name === 'partitions' || name === 'issues')
      ? value.map((entry) => JSON.stringify(entry)).toSorted()
      : value,
  ]);
  return { rowsRead, issues, counted: Object.fromEntries(lists) as unknown };
}
