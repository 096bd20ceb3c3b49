import { copyFile, link, mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { DerivedShape } from '../compute/derived.ts';
import type { BuiltSegment } from '../segment/segment-builder.ts';
import { allocateDerived } from '../segment/derived-column.ts';
import { createColumnMemory, withRoom, type ColumnMemory } from '../segment/column-memory.ts';
import type { PropertyColumn, Segment, TypeColumn } from '../segment/segment.ts';
import type { ScanOrder } from '../segment/scan-order.ts';
import type { StringTable } from '../segment/string-table.ts';
import type { ColumnValues } from '../store/column-file.ts';
import type { ColumnSlices } from '../store/column-slices.ts';
import type { NamedColumn, StoredColumns } from '../store/column-store.ts';

/**
 * A segment as columns of the store, and back. A name is `group/column`; a group is loaded as a whole:
 *
 *   events/offsets  events/seconds  events/millis  events/types      what most questions read
 *   actors/bytes  actors/offsets                                     ids: lists, timelines
 *   scan/rows  scan/landmarks.0 …                                    the way back to the source: later columns, timelines
 *   property:<name>/codes  …/bytes  …/offsets        recordedAt/values        derived:<name>/values
 */
export type ColumnGroup = 'events' | 'actors' | 'scan' | 'recordedAt' | `property:${string}` | `derived:${string}`;
export const BASE_GROUPS: readonly ColumnGroup[] = ['events', 'actors', 'scan'];

/** All of a segment that is not a column. */
export interface SegmentFacts {
  readonly actorCount: number;
  readonly eventCount: number;
  readonly baseSeconds: number;
  readonly eventNames: readonly string[];
  readonly firstMs: number | null;
  readonly lastMs: number | null;
  readonly equalTimes: number;
  readonly landmarks: readonly { readonly rows: number; readonly dropped: readonly number[] }[];
}

export function getSegmentFacts({ segment, landmarks, firstMs, lastMs, equalTimes }: BuiltSegment): SegmentFacts {
  const { actorCount, eventCount, baseSeconds, eventNames } = segment;
  const places = landmarks.map(({ rows, dropped }) => ({ rows, dropped }));
  return { actorCount, eventCount, baseSeconds, eventNames, firstMs, lastMs, equalTimes, landmarks: places };
}

export function nameBaseColumns({ segment, scanOrder, landmarks }: BuiltSegment): readonly NamedColumn[] {
  const { offsets, seconds, millis, types, actorIds } = segment;
  return [
    { name: 'events/offsets', values: offsets },
    { name: 'events/seconds', values: seconds },
    { name: 'events/millis', values: millis },
    { name: 'events/types', values: types },
    ...nameStrings('actors', actorIds),
    { name: SCAN_ROWS, values: scanOrder.kind === 'memory' ? scanOrder.rows : { ...scanOrder, type: 'u32' } },
    ...landmarks.map(({ seqs }, i) => ({ name: `scan/landmarks.${i}`, values: seqs })),
  ];
}

export function nameLaterColumns(
  properties: ReadonlyMap<string, PropertyColumn>,
  recordedAt: Float64Array | null,
): readonly NamedColumn[] {
  const named = [...properties].flatMap(([name, { codes, values }]) => [
    { name: `property:${name}/codes`, values: codes },
    ...nameStrings(`property:${name}`, values),
  ]);
  return recordedAt === null ? named : [...named, { name: 'recordedAt/values', values: recordedAt }];
}

const nameStrings = (group: ColumnGroup, { bytes, offsets }: StringTable): readonly NamedColumn[] => [
  { name: `${group}/bytes`, values: bytes },
  { name: `${group}/offsets`, values: offsets },
];

const SCAN_ROWS = 'scan/rows';
let revived = 0;

/** Columns that have their place in memory and get their values from the store when they are first needed. */
export class StoredSegment {
  readonly built: BuiltSegment;
  readonly #stored: StoredColumns;
  readonly #memory: ColumnMemory | null;
  /** By group: what is still empty. */
  readonly #waiting = new Map<ColumnGroup, Map<string, ColumnValues>>();

  readonly #scanRows: string;

  /** The scan order stays in its file, which gets a second name in `scratchDir` when it is first needed. */
  constructor(stored: StoredColumns, facts: SegmentFacts, scratchDir: string, kernels: boolean) {
    this.#stored = stored;
    this.#scanRows = path.join(scratchDir, `kept-scan-order-${revived++}`);
    this.#waiting.set('scan', new Map());
    this.#memory = kernels ? createColumnMemory() : null;
    this.built = this.#revive(facts);
  }

  has(group: ColumnGroup): boolean {
    return this.#stored.names.some((name) => name.slice(0, name.lastIndexOf('/')) === group);
  }

  /** Whether the columns of all groups have their values. */
  isLoaded(groups: readonly ColumnGroup[]): boolean {
    return groups.every((group) => !this.#waiting.has(group));
  }

  /** Of columns of the base groups that have a place and no values: memory that nobody has touched. */
  get waitingBytes(): number {
    return BASE_GROUPS.flatMap((group) => [...(this.#waiting.get(group)?.values() ?? [])]).reduce(
      (sum, { byteLength }) => sum + byteLength,
      0,
    );
  }

  /** Throws ColumnDamaged. One call at a time. */
  async load(groups: readonly ColumnGroup[]): Promise<void> {
    for (const group of groups) {
      if (this.isLoaded([group])) continue;
      for (const [name, into] of this.#waiting.get(group) ?? []) await this.#stored.load(name, into);
      if (group === 'scan') await this.#keepScanRows();
      this.#waiting.delete(group);
    }
  }

  /** Throws ColumnDamaged. */
  async loadProperty(name: string): Promise<PropertyColumn> {
    const group = `property:${name}` as const;
    const codes = this.#place(group, 'codes') as TypeColumn;
    const values = this.#placeStrings(group);
    await this.load([group]);
    return { codes, values };
  }

  async loadRecordedAt(): Promise<Float64Array> {
    const column = this.#place('recordedAt', 'values') as Float64Array;
    await this.load(['recordedAt']);
    return column;
  }

  /** Into a place that the caller has. False = none is kept of that shape, or it is damaged: it can be made again. */
  async loadDerived(name: string, into: ColumnValues): Promise<boolean> {
    const group: ColumnGroup = `derived:${name}`;
    if (!this.has(group)) return false;
    return this.#stored.load(`${group}/values`, into).then(
      () => true,
      () => {
        into.fill(0);
        return false;
      },
    );
  }

  /** A derived column of this shape, for one look at each value; null = none is kept of it. Throws ColumnDamaged. */
  sliceDerived(name: string, { type, length }: DerivedShape): ColumnSlices | null {
    const column = `derived:${name}/values`;
    const entry = this.#stored.entry(column);
    return entry?.type === type && entry.length === length ? this.#stored.slices(column) : null;
  }

  /** Checked, and not lost when another process throws away what is kept. */
  async #keepScanRows(): Promise<void> {
    await this.#stored.check(SCAN_ROWS);
    const { path: from } = this.#stored.locate(SCAN_ROWS);
    await mkdir(path.dirname(this.#scanRows), { recursive: true });
    await link(from, this.#scanRows).catch(() => copyFile(from, this.#scanRows));
  }

  #revive(facts: SegmentFacts): BuiltSegment {
    const segment: Segment = {
      memory: this.#memory,
      actorCount: facts.actorCount,
      eventCount: facts.eventCount,
      offsets: this.#place('events', 'offsets') as Uint32Array,
      baseSeconds: facts.baseSeconds,
      seconds: this.#place('events', 'seconds') as Uint32Array,
      millis: this.#place('events', 'millis') as Uint16Array,
      types: this.#place('events', 'types') as TypeColumn,
      eventNames: facts.eventNames,
      actorIds: this.#placeStrings('actors'),
      properties: new Map(),
      recordedAt: null,
    };
    const { firstMs, lastMs, equalTimes } = facts;
    const { at, length } = this.#stored.locate(SCAN_ROWS);
    const landmarks = facts.landmarks.map((place, i) => ({
      ...place,
      seqs: this.#place('scan', `landmarks.${i}`) as Float64Array,
    }));
    const scanOrder: ScanOrder = { kind: 'file', path: this.#scanRows, at, length };
    return { segment, scanOrder, landmarks, firstMs, lastMs, equalTimes };
  }

  #placeStrings(group: ColumnGroup): StringTable {
    const bytes = this.#place(group, 'bytes', null) as Uint8Array;
    const offsets = this.#place(group, 'offsets', null) as Uint32Array;
    return { length: offsets.length - 1, bytes, offsets };
  }

  #place(group: ColumnGroup, column: string, memory = this.#memory): ColumnValues {
    const name = `${group}/${column}`;
    const entry = this.#stored.entry(name);
    if (entry === null) throw new Error(`no column ${name} is kept`);
    // With room as where they are built: the source may have grown since.
    const values =
      memory === null
        ? allocateDerived(null, entry.type, entry.length)
        : allocateDerived(memory, entry.type, withRoom(entry.length)).subarray(0, entry.length);
    const waiting = this.#waiting.get(group) ?? new Map<string, ColumnValues>();
    this.#waiting.set(group, waiting.set(name, values));
    return values;
  }
}
