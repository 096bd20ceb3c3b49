import { rmSync } from 'node:fs';
import { EngineError } from '../../../protocol/errors.ts';
import type { Pool } from '../../pool.ts';
import type { KeptColumns } from '../../segment/event-rows.ts';
import type { PropertyColumn } from '../../segment/segment.ts';
import type { LaterColumns } from '../assemble-columns.ts';
import type { ScanTarget } from '../build-segment.ts';
import { TASK_SLOTS } from '../control.ts';
import type { RequestScope } from '../request-scope.ts';
import { settleAll } from '../settle-all.ts';
import type { FiledColumn } from './file-later-column.ts';
import { getWindowBytes } from './memory-limit.ts';
import type { SpilledColumns } from './scan-to-columns.ts';
import type { WindowedSegment } from './windowed-segment.ts';

/** Scans again for columns that a segment larger than memory does not have yet; they become files of it. Throws E_SOURCE_CHANGED. */
export async function scanToFiles(
  pool: Pool,
  target: ScanTarget,
  kept: KeptColumns,
  windows: WindowedSegment,
  scope: RequestScope,
): Promise<LaterColumns> {
  await windows.checkRows();
  const slices: SpilledColumns[] = [];
  try {
    slices.push(...(await scanAll(pool, target, kept, windows, scope)));
    const rows = slices.reduce((sum, slice) => sum + slice.rows, 0);
    if (rows !== windows.built.segment.eventCount)
      throw new EngineError('E_SOURCE_CHANGED', `The source has ${rows} events where others were opened.`, {
        hint: 'Open it again to see its present state.',
      });
    return await fileAll(pool, slices, kept, windows, scope);
  } finally {
    for (const slice of slices) rmSync(slice.path, { force: true });
  }
}

function scanAll(
  pool: Pool,
  { handle, slices, actorProperty, kernels }: ScanTarget,
  kept: KeptColumns,
  windows: WindowedSegment,
  scope: RequestScope,
): Promise<readonly SpilledColumns[]> {
  const rows = slices.reduce((sum, slice) => sum + slice.estimatedRows, 0);
  scope.begin('scan', 'rows', rows);
  return settleAll(
    slices.map((slice, i) => {
      const path = windows.pathOf(`later-${i}`);
      const payload = { ...handle, slice, kept, counting: false, actorProperty, kernels, path };
      return pool.run('scanToColumns', payload, { control: scope.control, slot: i % TASK_SLOTS });
    }),
  );
}

/** One after the other: each has a block of the scan in memory. */
async function fileAll(
  pool: Pool,
  slices: readonly SpilledColumns[],
  kept: KeptColumns,
  windows: WindowedSegment,
  scope: RequestScope,
): Promise<LaterColumns> {
  const { scanOrder } = windows.built;
  scope.begin('build', 'rows', null);
  const file = (property: number | null, name: string): Promise<FiledColumn> => {
    const blockBytes = getWindowBytes(windows.limit, windows.bytes) / 2;
    const payload = { slices, property, scanOrder: { ...scanOrder }, path: windows.pathOf(name), blockBytes };
    return pool.run('fileLaterColumn', payload, { control: scope.control });
  };
  const properties = new Map<string, PropertyColumn>();
  for (const [p, name] of kept.properties.entries())
    properties.set(name, windows.addProperty(name, await file(p, name)));
  return { properties, recordedAt: kept.recordedAt ? windows.addRecordedAt(await file(null, 'recorded')) : null };
}
