import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ReadingWay } from '../../../protocol/index.ts';
import type { Pool } from '../../pool.ts';
import { createColumnMemory } from '../../segment/column-memory.ts';
import type { SliceLandmarks } from '../../segment/event-rows.ts';
import { orderByFrequency } from '../../segment/type-order.ts';
import type { ScanSlice } from '../../source/event-source.ts';
import { toReport, type CountedReport } from '../partition-columns.ts';
import type { ColumnInFile, ColumnType } from '../../store/column-file.ts';
import { assembleInThreads } from '../assemble-slices.ts';
import { cutSlices, type ScanTarget } from '../build-segment.ts';
import { TASK_SLOTS } from '../control.ts';
import { collectEverywhere } from '../give-back-memory.ts';
import type { RequestScope } from '../request-scope.ts';
import { removeScanOrder } from '../scan-order-file.ts';
import { settleAll } from '../settle-all.ts';
import type { SegmentFacts } from '../stored-segment.ts';
import type { ShardPlace, ShardSlice, TaskMap } from '../tasks.ts';
import { countBatches, countShards, type MemoryLimit } from './memory-limit.ts';

/** A segment whose columns are files. */
export interface FiledSegment {
  readonly facts: SegmentFacts;
  readonly landmarks: readonly SliceLandmarks[];
  /** By the names of `stored-segment.ts`. */
  readonly files: ReadonlyMap<string, ColumnInFile>;
  /** Of the private folder, with everything in it. */
  readonly folder: string;
}
export interface ShardBuild {
  readonly filed: FiledSegment;
  readonly target: ScanTarget;
  /** Of a build that counted. */
  readonly report: CountedReport | null;
  readonly reading: ReadingWay | null;
}
export interface ShardOptions {
  readonly limit: MemoryLimit;
  /** Upper estimate. */
  readonly rows: number;
  /** Nothing is known of the source yet: its partitions are counted on the way. */
  readonly counting: boolean;
}
type Scan = TaskMap['scanToShards']['result'];
/** Smaller shards wait for each other. */
const WORTH_COLLECTING_ROWS = 100_000;
let made = 0;

/**
 * Builds a segment larger than memory: rows are scanned in batches that go to spill files by shard, a hash of the actor;
 * shard after shard is assembled as a segment of its own and its columns are written behind those of the one before.
 * A segment's actors may be in any order, so the files together are one segment like any other.
 *
 *   batch 1 | a b c a ...  →  shard 0: a a | c ...      shard 0 assembled: a a a c    →  columns: a a a c | b b b
 *   batch 2 | b a b ...       shard 1: b | b b ...       shard 1 assembled: b b b
 */
export async function buildInShards(
  pool: Pool,
  target: Omit<ScanTarget, 'slices'>,
  options: ShardOptions,
  scope: RequestScope,
): Promise<ShardBuild> {
  const folder = path.join(target.handle.scratchDir, `columns-${process.pid}-${made++}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  try {
    return await buildInFolder(pool, target, options, folder, scope);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

async function buildInFolder(
  pool: Pool,
  target: Omit<ScanTarget, 'slices'>,
  { limit, rows, counting }: ShardOptions,
  folder: string,
  scope: RequestScope,
): Promise<ShardBuild> {
  const { handle } = target;
  const home = { control: scope.control, home: handle.sourceId };
  const parts = countBatches(limit, pool.size, rows);
  const shards = countShards(limit, rows);
  const cut = (): Promise<readonly ScanSlice[]> => cutSlices(pool, handle, { from: null, to: null }, parts);
  const scanned = counting ? await pool.run('uncountedSlices', { ...handle, parts }, home) : await cut();
  const scans = await scanBatches(pool, { ...target, slices: scanned }, { folder, shards, counting }, scope);
  const joined = counting
    ? await pool.run('joinParts', { ...handle, counted: scans.flatMap((scan) => scan.counted ?? []) }, home)
    : null;
  // The same cuts, now with the duplicates to leave out when columns are scanned later.
  const slices = counting ? await cut() : scanned;
  const filed = await fileShards(pool, target, placeSlices(scans, joined?.dropped ?? []), { folder, shards }, scope);
  const ways = scans.map((scan) => scan.way);
  const reading = ways.find((way) => way.reader === 'rows') ?? ways[0] ?? null;
  const report = joined === null ? null : toReport(joined);
  return { filed, target: { ...target, slices }, report, reading };
}

function scanBatches(
  pool: Pool,
  { handle, slices, actorProperty, kernels }: ScanTarget,
  how: { readonly folder: string; readonly shards: number; readonly counting: boolean },
  scope: RequestScope,
): Promise<Scan[]> {
  const rows = slices.reduce((sum, slice) => sum + slice.estimatedRows, 0);
  scope.begin('scan', 'rows', rows);
  const kept = { events: true, recordedAt: false, properties: [] };
  return settleAll(
    slices.map((slice, i) =>
      pool.run(
        'scanToShards',
        {
          ...handle,
          slice,
          actorProperty,
          kernels,
          kept,
          shards: how.shards,
          counting: how.counting,
          path: path.join(how.folder, `spill-${i}`),
        },
        { control: scope.control, slot: i % TASK_SLOTS },
      ),
    ),
  );
}

/** Where the rows of each slice begin in the whole scan, without those that are dropped. */
function placeSlices(scans: readonly Scan[], dropped: readonly (readonly number[])[]): readonly ShardSlice[] {
  let start = 0;
  return scans.map(({ spilled }, i) => {
    const rows = Uint32Array.from(dropped[i] ?? []);
    const placed = { spilled, dropped: rows, start };
    start += spilled.rows - rows.length;
    return placed;
  });
}

async function fileShards(
  pool: Pool,
  target: Omit<ScanTarget, 'slices'>,
  slices: readonly ShardSlice[],
  { folder, shards }: { readonly folder: string; readonly shards: number },
  scope: RequestScope,
): Promise<FiledSegment> {
  const writer = new ShardWriter(pool, slices, folder, scope);
  for (let shard = 0; shard < shards; shard++) {
    const rows = await fileShard(pool, target, slices, shard, writer, scope);
    if (rows > WORTH_COLLECTING_ROWS || shard + 1 === shards) await collectEverywhere(pool);
  }
  for (const { spilled } of slices) rmSync(spilled.path, { force: true });
  return writer.finish();
}

async function fileShard(
  pool: Pool,
  { handle, kernels }: Omit<ScanTarget, 'slices'>,
  slices: readonly ShardSlice[],
  shard: number,
  writer: ShardWriter,
  scope: RequestScope,
): Promise<number> {
  const memory = kernels ? createColumnMemory() : null;
  const options = { control: scope.control };
  const loaded = await pool.run('loadShard', { slices, shard, memory }, options);
  const rows = loaded.scanRows.length;
  if (rows === 0) return 0;
  const built = await assembleInThreads(pool, { kernels, scratchDir: handle.scratchDir }, loaded.slices, scope);
  try {
    await writer.append(built, loaded.scanRows);
  } finally {
    removeScanOrder(built.scanOrder);
  }
  return rows;
}

/** The columns of one segment, written shard after shard. */
class ShardWriter {
  readonly #pool: Pool;
  readonly #scope: RequestScope;
  readonly #folder: string;
  readonly #slices: readonly ShardSlice[];
  /** By first appearance; put in their order at the end, when all are counted. */
  readonly #names: readonly string[];
  readonly #counts: Float64Array;
  readonly #baseSeconds: number;
  #events = 0;
  #actors = 0;
  #idBytes = 0;
  #equalTimes = 0;
  #firstMs = Infinity;
  #lastMs = -Infinity;

  constructor(pool: Pool, slices: readonly ShardSlice[], folder: string, scope: RequestScope) {
    this.#pool = pool;
    this.#scope = scope;
    this.#folder = folder;
    this.#slices = slices;
    this.#names = [...new Set(slices.flatMap(({ spilled }) => spilled.eventNames))];
    this.#counts = new Float64Array(this.#names.length);
    const first = Math.min(...slices.map(({ spilled }) => spilled.firstMs));
    this.#baseSeconds = Number.isFinite(first) ? Math.floor(first / 1000) : 0;
    for (const name of ['events/offsets', 'actors/offsets']) writeFileSync(this.#pathOf(name), new Uint8Array(4));
    for (const name of ['events/seconds', 'events/millis', 'events/types', 'actors/bytes', 'scan/rows'])
      writeFileSync(this.#pathOf(name), new Uint8Array());
  }

  async append(built: Awaited<ReturnType<typeof assembleInThreads>>, scanRows: Uint32Array): Promise<void> {
    const { segment, scanOrder } = built;
    const codeOf = new Map(this.#names.map((name, code) => [name, code]));
    const place: ShardPlace = {
      events: this.#events,
      idBytes: this.#idBytes,
      baseSeconds: this.#baseSeconds,
      typeCodes: Uint32Array.from(segment.eventNames, (name) => codeOf.get(name) ?? 0),
    };
    const payload = { segment, scanOrder, scanRows, place, files: this.#files() };
    const counts = await this.#pool.run('appendShard', payload, { control: this.#scope.control });
    counts.forEach((count, type) => {
      const code = place.typeCodes[type] ?? 0;
      this.#counts[code] = (this.#counts[code] ?? 0) + count;
    });
    this.#events += segment.eventCount;
    this.#actors += segment.actorCount;
    this.#idBytes += segment.actorIds.bytes.length;
    this.#equalTimes += built.equalTimes;
    this.#firstMs = Math.min(this.#firstMs, built.firstMs ?? Infinity);
    this.#lastMs = Math.max(this.#lastMs, built.lastMs ?? -Infinity);
  }

  async finish(): Promise<FiledSegment> {
    const { names, codes } = orderByFrequency([{ names: this.#names, counts: this.#counts }]);
    const files = this.#files();
    await this.#pool.run(
      'recodeTypes',
      { file: files.types, codes: codes[0] ?? new Uint32Array() },
      { control: this.#scope.control },
    );
    const landmarks = this.#slices.map(({ spilled, dropped }) => ({
      rows: spilled.rows - dropped.length,
      seqs: spilled.landmarks,
      dropped: [...dropped],
    }));
    const facts: SegmentFacts = {
      actorCount: this.#actors,
      eventCount: this.#events,
      baseSeconds: this.#baseSeconds,
      eventNames: names,
      firstMs: Number.isFinite(this.#firstMs) ? this.#firstMs : null,
      lastMs: Number.isFinite(this.#lastMs) ? this.#lastMs : null,
      equalTimes: this.#equalTimes,
      landmarks: landmarks.map(({ rows, dropped }) => ({ rows, dropped })),
    };
    const named: [string, ColumnInFile][] = [
      ['events/offsets', files.offsets],
      ['events/seconds', files.seconds],
      ['events/millis', files.millis],
      ['events/types', files.types],
      ['actors/offsets', files.idOffsets],
      ['actors/bytes', files.idBytes],
      ['scan/rows', files.scanRows],
    ];
    return { facts, landmarks, files: new Map(named), folder: this.#folder };
  }

  #files(): TaskMap['appendShard']['payload']['files'] {
    const column = (name: string, type: ColumnType, length: number): ColumnInFile => ({
      path: this.#pathOf(name),
      at: 0,
      type,
      length,
    });
    return {
      offsets: column('events/offsets', 'u32', this.#actors + 1),
      seconds: column('events/seconds', 'u32', this.#events),
      millis: column('events/millis', 'u16', this.#events),
      types: column('events/types', narrowestType(this.#names.length), this.#events),
      idOffsets: column('actors/offsets', 'u32', this.#actors + 1),
      idBytes: column('actors/bytes', 'u8', this.#idBytes),
      scanRows: column('scan/rows', 'u32', this.#events),
    };
  }

  #pathOf(name: string): string {
    return path.join(this.#folder, name.replace('/', '.'));
  }
}

/** For codes 0..`codes - 1`. */
export function narrowestType(codes: number): 'u8' | 'u16' | 'u32' {
  if (codes <= 0x100) return 'u8';
  return codes <= 0x1_0000 ? 'u16' : 'u32';
}
