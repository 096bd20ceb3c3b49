import { allocate, viewF64, viewU32, type ColumnMemory } from '../column-memory.ts';
import type { ScannedSlice } from '../event-rows.ts';
import type { MergedDictionary } from '../merge-dictionaries.ts';
import { getSpan, newColumns, type BuiltSegment, type TimeSpan } from '../segment-builder.ts';
import { renumberActors } from '../renumber-actors.ts';
import type { Segment } from '../segment.ts';
import { orderByFrequency, type MergedTypes } from '../type-order.ts';
import { getDictionarySpace, numberStrings, planDictionary, probeStrings, type DictionaryPlan } from './dictionary.ts';
import {
  countRows,
  getRecordSpace,
  globalizeActors,
  MAX_KERNEL_TYPES,
  partitionRows,
  planRows,
  sortBuckets,
  type BucketRange,
  type PartitionOrder,
  type RowsPlan,
  type SortedColumns,
} from './rows.ts';

/** A share of the work that any thread can do; data only. */
export type AssemblyStep =
  | { readonly kind: 'renumber'; readonly slice: ScannedSlice }
  | { readonly kind: 'probe'; readonly dictionary: DictionaryPlan; readonly part: number }
  | { readonly kind: 'number'; readonly dictionary: DictionaryPlan }
  | { readonly kind: 'globalize'; readonly rows: RowsPlan; readonly part: number }
  | { readonly kind: 'count'; readonly rows: RowsPlan; readonly part: number }
  | { readonly kind: 'partition'; readonly rows: RowsPlan; readonly part: number; readonly order: PartitionOrder }
  | { readonly kind: 'sort'; readonly rows: RowsPlan; readonly range: BucketRange; readonly columns: SortedColumns };
/** `renumber`: the slice; `number`: the dictionary; `sort`: events at the time of the one before of their actor. */
export interface StepResult {
  readonly slice: ScannedSlice | null;
  readonly actors: MergedDictionary | null;
  readonly equalTimes: number;
}
/** Gets the scan rows of the events from `at` on, in a view that is overwritten afterwards. */
export type KeepScanRows = (at: number, scanRows: Uint32Array) => void;

/** In the thread that does it. `check` is called every few thousand rows with those done and may throw. */
export function runAssemblyStep(
  memory: ColumnMemory,
  step: AssemblyStep,
  keepScanRows: KeepScanRows,
  check: (rows: number) => void,
): StepResult {
  const result = { slice: null, actors: null, equalTimes: 0 };
  switch (step.kind) {
    case 'renumber':
      return { ...result, slice: renumberActors(step.slice, () => check(0)) };
    case 'probe':
      probeStrings(memory, step.dictionary, step.part, () => check(0));
      return result;
    case 'number':
      return { ...result, actors: numberStrings(memory, step.dictionary, () => check(0)) };
    case 'globalize':
      globalizeActors(memory, step.rows, step.part, () => check(0));
      return result;
    case 'count':
      countRows(memory, step.rows, step.part, check);
      return result;
    case 'partition':
      partitionRows(memory, step.rows, step.part, step.order, check);
      return result;
    case 'sort':
      return { ...result, equalTimes: sortBuckets(memory, step.rows, step.range, step.columns, keepScanRows, check) };
  }
}

/** The scanned slices without the rows that are copies of others: told once all are compared, which takes a while. */
export type DropCopies = () => Promise<readonly ScannedSlice[]>;
/** Does steps side by side and gives their results in order. */
export type RunSteps = (steps: readonly AssemblyStep[]) => Promise<readonly StepResult[]>;

/** Whether kernels assemble these slices: they lie in one memory and do not have too many event types. */
export function canAssemble(slices: readonly ScannedSlice[]): boolean {
  const types = new Set(slices.flatMap((slice) => slice.eventNames)).size;
  return slices.length > 0 && slices.every(({ memory }) => memory !== null) && types <= MAX_KERNEL_TYPES;
}

/** Everything of a `BuiltSegment` but where its scan rows are. */
export type SortedSegment = Omit<BuiltSegment, 'scanOrder'>;

/**
 * What `assembleSegment` makes, by kernels in `parts` threads: `build` is the memory of the slices, whose chunks are overwritten; the segment's columns go
 * to `memory`. Actors are merged while `dropCopies` is asked, as if there were no copies. Throws TimeSpanTooWide.
 */
export async function assembleSlices(
  scanned: readonly ScannedSlice[],
  build: ColumnMemory,
  memory: ColumnMemory,
  parts: number,
  run: RunSteps,
  dropCopies: DropCopies = () => Promise.resolve(scanned),
): Promise<SortedSegment> {
  const tables = scanned.map((slice) => slice.actorIds);
  const rows = scanned.reduce((sum, slice) => sum + slice.rows, 0);
  // The dictionary is done before the first record is written.
  const space = allocate(build, Math.max(getDictionarySpace(tables, parts), getRecordSpace(rows)));
  const merge = (from: readonly ScannedSlice[]): Promise<MergedDictionary> => {
    const ids = from.map((slice) => slice.actorIds);
    return mergeActors(planDictionary(build, ids, parts, space), run);
  };
  // In this order: threads compare copies when they have looked for actors, while one of them numbers those.
  const [merged, settled] = await Promise.all([merge(scanned), dropCopies()]);
  const hasCopies = settled.some((slice) => slice.dropped.length > 0);
  const slices = await renumber(settled, run);
  const actors = hasCopies ? await merge(slices) : merged;
  const eventCount = slices.reduce((sum, slice) => sum + slice.rows, 0);
  const actorIds = actors.values;
  const dictionary = { actorCount: actorIds.length, codes: actors.codes };
  const plan = planRows(build, slices, dictionary, parts, space);
  const each = Array.from({ length: parts }, (_, part) => part);
  // Apart from the counting: codes of a slice are looked up far and wide, and the first slice has merged ones.
  await run(each.map((part) => ({ kind: 'globalize', rows: plan, part })));
  await run(each.map((part) => ({ kind: 'count', rows: plan, part })));
  const span = getSpan(plan.spans.flatMap((at) => [...viewF64(build, at, 2)]).filter(Number.isFinite));
  const types = mergeTypes(build, slices, plan);
  const starts = placeBuckets(build, plan);
  const order = { baseSeconds: span.baseSeconds, typeCodes: types.codes.map((codes) => store(build, codes)) };
  await run(each.map((part) => ({ kind: 'partition', rows: plan, part, order })));
  const columns = newColumns(memory, actorIds.length, eventCount, types.names.length);
  const ranges = splitBuckets(starts, plan.buckets, parts);
  const sorted = await run(ranges.map((range) => ({ kind: 'sort', rows: plan, range, columns })));
  columns.offsets[actorIds.length] = eventCount;
  const equalTimes = sorted.reduce((sum, result) => sum + result.equalTimes, 0);
  return finish(slices, { memory, ...columns, actorIds, eventNames: types.names }, span, equalTimes);
}

function finish(
  slices: readonly ScannedSlice[],
  columns: Pick<Segment, 'memory' | 'actorIds' | 'eventNames'> & SortedColumns,
  { firstMs, lastMs, baseSeconds }: TimeSpan,
  equalTimes: number,
): SortedSegment {
  const { length: actorCount } = columns.actorIds;
  const eventCount = columns.seconds.length;
  return {
    segment: { ...columns, actorCount, eventCount, baseSeconds, properties: new Map(), recordedAt: null },
    landmarks: slices.map(({ rows, landmarks: seqs, dropped }) => ({ rows, seqs, dropped })),
    firstMs,
    lastMs,
    equalTimes,
  };
}

/** Most builds have no slice with dropped rows. */
async function renumber(slices: readonly ScannedSlice[], run: RunSteps): Promise<readonly ScannedSlice[]> {
  const done = await run(
    slices.filter((slice) => slice.dropped.length > 0).map((slice) => ({ kind: 'renumber', slice })),
  );
  let next = 0;
  return slices.map((slice) => (slice.dropped.length > 0 ? (done[next++]?.slice ?? slice) : slice));
}

async function mergeActors(dictionary: DictionaryPlan, run: RunSteps): Promise<MergedDictionary> {
  await run(Array.from({ length: dictionary.parts }, (_, part) => ({ kind: 'probe', dictionary, part })));
  const [numbered] = await run([{ kind: 'number', dictionary }]);
  if (!numbered?.actors) throw new Error('numbering gives a dictionary');
  return numbered.actors;
}

function mergeTypes(memory: ColumnMemory, slices: readonly ScannedSlice[], plan: RowsPlan): MergedTypes {
  return orderByFrequency(
    slices.map(({ eventNames }, s) => {
      const counts = new Float64Array(eventNames.length);
      for (const bySlice of plan.typeCounts)
        viewU32(memory, bySlice[s] ?? 0, counts.length).forEach((n, type) => (counts[type] = (counts[type] ?? 0) + n));
      return { names: eventNames, counts };
    }),
  );
}

/** Turns counts into places: bucket by bucket, in it part by part, so that scan order stays. Returns where buckets begin. */
function placeBuckets(memory: ColumnMemory, { cursors, buckets }: RowsPlan): Uint32Array {
  const views = cursors.map((at) => viewU32(memory, at, buckets));
  const starts = new Uint32Array(buckets + 1);
  let place = 0;
  for (let bucket = 0; bucket < buckets; bucket++) {
    starts[bucket] = place;
    for (const view of views) {
      const rows = view[bucket] ?? 0;
      view[bucket] = place;
      place += rows;
    }
  }
  starts[buckets] = place;
  return starts;
}

/** At most `parts` ranges of about equal numbers of events. */
function splitBuckets(starts: Uint32Array, buckets: number, parts: number): readonly BucketRange[] {
  const ranges: BucketRange[] = [];
  const events = starts[buckets] ?? 0;
  let from = 0;
  for (let bucket = 0; bucket < buckets; bucket++) {
    const isFull = (starts[bucket + 1] ?? 0) * parts >= events * (ranges.length + 1);
    if (!isFull && bucket + 1 < buckets) continue;
    ranges.push({ from, to: bucket + 1, starts: starts.slice(from, bucket + 2) });
    from = bucket + 1;
  }
  return ranges;
}

function store(memory: ColumnMemory, codes: Uint32Array): number {
  const at = allocate(memory, 4 * codes.length);
  viewU32(memory, at, codes.length).set(codes);
  return at;
}
