import type { Pool, TaskOptions } from '../../pool.ts';
import { createColumnMemory } from '../../segment/column-memory.ts';
import { allocateDerived } from '../../segment/derived-column.ts';
import type { SliceLandmarks } from '../../segment/event-rows.ts';
import type { BuiltSegment } from '../../segment/segment-builder.ts';
import type { ScanOrder } from '../../segment/scan-order.ts';
import type { ActorRange, PropertyColumn, Segment, TypeColumn } from '../../segment/segment.ts';
import { EMPTY_TABLE, type StringTable } from '../../segment/string-table.ts';
import { TYPE_BYTES, type ColumnValues } from '../../store/column-file.ts';
import type { NamedColumn, StoredColumns } from '../../store/column-store.ts';
import { collectEverywhere } from '../give-back-memory.ts';
import { Mutex } from '../mutex.ts';
import type { RequestScope } from '../request-scope.ts';
import { settleAll } from '../settle-all.ts';
import type { SegmentFacts } from '../stored-segment.ts';
import type { ColumnRead, TaskMap } from '../tasks.ts';
import type { FiledSegment } from './build-in-shards.ts';
import { ColumnFiles } from './column-files.ts';
import { cutWindows, type OffsetSamples } from './cut-windows.ts';
import type { FiledColumn } from './file-later-column.ts';
import type { GatheredActors } from './gather-actors.ts';
import { countWindows, type MemoryLimit } from './memory-limit.ts';
import { allocateColumn, bytesOfTable, copyTable } from './window-columns.ts';

/** Beside the events themselves. */
export interface ColumnsNeeded {
  readonly properties: readonly string[];
  readonly recordedAt: boolean;
}
type SegmentRef = NonNullable<TaskOptions['segment']>;

interface Window {
  /** Says which columns of which actors it has. */
  readonly name: string;
  readonly segment: SegmentRef;
  readonly bytes: number;
}
export interface WindowOptions {
  readonly pool: Pool;
  readonly limit: MemoryLimit;
  readonly kernels: boolean;
  readonly sourceId: string;
}

/** Events are cut between every so many actors, at most. */
const MOST_SAMPLES = 1 << 16;
const WORTH_COLLECTING = 8e6;
const MOST_DROPPED = 16;
let made = 0;

/**
 * A segment whose columns are files, in memory one *window* of actors at a time:
 *
 *   files     offsets | seconds | millis | types | codes of properties      all actors
 *   head      event names, ids once asked for, values of properties         no events: for merging, and for what is small
 *   window    a Segment with the numbering of the whole, of which only the window's part has values
 *
 * A window's columns are as long as the whole's, but memory that nobody touched is no memory: only what is read in takes
 * room. So a kernel, a partial and an actor's number are the same as in a segment that is whole in memory, and partials
 * of windows merge as those of ranges do. The window used last stays until another is needed.
 */
export class WindowedSegment {
  /** With empty columns. */
  readonly built: BuiltSegment;
  readonly #options: WindowOptions;
  readonly #files: ColumnFiles;
  readonly #values = new Map<string, StringTable>();
  #samples: OffsetSamples | null = null;
  #hasIds = false;
  #window: Window | null = null;
  /** Bytes of windows that were let go and may still be in memory. */
  readonly #dropped: number[] = [];
  readonly #mutex = new Mutex();

  private constructor(
    options: WindowOptions,
    files: ColumnFiles,
    facts: SegmentFacts,
    landmarks: readonly SliceLandmarks[],
  ) {
    this.#options = options;
    this.#files = files;
    this.built = this.#makeHead(facts, landmarks);
  }

  static ofFiles(options: WindowOptions, { files, folder, facts, landmarks }: FiledSegment): WindowedSegment {
    return new WindowedSegment(options, new ColumnFiles(files, folder, null), facts, landmarks);
  }

  /** Throws ColumnDamaged. `scratchDir` = private folder for second names of the store's files. */
  static ofStored(
    options: WindowOptions,
    stored: StoredColumns,
    facts: SegmentFacts,
    scratchDir: string,
  ): WindowedSegment {
    const landmarks = facts.landmarks.map((place, i) => {
      const seqs = new Float64Array(stored.entry(`scan/landmarks.${i}`)?.length ?? 0);
      stored.loadSync(`scan/landmarks.${i}`, seqs);
      return { ...place, seqs };
    });
    return new WindowedSegment(options, ColumnFiles.ofStored(stored, scratchDir), facts, landmarks);
  }

  /** What is in memory now. */
  get bytes(): number {
    return this.#residentBytes + (this.#window?.bytes ?? 0);
  }

  get #residentBytes(): number {
    const tables = [...this.#values.values(), ...(this.#hasIds ? [this.built.segment.actorIds] : [])];
    const samples = this.#samples?.offsets.byteLength ?? 0;
    return tables.reduce((sum, table) => sum + bytesOfTable(table), samples);
  }

  has(name: string): boolean {
    return this.#files.has(name);
  }

  /** For the store. */
  nameColumns(): readonly NamedColumn[] {
    const landmarks = this.built.landmarks.map(({ seqs }, i) => ({ name: `scan/landmarks.${i}`, values: seqs }));
    const tables = [...this.#values].flatMap(([name, { bytes, offsets }]) => [
      { name: `property:${name}/bytes`, values: bytes },
      { name: `property:${name}/offsets`, values: offsets },
    ]);
    return [...[...this.#files.all].map(([name, values]) => ({ name, values })), ...landmarks, ...tables];
  }

  /** Ids of all actors, which lists and timelines need. Throws ColumnDamaged. */
  loadIds(): Promise<void> {
    return this.#mutex.run(async () => {
      if (this.#hasIds) return;
      const { bytes, offsets } = this.built.segment.actorIds;
      await this.#files.check(['actors/bytes', 'actors/offsets']);
      await this.#read([
        { file: this.#files.get('actors/bytes'), from: 0, into: bytes },
        { file: this.#files.get('actors/offsets'), from: 0, into: offsets },
      ]);
      this.#hasIds = true;
    });
  }

  /** The scan order and the events, before something reads them one by one. Throws ColumnDamaged. */
  async checkRows(): Promise<void> {
    await this.#files.check([...EVENT_COLUMNS, 'scan/rows']);
  }

  /** A property that the files have. Throws ColumnDamaged. */
  async loadProperty(name: string): Promise<PropertyColumn> {
    const names = ['codes', 'bytes', 'offsets'].map((part) => `property:${name}/${part}`);
    await this.#files.check(names);
    const [codes, bytes, offsets] = names.map((column) => this.#files.get(column));
    if (codes === undefined || bytes === undefined || offsets === undefined) throw new Error(`no property ${name}`);
    const values = {
      length: offsets.length - 1,
      bytes: allocateDerived(null, 'u8', bytes.length) as Uint8Array,
      offsets: allocateDerived(null, 'u32', offsets.length) as Uint32Array,
    };
    await this.#read([
      { file: bytes, from: 0, into: values.bytes },
      { file: offsets, from: 0, into: values.offsets },
    ]);
    return this.addProperty(name, { column: codes, values });
  }

  /** A column that came later; the head's stays empty. */
  addProperty(name: string, { column, values }: FiledColumn): PropertyColumn {
    this.#files.add(`property:${name}/codes`, column);
    this.#values.set(name, values ?? EMPTY_TABLE);
    return { codes: allocateDerived(null, column.type, 0) as TypeColumn, values: values ?? EMPTY_TABLE };
  }

  async loadRecordedAt(): Promise<Float64Array> {
    await this.#files.check(['recordedAt/values']);
    return new Float64Array();
  }

  addRecordedAt({ column }: FiledColumn): Float64Array {
    this.#files.add('recordedAt/values', column);
    return new Float64Array();
  }

  /** Where a later column goes. */
  pathOf(name: string): string {
    return this.#files.pathOf(name);
  }

  get limit(): MemoryLimit {
    return this.#options.limit;
  }

  /**
   * `work` on every range of actors, as many at a time as there are threads, window after window. Results are in actor
   * order. Throws ColumnDamaged, E_LIMIT.
   */
  forEachRange<T>(
    needed: ColumnsNeeded,
    scope: RequestScope,
    work: (segment: SegmentRef, range: ActorRange, index: number) => Promise<T>,
  ): Promise<T[]> {
    return this.#mutex.run(async () => {
      await this.#files.check([...EVENT_COLUMNS, ...this.#namesOf(needed)]);
      const windows = await this.#cut(needed);
      const results: T[] = [];
      for (const index of this.#inOrder(windows, needed)) {
        scope.throwIfStopped();
        const ranges = windows[index] ?? [];
        const { segment } = await this.#open(ranges, needed);
        const done = await settleAll(
          ranges.map((range, i) => work(segment, range, index * this.#options.pool.size + i)),
        );
        done.forEach((result, i) => (results[index * this.#options.pool.size + i] = result));
      }
      // A window may have fewer ranges than threads.
      return results.filter(() => true);
    });
  }

  /** A small segment of some actors, in their order. Throws ColumnDamaged. */
  async gather(actors: Uint32Array, needed: ColumnsNeeded, scope: RequestScope): Promise<GatheredActors> {
    await this.checkRows();
    await this.#files.check(this.#namesOf(needed));
    const { baseSeconds, eventNames, actorIds } = this.built.segment;
    const properties = needed.properties.flatMap((name) => {
      const values = this.#values.get(name);
      return values === undefined
        ? []
        : [[name, { codes: this.#files.get(`property:${name}/codes`), values }] as const];
    });
    const payload: TaskMap['gatherActors']['payload'] = {
      actors,
      head: { baseSeconds, eventNames, actorIds, ...this.#firstMs },
      files: {
        offsets: this.#files.get('events/offsets'),
        seconds: this.#files.get('events/seconds'),
        millis: this.#files.get('events/millis'),
        types: this.#files.get('events/types'),
      },
      properties: new Map(properties),
      recordedAt: needed.recordedAt && this.has('recordedAt/values') ? this.#files.get('recordedAt/values') : null,
    };
    return this.#options.pool.run('gatherActors', payload, { control: scope.control });
  }

  /** Its files go; whoever still copies from them has to be done. */
  remove(): void {
    this.#window = null;
    this.#files.remove();
  }

  /** The window that is there first. */
  #inOrder(windows: readonly (readonly ActorRange[])[], needed: ColumnsNeeded): readonly number[] {
    const here = windows.findIndex((ranges) => nameOf(ranges, needed) === this.#window?.name);
    const all = windows.map((_, i) => i);
    return here < 0 ? all : [here, ...all.filter((i) => i !== here)];
  }

  async #open(ranges: readonly ActorRange[], needed: ColumnsNeeded): Promise<Window> {
    const name = nameOf(ranges, needed);
    if (this.#window?.name === name) return this.#window;
    const { pool, sourceId } = this.#options;
    if (this.#window !== null) {
      pool.forgetSegments(this.#window.segment.key);
      this.#dropped.push(this.#window.bytes);
      this.#window = null;
      await this.#collect();
    }
    const { value, bytes } = await this.#load({ from: ranges[0]?.from ?? 0, to: ranges.at(-1)?.to ?? 0 }, needed);
    this.#window = { name, bytes, segment: { key: `${sourceId}/window${made++}/`, value } };
    return this.#window;
  }

  /** Small windows wait for each other: collecting takes some ms a thread. */
  async #collect(): Promise<void> {
    const bytes = this.#dropped.reduce((sum, dropped) => sum + dropped, 0);
    if (bytes < WORTH_COLLECTING && this.#dropped.length < MOST_DROPPED) return;
    this.#dropped.length = 0;
    await collectEverywhere(this.#options.pool);
  }

  async #load(
    { from, to }: ActorRange,
    needed: ColumnsNeeded,
  ): Promise<{ readonly value: Segment; readonly bytes: number }> {
    const memory = this.#options.kernels ? createColumnMemory() : null;
    const reads: ColumnRead[] = [];
    const place = (name: string, first: number, end: number): ColumnValues => {
      const file = this.#files.get(name);
      const values = allocateColumn(memory, file);
      reads.push({ file, from: first, into: values.subarray(first, end) });
      return values;
    };
    const offsets = place('events/offsets', from, to + 1) as Uint32Array;
    await this.#read(reads.splice(0));
    const [first, end] = [offsets[from] ?? 0, offsets[to] ?? 0];
    const properties = needed.properties.flatMap((name): [string, PropertyColumn][] => {
      const values = this.#values.get(name);
      if (values === undefined) return [];
      const codes = place(`property:${name}/codes`, first, end) as TypeColumn;
      return [[name, { codes, values: copyTable(memory, values) }]];
    });
    const { segment } = this.built;
    const value: Segment = {
      ...segment,
      memory,
      held: { from, to },
      offsets,
      seconds: place('events/seconds', first, end) as Uint32Array,
      millis: place('events/millis', first, end) as Uint16Array,
      types: place('events/types', first, end) as TypeColumn,
      properties: new Map(properties),
      recordedAt:
        needed.recordedAt && this.has('recordedAt/values')
          ? (place('recordedAt/values', first, end) as Float64Array)
          : null,
    };
    await this.#read(reads);
    const tables = properties.reduce((sum, [, { values }]) => sum + bytesOfTable(values), 0);
    const bytes = reads.reduce((sum, { into }) => sum + into.byteLength, 4 * (to - from) + tables);
    return { value, bytes };
  }

  /** Threads share the reading. */
  async #read(reads: readonly ColumnRead[]): Promise<void> {
    const { pool } = this.#options;
    const parts = Array.from({ length: pool.size }, (_, part) =>
      reads.map(({ file, from, into }): ColumnRead => {
        const [start, end] = [part, part + 1].map((cut) => Math.floor((into.length * cut) / pool.size));
        return { file, from: from + (start ?? 0), into: into.subarray(start, end) };
      }),
    );
    await settleAll(parts.map((part) => pool.run('readColumns', { reads: part })));
  }

  /** Windows of about equal numbers of events, each a range a thread. */
  async #cut(needed: ColumnsNeeded): Promise<readonly (readonly ActorRange[])[]> {
    const { actorCount, eventCount } = this.built.segment;
    const { pool, limit } = this.#options;
    const columns = [...EVENT_COLUMNS.slice(1), ...this.#namesOf(needed)];
    const width = columns.reduce((sum, name) => sum + TYPE_BYTES[this.#files.get(name).type], 0);
    // Each window has its own copy of the values.
    const values = needed.properties.reduce(
      (sum, name) => sum + bytesOfTable(this.#values.get(name) ?? EMPTY_TABLE),
      0,
    );
    const count = countWindows(limit, width * eventCount + 4 * actorCount, this.#residentBytes + values);
    return cutWindows(await this.#sample(), actorCount, count, pool.size);
  }

  async #sample(): Promise<OffsetSamples> {
    const grain = Math.max(1, Math.ceil(this.built.segment.actorCount / MOST_SAMPLES));
    return (this.#samples ??= {
      grain,
      offsets: await this.#options.pool.run('sampleColumn', { file: this.#files.get('events/offsets'), grain }),
    });
  }

  #namesOf({ properties, recordedAt }: ColumnsNeeded): readonly string[] {
    const codes = properties.filter((name) => this.#values.has(name)).map((name) => `property:${name}/codes`);
    return recordedAt && this.has('recordedAt/values') ? [...codes, 'recordedAt/values'] : codes;
  }

  get #firstMs(): Pick<Segment, 'firstMs'> {
    const { firstMs } = this.built.segment;
    return firstMs === undefined ? {} : { firstMs };
  }

  #makeHead(facts: SegmentFacts, landmarks: readonly SliceLandmarks[]): BuiltSegment {
    const memory = this.#options.kernels ? createColumnMemory() : null;
    const segment: Segment = {
      memory,
      actorCount: facts.actorCount,
      eventCount: facts.eventCount,
      firstMs: facts.firstMs ?? Infinity,
      offsets: new Uint32Array(),
      baseSeconds: facts.baseSeconds,
      seconds: new Uint32Array(),
      millis: new Uint16Array(),
      types: new Uint8Array(),
      eventNames: facts.eventNames,
      actorIds: {
        length: facts.actorCount,
        bytes: allocateColumn(memory, this.#files.get('actors/bytes')) as Uint8Array,
        offsets: allocateColumn(memory, this.#files.get('actors/offsets')) as Uint32Array,
      },
      properties: new Map(),
      recordedAt: null,
    };
    const { firstMs, lastMs, equalTimes } = facts;
    return { segment, scanOrder: this.#scanOrder(), landmarks, firstMs, lastMs, equalTimes };
  }

  /** The store's file gets its second name before anybody reads from it (`checkRows`). */
  #scanOrder(): ScanOrder {
    const files = this.#files;
    const { at, length } = files.get('scan/rows');
    return {
      kind: 'file',
      get path() {
        return files.get('scan/rows').path;
      },
      at,
      length,
    };
  }
}

const EVENT_COLUMNS = ['events/offsets', 'events/seconds', 'events/millis', 'events/types'];

const nameOf = (ranges: readonly ActorRange[], { properties, recordedAt }: ColumnsNeeded): string =>
  JSON.stringify([ranges, [...properties].toSorted(), recordedAt]);
