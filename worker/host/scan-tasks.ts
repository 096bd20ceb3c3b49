import type { ReadingWay } from '../../protocol/index.ts';
import { createColumnMemory } from '../segment/column-memory.ts';
import type { ScannedSlice } from '../segment/event-rows.ts';
import { assembleSegment, type BuiltSegment } from '../segment/segment-builder.ts';
import { SliceWriter } from '../segment/slice-writer.ts';
import type { EventBatch, ScanColumns, ScanReport, ScanSlice } from '../source/event-source.ts';
import { packCounted } from './partition-columns.ts';
import { getCheckpoint, type TaskContext } from './task-context.ts';
import type { SourceHandle, TaskMap } from './tasks.ts';
import { getThreadSource } from './thread-sources.ts';

/** By the source's own fast way where it has one, else batch by batch. */
export function scanSlice(payload: TaskMap['scan']['payload'], context: TaskContext): TaskMap['scan']['result'] {
  const { memory, slice } = payload;
  if (memory === null) return scanBatches(payload, 'kernels are off', context);
  const scanned = getThreadSource(payload).scanInto(slice, payload, memory, getCheckpoint(context));
  return 'reason' in scanned
    ? scanBatches(payload, scanned.reason, context)
    : toResult(scanned.slice, scanned.report, { reader: 'pages', reason: null });
}

function scanBatches(
  payload: TaskMap['scan']['payload'],
  reason: string,
  context: TaskContext,
): TaskMap['scan']['result'] {
  const writer = new SliceWriter(payload.kept, payload.memory);
  const columns = {
    properties: payload.kept.properties,
    recordedAt: payload.kept.recordedAt,
    actorProperty: payload.actorProperty,
  };
  const report = forEachBatch(
    payload,
    payload.slice,
    columns,
    context,
    (batch) => writer.append(batch),
    payload.counting,
  );
  const checkpoint = getCheckpoint(context);
  const slice = writer.finish(() => checkpoint(report.rowsRead));
  return toResult(slice, report, { reader: 'rows', reason });
}

function toResult(slice: ScannedSlice, report: ScanReport, way: ReadingWay): TaskMap['scan']['result'] {
  const counted = report.counted === null ? null : packCounted(report.counted);
  return { slice, report: { ...report, counted: null }, counted, way };
}

/** How many rows of a slice have each property set. */
export function countSet(payload: TaskMap['countSet']['payload'], context: TaskContext): TaskMap['countSet']['result'] {
  const counts = payload.properties.map(() => 0);
  const columns = { properties: payload.properties, recordedAt: false, actorProperty: null };
  let rows = 0;
  forEachBatch(payload, payload.slice, columns, context, (batch) => {
    rows += batch.count;
    payload.properties.forEach(
      (name, p) => (counts[p] = (counts[p] ?? 0) + countPresent(batch.properties.get(name), batch.count)),
    );
  });
  return { rows, counts };
}

function countPresent(values: readonly (string | null)[] | undefined, count: number): number {
  let present = 0;
  for (let i = 0; i < count; i++) if (values !== undefined && values[i] !== null && values[i] !== undefined) present++;
  return present;
}

function forEachBatch(
  handle: SourceHandle,
  slice: ScanSlice,
  columns: ScanColumns,
  context: TaskContext,
  take: (batch: EventBatch) => void,
  counting = false,
): ScanReport {
  const checkpoint = getCheckpoint(context);
  const batches = getThreadSource(handle).scan(slice, columns, checkpoint, counting);
  try {
    for (;;) {
      const next = batches.next();
      if (next.done === true) return next.value;
      take(next.value);
    }
  } catch (error) {
    // Ends the open statement of the source.
    batches.return({ rowsRead: 0, issues: [], counted: null });
    throw error;
  }
}

export function assembleAll({ slices, kernels }: TaskMap['assemble']['payload'], context: TaskContext): BuiltSegment {
  return assembleSegment(slices, kernels ? createColumnMemory() : null, getCheckpoint(context));
}
