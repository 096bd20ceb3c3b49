import type { DataIssue } from '../../protocol/index.ts';
import type { Pool } from '../pool.ts';
import { createColumnMemory } from '../segment/column-memory.ts';
import type { KeptColumns, ScannedSlice } from '../segment/event-rows.ts';
import { BUILD_PASSES, type BuiltSegment } from '../segment/segment-builder.ts';
import type { PropertyColumn } from '../segment/segment.ts';
import type { HourRange, ScanReport, ScanSlice } from '../source/event-source.ts';
import type { RequestScope } from './request-scope.ts';
import type { SourceHandle } from './tasks.ts';

/** What a build scans: the hours, and the property that stands for the actor. */
export interface ScanTarget {
  readonly handle: SourceHandle;
  readonly actorProperty: string | null;
  readonly slices: readonly ScanSlice[];
  /** Columns lie where kernels can read them. */
  readonly kernels: boolean;
}

/** One slice a thread unless told: slices are of about equal size, and each has its own dictionaries to merge. */
export function cutSlices(
  pool: Pool,
  handle: SourceHandle,
  range: HourRange,
  parts: number | undefined,
): Promise<readonly ScanSlice[]> {
  return pool.run('slices', { ...handle, range, parts: parts ?? pool.size }, { home: handle.sourceId });
}

/** Scans all slices and sorts them into a segment, both in threads. */
export async function buildSegment(
  pool: Pool,
  target: ScanTarget,
  scope: RequestScope,
): Promise<{ readonly built: BuiltSegment; readonly issues: readonly DataIssue[] }> {
  const scans = await scanSlices(pool, target, { events: true, recordedAt: false, properties: [] }, scope);
  const slices = scans.map((scan) => scan.slice);
  scope.begin('build', 'rows', BUILD_PASSES * slices.reduce((sum, slice) => sum + slice.rows, 0));
  const built = await pool.run('assemble', { slices, kernels: target.kernels }, { control: scope.control });
  return { built, issues: sumIssues(scans.map((scan) => scan.report)) };
}

export interface LaterColumns {
  readonly properties: ReadonlyMap<string, PropertyColumn>;
  readonly recordedAt: Float64Array | null;
}

/** Scans again for columns that a segment of the same slices does not have yet. Throws E_SOURCE_CHANGED on another row count. */
export async function scanColumns(
  pool: Pool,
  target: ScanTarget,
  kept: KeptColumns,
  { scanRows, segment: { memory } }: Pick<BuiltSegment, 'scanRows' | 'segment'>,
  scope: RequestScope,
): Promise<LaterColumns> {
  const scans = await scanSlices(pool, target, kept, scope);
  scope.begin('build', 'rows', scanRows.length * Math.max(1, kept.properties.length));
  const columns = await pool.run(
    'assembleColumns',
    { slices: scans.map((scan) => scan.slice), kept, scanRows, memory },
    { control: scope.control },
  );
  const properties = kept.properties.flatMap((name, p): [string, PropertyColumn][] => {
    const column = columns.properties[p];
    return column === undefined ? [] : [[name, column]];
  });
  return { properties: new Map(properties), recordedAt: columns.recordedAt };
}

async function scanSlices(
  pool: Pool,
  target: ScanTarget,
  kept: KeptColumns,
  scope: RequestScope,
): Promise<readonly { readonly slice: ScannedSlice; readonly report: ScanReport }[]> {
  const memory = target.kernels ? createColumnMemory() : null;
  scope.begin(
    'scan',
    'rows',
    target.slices.reduce((sum, slice) => sum + slice.estimatedRows, 0),
  );
  return settleAll(
    target.slices.map((slice, slot) =>
      pool.run(
        'scan',
        { ...target.handle, slice, kept, actorProperty: target.actorProperty, memory },
        { control: scope.control, slot },
      ),
    ),
  );
}

/** Like Promise.all, but waits for the others before it rejects: nothing of a failed build keeps a thread busy unseen. */
export async function settleAll<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(promises);
  return Promise.all(promises);
}

function sumIssues(reports: readonly ScanReport[]): readonly DataIssue[] {
  const byKind = new Map<DataIssue['kind'], DataIssue>();
  for (const issue of reports.flatMap((report) => report.issues)) {
    const known = byKind.get(issue.kind);
    byKind.set(issue.kind, known === undefined ? issue : { ...known, rows: known.rows + issue.rows });
  }
  return [...byKind.values()];
}
