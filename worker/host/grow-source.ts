import { setTimeout } from 'node:timers/promises';
import { TYPES_REPEATED } from '../compute/derived-types.ts';
import type { KeptColumns } from '../segment/event-rows.ts';
import { createColumnMemory, type ColumnMemory } from '../segment/column-memory.ts';
import { placeGrowth, type ColumnGrowth, type PlacedGrowth } from '../segment/grow-segment.ts';
import { getRoom, type SegmentRoom } from '../segment/segment-room.ts';
import { NOT_FOUND } from '../segment/find-strings.ts';
import type { StringTable } from '../segment/string-table.ts';
import type { ScanSlice } from '../source/event-source.ts';
import type { Pool, TaskOptions } from '../pool.ts';
import type { PlannedGrowth } from './grow-tasks.ts';
import { createScanOrder } from './new-scan-order.ts';
import type { Packed } from './packed.ts';
import { toReport, type CountedReport } from './partition-columns.ts';
import type { RequestScope } from './request-scope.ts';
import { getFullBlocks, type RowProof } from './row-witness.ts';
import { createScanOrderFile } from './scan-order-file.ts';
import type { HeldSegment, Ordering } from './held-segment.ts';
import type { SegmentSet } from './segment-set.ts';
import { settleAll } from './settle-all.ts';
import type { SourceHandle, TaskMap } from './tasks.ts';

/** A session's rows before its source grew. */
export interface Grower {
  readonly held: HeldSegment;
  readonly proof: RowProof;
  /** Takes the columns from who has them, to be changed where they lie; false = somebody reads them, so they are copied. */
  readonly takeColumns: () => boolean | Promise<boolean>;
  /** What lies in files stays there that long. */
  readonly keepFiles: (until: Promise<unknown>) => void;
}
export interface GrownSource {
  readonly described: TaskMap['describe']['result'];
  readonly segment: Omit<HeldSegment, 'key' | 'derived'>;
  readonly report: CountedReport;
  readonly counted: Packed;
  /** The columns are where they were. */
  readonly isInPlace: boolean;
  /** Event types have the codes they had. */
  readonly keepsTypes: boolean;
  readonly addedEvents: number;
  /** Those of whom derived columns may say something else now, ascending. */
  readonly actors: Uint32Array;
}

/** Blocks looked at before the first answer: all of a small source, the newest and some of a large one's others. */
const BLOCKS_AT_FIRST = 64;
const NEWEST = 2;
const SPREAD = 4;
const BLOCKS_A_RUN = 4;

/**
 * The segment of a source that was only added to, made of the one it had and the new rows, which alone are read. null = more
 * has changed, or it is not certain: everything is to be read anew. Blocks that are not compared here are for a RowWitness.
 */
export async function growSource(
  pool: Pool,
  handle: SourceHandle,
  { held, proof, takeColumns, keepFiles }: Grower,
  scope: RequestScope,
): Promise<GrownSource | null> {
  const { mark, counted } = proof;
  const home = { control: scope.control, home: handle.sourceId };
  const comparing = compareBlocks(pool, handle, proof, scope);
  // By the thread that compares: the other one has rows to read.
  const describing = comparing.then(() => pool.run('describe', handle, { control: scope.control }));
  // Heard of further down.
  describing.catch(() => undefined);
  const uncut = await pool.run('rowsSince', { ...handle, mark, counted }, home);
  if (uncut === null) return null;
  const names = [...held.segment.properties.keys()];
  const kept: KeptColumns = { events: true, recordedAt: false, properties: names };
  scope.begin('scan', 'rows', uncut.estimatedRows);
  const memory = held.segment.memory === null ? null : createColumnMemory();
  const how = { kept, actorProperty: null, counting: true, memory };
  const [scanned, isSame] = await Promise.all([pool.run('scan', { ...handle, ...how, slice: uncut }, home), comparing]);
  if (!isSame) return null;
  if (scanned.counted === null) throw new Error('a scan that counts says what it counted');
  const segment = { key: `${handle.sourceId}/before/`, value: held.segment };
  const found = await findActors(pool, scanned.slice.actorIds, segment, scope);
  const given = { slice: scanned.slice, found, properties: names, typeCounts: held.typeCounts ?? null };
  const plan = (dropped: readonly number[]): Promise<PlannedGrowth | null> => {
    // The column stays what it is.
    const release = held.derived.hold();
    const repeated = held.derived.columns.get(TYPES_REPEATED) ?? null;
    return pool
      .run('planGrowth', { ...given, dropped, repeated }, { control: scope.control, segment })
      .finally(release);
  };
  // Planned as if no row was to be dropped, which few sources have: a plan changes nothing.
  const [joined, first] = await Promise.all([
    pool.run('joinParts', { ...handle, counted: [counted, scanned.counted] }, home),
    plan([]),
  ]);
  // The same rows, now with the duplicates to leave out when columns are scanned later.
  const out = joined.dropped[1] ?? [];
  const hasCopies = out.length > 0 || scanned.report.issues.some(({ kind }) => kind === 'duplicate_event_id');
  const slice = hasCopies ? await pool.run('rowsSince', { ...handle, mark, counted }, home) : uncut;
  const planned = out.length > 0 ? await plan(out) : first;
  pool.forgetSegments(`${handle.sourceId}/before/`);
  if (slice === null || planned === null) return null;
  const grown = await growColumns(pool, handle, planned, { held, takeColumns, keepFiles }, slice);
  const { growth, actors } = planned;
  return {
    ...grown,
    described: await describing,
    report: toReport(joined),
    counted: joined.counted,
    addedEvents: growth.places.length,
    actors,
    keepsTypes: growth.recode === null,
  };
}

/** By all threads. */
async function findActors(
  pool: Pool,
  ids: StringTable,
  segment: NonNullable<TaskOptions['segment']>,
  { control }: RequestScope,
): Promise<Uint32Array> {
  const { actorCount } = segment.value;
  const pieces = pool.size;
  const cutAt = (i: number): number => Math.floor((actorCount * i) / pieces);
  const [found = new Uint32Array(), ...others] = await settleAll(
    Array.from({ length: pieces }, (_, i) =>
      pool.run('findActors', { ids, among: { from: cutAt(i), to: cutAt(i + 1) } }, { control, segment }),
    ),
  );
  for (const other of others) other.forEach((actor, i) => actor !== NOT_FOUND && (found[i] = actor));
  return found;
}

/** false = some are not what they were. */
async function compareBlocks(
  pool: Pool,
  handle: SourceHandle,
  { mark, digests }: RowProof,
  scope: RequestScope,
): Promise<boolean> {
  const wanted = chooseRuns(getFullBlocks(mark), mark.blocks);
  // One thread reads the new rows.
  const parts = Math.max(1, pool.size - 1);
  const shares = Array.from({ length: parts }, (_, i) => wanted.filter((_run, at) => at % parts === i));
  const same = await settleAll(
    shares.map(async (runs) => {
      for (const [from, to] of runs) {
        const found = await pool.run('digest', { ...handle, mark, from, to }, { control: scope.control });
        if (found?.every((crc, i) => crc === digests[from + i]) !== true) return false;
      }
      return true;
    }),
  );
  return same.every(Boolean);
}

/** Blocks from … to (exclusive). Always the one that is not full: later nobody can tell it from the rows behind it. */
function chooseRuns(full: number, blocks: number): readonly (readonly [from: number, to: number])[] {
  if (blocks <= BLOCKS_AT_FIRST) return cutEvenly(blocks, Math.ceil(blocks / BLOCKS_A_RUN));
  const old = full - NEWEST;
  const spread = Array.from({ length: SPREAD }, (_, i) => Math.floor((old * i) / SPREAD));
  return [[old, blocks], ...spread.map((block) => [block, block + 1] as const)];
}

const cutEvenly = (blocks: number, runs: number): readonly (readonly [number, number])[] =>
  Array.from({ length: runs }, (_, i) => [Math.floor((blocks * i) / runs), Math.floor((blocks * (i + 1)) / runs)]);

async function growColumns(
  pool: Pool,
  handle: SourceHandle,
  { growth, properties, landmarks }: PlannedGrowth,
  { held, takeColumns, keepFiles }: Omit<Grower, 'proof'>,
  slice: ScanSlice,
): Promise<Pick<GrownSource, 'segment' | 'isInPlace'>> {
  const { segment } = held;
  const { places } = growth;
  const room = getRoomOf(held);
  const hasRoom =
    room !== null &&
    segment.eventCount + places.length <= room.events &&
    segment.actorCount + growth.newActors.length <= room.actors;
  const isInPlace = hasRoom && (await takeColumns());
  const placed = placeGrowth(segment, growth, { properties, recordedAt: null }, isInPlace ? room : null);
  await fill(pool, placed, { held, places, actors: growth.actors, memory: isInPlace ? segment.memory : null });
  const ordering = growOrder(pool, handle, held, growth, keepFiles);
  const target = {
    ...held.target,
    handle,
    slices: [...held.target.slices, { ...slice, index: held.target.slices.length }],
  };
  const isLonger = places.length > 0;
  return {
    isInPlace,
    segment: {
      ...ordering,
      segment: placed.segment,
      landmarks: [...held.landmarks, landmarks],
      firstMs: isLonger ? Math.min(held.firstMs ?? Infinity, growth.firstMs) : held.firstMs,
      lastMs: isLonger ? Math.max(held.lastMs ?? -Infinity, growth.lastMs) : held.lastMs,
      equalTimes: held.equalTimes + growth.equalTimes,
      hours: held.hours,
      target,
      room: placed.room,
      typeCounts: growth.typeCounts,
      stored: null,
      windows: null,
    },
  };
}

const getRoomOf = ({ room, segment: { memory, actorCount, eventCount } }: HeldSegment): SegmentRoom | null =>
  memory === null ? null : room === undefined ? getRoom(actorCount, eventCount) : room;

/** By the threads, each some of the columns. */
async function fill(
  pool: Pool,
  { segment, steps }: PlacedGrowth,
  {
    held,
    actors,
    places,
    memory,
  }: Pick<PlannedGrowth['growth'], 'places' | 'actors'> & {
    readonly held: HeldSegment;
    /** In which they grow where they lie; null = they are copied. */
    readonly memory: ColumnMemory | null;
  },
): Promise<void> {
  const { offsets, actorCount, eventCount } = held.segment;
  const base = { offsets, actorCount, eventCount };
  const shares: ColumnGrowth[][] = Array.from({ length: pool.size }, () => []);
  const bytesOf = (share: readonly ColumnGrowth[]): number =>
    share.reduce((sum, { column }) => sum + column.byteLength, 0);
  // The largest first, each to the thread that has least to do.
  for (const step of steps.toSorted((a, b) => b.column.byteLength - a.column.byteLength))
    shares.toSorted((a, b) => bytesOf(a) - bytesOf(b))[0]?.push(step);
  const least = shares.toSorted((a, b) => bytesOf(a) - bytesOf(b))[0];
  await settleAll(
    shares.map((share) => {
      const own = share === least ? { base, grown: segment.offsets, actors } : null;
      return pool.run('growColumns', { steps: share, places, offsets: own, memory });
    }),
  );
}

/** Behind, after the first question: only later columns and timelines need it. */
const ORDER_AFTER_MS = 50;

function growOrder(
  pool: Pool,
  { scratchDir }: SourceHandle,
  { scanOrder, segment }: HeldSegment,
  { places, rows }: PlannedGrowth['growth'],
  keepFiles: Grower['keepFiles'],
): { readonly scanOrder: HeldSegment['scanOrder']; readonly ordering: Ordering } {
  const newOrder = createScanOrder((length) => createScanOrderFile(scratchDir, length));
  const into = newOrder(scanOrder, segment.eventCount + places.length);
  let isDone = false;
  const task = { from: scanOrder, into, places, rows };
  const done = setTimeout(ORDER_AFTER_MS)
    .then(() => pool.run('growScanOrder', task))
    .then(() => (isDone = true));
  // Who needs it hears of it.
  done.catch(() => undefined);
  keepFiles(done);
  return { scanOrder: into, ordering: { done, isDone: () => isDone } };
}

/** What is being written of an earlier state is stopped within a slice; behind the writing of others nobody waits that long. */
const STOP_SAVING_MS = 20;

/** Takes the columns of a set that nobody reads or writes to disk. */
export async function takeFrom(pool: Pool, sourceId: string, segments: SegmentSet): Promise<boolean> {
  if (segments.isSaving) await Promise.race([segments.stopSaving(), setTimeout(STOP_SAVING_MS)]);
  if (segments.isSaving || !pool.retireSegments(sourceId)) return false;
  segments.retire();
  return true;
}
