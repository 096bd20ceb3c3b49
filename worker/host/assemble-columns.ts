import { EngineError } from '../../protocol/errors.ts';
import type { Pool } from '../pool.ts';
import {
  assembleColumns,
  runColumnStep,
  type ColumnStep,
  type ReadScanRows,
} from '../segment/assemble/assemble-columns.ts';
import { assembleProperty, assembleRecordedAt } from '../segment/column-builder.ts';
import type { ColumnMemory } from '../segment/column-memory.ts';
import type { KeptColumns, ScannedSlice } from '../segment/event-rows.ts';
import type { MergedDictionary } from '../segment/merge-dictionaries.ts';
import type { BuiltSegment } from '../segment/segment-builder.ts';
import type { PropertyColumn } from '../segment/segment.ts';
import { asBuildError } from './build-error.ts';
import { getSlotDone } from './control.ts';
import { ARRANGING, type RequestScope } from './request-scope.ts';
import { readScanRows } from './scan-order-file.ts';
import { settleAll } from './settle-all.ts';
import { getCheckpoint, type TaskContext } from './task-context.ts';
import type { TaskMap } from './tasks.ts';

export interface LaterColumns {
  readonly properties: ReadonlyMap<string, PropertyColumn>;
  readonly recordedAt: Float64Array | null;
}
type Target = Pick<BuiltSegment, 'scanOrder' | 'segment'>;

/** Brings a later scan to the order of a segment's events. Throws E_SOURCE_CHANGED on another row count, E_LIMIT. */
export async function assembleColumnsInThreads(
  pool: Pool,
  slices: readonly ScannedSlice[],
  { properties, recordedAt }: KeptColumns,
  target: Target,
  scope: RequestScope,
): Promise<LaterColumns> {
  const rows = slices.reduce((sum, slice) => sum + slice.rows, 0);
  const { eventCount, memory } = target.segment;
  if (rows !== eventCount)
    throw new EngineError('E_SOURCE_CHANGED', `The source has ${rows} events where ${eventCount} were opened.`, {
      hint: 'Open it again to see its present state.',
    });
  scope.begin('build', 'rows', rows * (properties.length + (recordedAt ? 1 : 0)), ARRANGING);
  const build = slices[0]?.memory ?? null;
  const columns =
    build === null || memory === null
      ? await runTwins(pool, slices, properties, target, scope)
      : await runKernels(pool, slices, properties.length, target, { build, memory }, scope);
  const { scanOrder } = target;
  const times = recordedAt
    ? await pool.run('assembleRecordedAt', { slices, scanOrder, rows }, { control: scope.control, slot: pool.size })
    : null;
  const named = properties.flatMap((name, p): [string, PropertyColumn][] => {
    const column = columns[p];
    return column === undefined ? [] : [[name, column]];
  });
  return { properties: new Map(named), recordedAt: times };
}

function runTwins(
  pool: Pool,
  slices: readonly ScannedSlice[],
  properties: readonly string[],
  { scanOrder, segment }: Target,
  scope: RequestScope,
): Promise<readonly PropertyColumn[]> {
  const given = { slices, scanOrder, rows: segment.eventCount, memory: segment.memory };
  return settleAll(
    properties.map((_, p) =>
      pool.run('assembleProperty', { ...given, property: p }, { control: scope.control, slot: p % pool.size }),
    ),
  );
}

async function runKernels(
  pool: Pool,
  slices: readonly ScannedSlice[],
  properties: number,
  { scanOrder, segment }: Target,
  { build, memory }: { readonly build: ColumnMemory; readonly memory: ColumnMemory },
  scope: RequestScope,
): Promise<readonly PropertyColumn[]> {
  if (properties === 0) return [];
  const { control } = scope;
  const run = (steps: readonly ColumnStep[]): Promise<(MergedDictionary | null)[]> =>
    settleAll(steps.map((step, slot) => pool.run('columnStep', { build, step, scanOrder }, { control, slot })));
  try {
    return await assembleColumns(slices, properties, segment.eventCount, { build, memory, parts: pool.size }, run);
  } catch (error) {
    throw asBuildError(error);
  }
}

/** In a thread. What the slot counted in earlier steps stays. */
export function runLaterStep(
  { build, step, scanOrder }: TaskMap['columnStep']['payload'],
  context: TaskContext,
): MergedDictionary | null {
  const before = getSlotDone(context.control, context.slot);
  const checkpoint = getCheckpoint(context);
  const readRows: ReadScanRows = (from, to, into) => void readScanRows(scanOrder, from, to, into);
  return runColumnStep(build, step, readRows, (rows) => checkpoint(before + rows));
}

/** In a thread. */
export function assembleByTwin(
  { slices, property, scanOrder, rows, memory }: TaskMap['assembleProperty']['payload'],
  context: TaskContext,
): PropertyColumn {
  return assembleProperty(slices, property, readScanRows(scanOrder, 0, rows), memory, getCheckpoint(context));
}

/** In a thread. */
export function assembleTimes(
  { slices, scanOrder, rows }: TaskMap['assembleRecordedAt']['payload'],
  context: TaskContext,
): Float64Array {
  const checkpoint = getCheckpoint(context);
  return assembleRecordedAt(slices, readScanRows(scanOrder, 0, rows), () => checkpoint(0));
}
