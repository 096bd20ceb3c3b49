import type { DataIssue, ReadingWay } from '../../protocol/index.ts';
import type { Pool } from '../pool.ts';
import { createColumnMemory, type ColumnMemory } from '../segment/column-memory.ts';
import { dropRows } from '../segment/drop-rows.ts';
import type { KeptColumns, ScannedSlice } from '../segment/event-rows.ts';
import type { BuiltSegment } from '../segment/segment-builder.ts';
import type { HourRange, ScanReport, ScanSlice } from '../source/event-source.ts';
import { assembleColumnsInThreads, type LaterColumns } from './assemble-columns.ts';
import { assembleInThreads } from './assemble-slices.ts';
import { giveBackMemory, settleMemory } from './give-back-memory.ts';
import { toReport, type CountedReport } from './partition-columns.ts';
import { READING, type RequestScope } from './request-scope.ts';
import { removeScanOrder } from './scan-order-file.ts';
import { settleAll } from './settle-all.ts';
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
export function buildSegment(
  pool: Pool,
  target: ScanTarget,
  scope: RequestScope,
): Promise<{ readonly built: BuiltSegment; readonly issues: readonly DataIssue[] }> {
  return inBuildMemory(pool, target, async (memory) => {
    const scans = await scanSlices(pool, target, { kept: EVENTS_ONLY, counting: false, memory }, scope);
    const slices = scans.map((scan) => scan.slice);
    const built = await assembleInThreads(pool, { ...target, ...target.handle }, slices, scope);
    return { built, issues: sumIssues(scans.map((scan) => scan.report)) };
  });
}

/** Where scanned slices lie until they are columns; null without kernels. */
async function inBuildMemory<T>(
  pool: Pool,
  { kernels }: Pick<ScanTarget, 'kernels'>,
  build: (memory: ColumnMemory | null) => Promise<T>,
): Promise<T> {
  if (!kernels) return build(null);
  await settleMemory(pool);
  const memory = createColumnMemory();
  try {
    return await build(memory);
  } finally {
    giveBackMemory(pool, memory.buffer.byteLength);
  }
}

/** The same for a source of which nothing was counted yet: partitions are counted in the same pass. */
export function buildAndCount(
  pool: Pool,
  target: Omit<ScanTarget, 'slices'>,
  { parts, properties }: CountedColumns,
  scope: RequestScope,
): Promise<CountedBuild> {
  return inBuildMemory(pool, target, (memory) => countAndBuild(pool, target, { parts, properties, memory }, scope));
}

interface CountedColumns {
  readonly parts: number | undefined;
  /** Kept in the same pass. */
  readonly properties: readonly string[];
}

async function countAndBuild(
  pool: Pool,
  target: Omit<ScanTarget, 'slices'>,
  { parts, properties, memory }: CountedColumns & { readonly memory: ColumnMemory | null },
  scope: RequestScope,
): Promise<CountedBuild> {
  const { handle } = target;
  const home = { control: scope.control, home: handle.sourceId };
  const size = parts ?? pool.size;
  const uncounted = { ...target, slices: await pool.run('uncountedSlices', { ...handle, parts: size }, home) };
  const kept = { ...EVENTS_ONLY, properties };
  const scans = await scanSlices(pool, uncounted, { kept, counting: true, memory }, scope);
  const counted = scans.flatMap((scan) => scan.counted ?? []);
  const scanned = scans.map((scan) => scan.slice);
  const join = once(() => pool.run('joinParts', { ...handle, counted }, home));
  const dropCopies = once(async () => {
    const { dropped } = await join();
    return scanned.map((slice, i) => dropRows(slice, dropped[i] ?? []));
  });
  const sorted = await assembleInThreads(pool, { ...target, ...handle }, scanned, scope, dropCopies);
  // The same cuts, now with the duplicates to leave out when columns are scanned later.
  const slices = await cutSlices(pool, handle, { from: null, to: null }, size);
  const built = await addProperties(pool, await dropCopies(), kept, sorted, scope);
  const joined = await join();
  const ways = scans.map((scan) => scan.way);
  const reading = ways.find((way) => way.reader === 'rows') ?? ways[0] ?? null;
  return { built, target: { ...target, slices }, report: toReport(joined), reading };
}

/** Rows are dropped in place, so they must not be dropped twice. */
function once<T>(run: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | null = null;
  return () => (running ??= run());
}

/** Those of the same scan. Should it fail, the segment's file goes. */
async function addProperties(
  pool: Pool,
  slices: readonly ScannedSlice[],
  kept: KeptColumns,
  built: BuiltSegment,
  scope: RequestScope,
): Promise<BuiltSegment> {
  if (kept.properties.length === 0) return built;
  try {
    const { properties } = await assembleColumnsInThreads(pool, slices, kept, built, scope);
    return { ...built, segment: { ...built.segment, properties } };
  } catch (error) {
    removeScanOrder(built.scanOrder);
    throw error;
  }
}

export interface CountedBuild {
  readonly built: BuiltSegment;
  readonly target: ScanTarget;
  readonly report: CountedReport;
  /** Row by row as soon as one slice was. */
  readonly reading: ReadingWay | null;
}

/** Scans again for columns that a segment of the same slices does not have yet. Throws E_SOURCE_CHANGED on another row count. */
export function scanColumns(
  pool: Pool,
  target: ScanTarget,
  kept: KeptColumns,
  built: Pick<BuiltSegment, 'scanOrder' | 'segment'>,
  scope: RequestScope,
): Promise<LaterColumns> {
  return inBuildMemory(pool, target, async (memory) => {
    const scans = await scanSlices(pool, target, { kept, counting: false, memory }, scope);
    const slices = scans.map((scan) => scan.slice);
    return assembleColumnsInThreads(pool, slices, kept, built, scope);
  });
}

async function scanSlices(
  pool: Pool,
  target: ScanTarget,
  how: Pick<TaskMap['scan']['payload'], 'kept' | 'counting' | 'memory'>,
  scope: RequestScope,
): Promise<readonly TaskMap['scan']['result'][]> {
  scope.begin(
    'scan',
    'rows',
    target.slices.reduce((sum, slice) => sum + slice.estimatedRows, 0),
    READING,
  );
  return settleAll(
    target.slices.map((slice, slot) =>
      pool.run(
        'scan',
        { ...target.handle, ...how, slice, actorProperty: target.actorProperty },
        { control: scope.control, slot },
      ),
    ),
  );
}

function sumIssues(reports: readonly ScanReport[]): readonly DataIssue[] {
  const byKind = new Map<DataIssue['kind'], DataIssue>();
  for (const issue of reports.flatMap((report) => report.issues)) {
    const known = byKind.get(issue.kind);
    byKind.set(issue.kind, known === undefined ? issue : { ...known, rows: known.rows + issue.rows });
  }
  return [...byKind.values()];
}
