import { EngineError } from '../../protocol/errors.ts';
import { createColumnMemory } from '../segment/column-memory.ts';
import { assembleProperty, assembleRecordedAt } from '../segment/column-builder.ts';
import { assembleSegment, TimeSpanTooWide, type BuiltSegment } from '../segment/segment-builder.ts';
import { SliceWriter } from '../segment/slice-writer.ts';
import type { EventBatch, ScanColumns, ScanReport, ScanSlice } from '../source/event-source.ts';
import { pack } from './packed.ts';
import { getCheckpoint, type TaskContext } from './task-context.ts';
import type { SourceHandle, TaskMap } from './tasks.ts';
import { getThreadSource } from './thread-sources.ts';

export function scanSlice(payload: TaskMap['scan']['payload'], context: TaskContext): TaskMap['scan']['result'] {
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
  const counted = report.counted === null ? null : pack(report.counted);
  return { slice, report: { ...report, counted: null }, counted };
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
  try {
    return assembleSegment(slices, kernels ? createColumnMemory() : null, getCheckpoint(context));
  } catch (error) {
    if (!(error instanceof TimeSpanTooWide)) throw error;
    const years = [error.firstMs, error.lastMs].map((ms) => new Date(ms).getUTCFullYear()).join(' to ');
    throw new EngineError('E_LIMIT', `Event times run from ${years}: more than the 136 years a source may span.`, {
      hint: 'Leave out the rows with a wrong time by a filter in the mapping.',
      cause: error,
    });
  }
}

export function assembleLater(
  payload: TaskMap['assembleColumns']['payload'],
  context: TaskContext,
): TaskMap['assembleColumns']['result'] {
  const { slices, kept, scanRows, memory } = payload;
  const rows = slices.reduce((sum, slice) => sum + slice.rows, 0);
  if (rows !== scanRows.length)
    throw new EngineError('E_SOURCE_CHANGED', `The source has ${rows} events where ${scanRows.length} were opened.`, {
      hint: 'Open it again to see its present state.',
    });
  const checkpoint = getCheckpoint(context);
  return {
    properties: kept.properties.map((_, p) =>
      assembleProperty(slices, p, scanRows, memory, (done) => checkpoint(p * rows + done)),
    ),
    recordedAt: kept.recordedAt ? assembleRecordedAt(slices, scanRows, () => checkpoint(rows)) : null,
  };
}
