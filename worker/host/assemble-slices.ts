import type { Pool } from '../pool.ts';
import { createColumnMemory } from '../segment/column-memory.ts';
import {
  assembleSlices,
  canAssemble,
  runAssemblyStep,
  type AssemblyStep,
  type DropCopies,
  type StepResult,
} from '../segment/assemble/assemble-slices.ts';
import type { ScannedSlice } from '../segment/event-rows.ts';
import { BUILD_PASSES, type BuiltSegment } from '../segment/segment-builder.ts';
import { asBuildError } from './build-error.ts';
import { getSlotDone } from './control.ts';
import { ARRANGING, type RequestScope } from './request-scope.ts';
import { createScanOrderFile, removeScanOrder, writeScanRows } from './scan-order-file.ts';
import { settleAll } from './settle-all.ts';
import { getCheckpoint, type TaskContext } from './task-context.ts';
import type { TaskMap } from './tasks.ts';

export interface AssemblyTarget {
  readonly kernels: boolean;
  /** Private folder for the scan order. */
  readonly scratchDir: string;
}
/** Rows are counted, partitioned and sorted. */
const KERNEL_PASSES = 3;

/** Sorts scanned slices, without copies, into a segment, in all threads with kernels, in one without. Throws E_LIMIT, E_DISK_FULL. */
export async function assembleInThreads(
  pool: Pool,
  { kernels, scratchDir }: AssemblyTarget,
  slices: readonly ScannedSlice[],
  scope: RequestScope,
  dropCopies: DropCopies = () => Promise.resolve(slices),
): Promise<BuiltSegment> {
  const rows = slices.reduce((sum, slice) => sum + slice.rows, 0);
  const build = kernels && canAssemble(slices) ? (slices[0]?.memory ?? null) : null;
  scope.begin('build', 'rows', rows * (build === null ? BUILD_PASSES : KERNEL_PASSES), ARRANGING);
  if (build === null) return pool.run('assemble', { slices: await dropCopies(), kernels }, { control: scope.control });
  const scanOrder = createScanOrderFile(scratchDir, rows);
  const run = (steps: readonly AssemblyStep[]): Promise<StepResult[]> =>
    settleAll(
      steps.map((step, slot) => pool.run('assembleStep', { build, step, scanOrder }, { control: scope.control, slot })),
    );
  try {
    const sorted = await assembleSlices(slices, build, createColumnMemory(), pool.size, run, dropCopies);
    return { ...sorted, scanOrder: { ...scanOrder, length: sorted.segment.eventCount } };
  } catch (error) {
    removeScanOrder(scanOrder);
    throw asBuildError(error);
  }
}

/** In a thread. What the slot counted in earlier steps stays. */
export function runStep(
  { build, step, scanOrder }: TaskMap['assembleStep']['payload'],
  context: TaskContext,
): StepResult {
  const before = getSlotDone(context.control, context.slot);
  const checkpoint = getCheckpoint(context);
  const check = (rows: number): void => checkpoint(before + rows);
  return step.kind === 'sort'
    ? writeScanRows(scanOrder, (keep) => runAssemblyStep(build, step, keep, check))
    : runAssemblyStep(build, step, () => undefined, check);
}
