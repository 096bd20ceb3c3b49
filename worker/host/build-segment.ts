import type { DataIssue } from '../../protocol/index.ts';
import type { Pool } from '../pool.ts';
import { createColumnMemory } from '../segment/column-memory.ts';
import { dropRows } from '../segment/drop-rows.ts';
import type { KeptColumns, ScannedSlice } from '../segment/event-rows.ts';
import { BUILD_PASSES, type BuiltSegment } from '../segment/segment-builder.ts';
import type { PropertyColumn } from '../segment/segment.ts';
import type { HourRange, PartitionReport, ScanReport, ScanSlice } from '../source/event-source.ts';
import type { RequestScope } from './request-scope.ts';
import type { SourceHandle, TaskMap } from './tasks.ts';

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

const EVENTS_ONLY: KeptColumns = { events: true, recordedAt: false, properties: [] };

/** Scans all slices and sorts them into a segment, both in threads. */
export async function buildSegment(
  pool: Pool,
  target: ScanTarget,
  scope: RequestScope,
): Promise<{ readonly built: BuiltSegment; readonly issues: readonly DataIssue[] }> {
  const scans = await scanSlices(pool, target, EVENTS_ONLY, scope);
  const built = await assemble(
    pool,
    target,
    scans.map((scan) => scan.slice),
    scope,
  );
  return { built, issues: sumIssues(scans.map((scan) => scan.report)) };
}

/** The same for a source of which nothing was counted yet: partitions are counted in the same pass. */
export async function buildAndCount(
  pool: Pool,
  target: Omit<ScanTarget, 'slices'>,
  parts: number | undefined,
  scope: RequestScope,
): Promise<{ readonly built: BuiltSegment; readonly target: ScanTarget; readonly report: PartitionReport }> {
  const { handle } = target;
  const home = { control: scope.control, home: handle.sourceId };
  const size = parts ?? pool.size;
  const uncounted = { ...target, slices: await pool.run('uncountedSlices', { ...handle, parts: size }, home) };
  const scans = await scanSlices(pool, uncounted, EVENTS_ONLY, scope, true);
  const counted = scans.flatMap((scan) => scan.counted ?? []);
  const { dropped, ...report } = await pool.run('joinParts', { ...handle, counted }, home);
  // The same cuts, now with the duplicates to leave out when columns are scanned later.
  const slices = await cutSlices(pool, handle, { from: null, to: null }, size);
  const scanned = scans.map((scan, i) => dropRows(scan.slice, dropped[i] ?? []));
  return { built: await assemble(pool, target, scanned, scope), target: { ...target, slices }, report };
}

async function assemble(
  pool: Pool,
  target: Pick<ScanTarget, 'kernels'>,
  slices: readonly ScannedSlice[],
  scope: RequestScope,
): Promise<BuiltSegment> {
  scope.begin('build', 'rows', BUILD_PASSES * slices.reduce((sum, slice) => sum + slice.rows, 0));
  return pool.run('assemble', { slices, kernels: target.kernels }, { control: scope.control });
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
  counting = false,
): Promise<readonly TaskMap['scan']['result'][]> {
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
        { ...target.handle, slice, kept, actorProperty: target.actorProperty, counting, memory },
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
