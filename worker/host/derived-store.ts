import { getDerivedShape, parseDerivedName, type DerivedShape } from '../compute/derived.ts';
import type { Pool } from '../pool.ts';
import { ColumnMemoryFull, withRoom, type Pointer } from '../segment/column-memory.ts';
import {
  allocateDerived,
  DERIVED_BYTES,
  NO_DERIVED,
  viewDerived,
  type DerivedColumn,
  type DerivedColumns,
} from '../segment/derived-column.ts';
import { splitActors, type Segment } from '../segment/segment.ts';
import { settleAll } from './settle-all.ts';
import type { DeriveTarget } from './derive-task.ts';
import { Mutex } from './mutex.ts';
import { PreparedStore } from './prepared-store.ts';
import type { RequestScope } from './request-scope.ts';

/** Bytes in the segment's memory that no column uses at the moment: memory only grows. */
interface Region {
  readonly at: Pointer;
  readonly bytes: number;
}
/** Columns for one question. They stay as they are until `release`. */
export interface DerivedLease {
  readonly columns: DerivedColumns;
  readonly release: () => void;
}
/** Where columns may come from before they are made of the segment. */
export interface DerivedOrigin {
  /** Fills a column that was made before, in another session; false = there is none. */
  load(name: string, into: DerivedColumn): Promise<boolean>;
  /** Before columns are made: the segment's own must be there. */
  prepare(): Promise<void>;
}
/** Prepared bytes for each byte of columns. */
const PREPARED_SHARE = 2;
const ACTORS_IN_TURN = 256;
const NOTHING: DerivedLease = { columns: NO_DERIVED, release: () => undefined };

/** What a store needs of a held segment; properties may have been added since. */
interface SegmentRef {
  readonly key: string;
  readonly segment: Segment;
}

/**
 * The derived columns of one segment: made by threads when a question first asks for them, then kept. Beyond the budget
 * those asked for longest ago go, and their bytes are used again; while a question is being answered none does, and what
 * then finds no room is left out, which every question can do without.
 */
export class DerivedStore {
  /** What does not have the shape of a column. */
  readonly prepared: PreparedStore;
  readonly #pool: Pool;
  readonly #budget: number;
  readonly #origin: DerivedOrigin | null;
  /** In order of use, the last used last. */
  readonly #columns = new Map<string, DerivedColumn>();
  readonly #free: Region[] = [];
  /** Where the columns lie that are in the segment's memory: a region may be larger than its column. */
  readonly #taken = new Map<Pointer, Region>();
  #bytes = 0;
  readonly #mutex = new Mutex();
  #leases = 0;

  /** `before`: of the segment that this one has grown out of in the same memory; its bytes are used again. */
  constructor(
    pool: Pool,
    budgetBytes: number,
    origin: DerivedOrigin | null = null,
    before: DerivedStore | null = null,
  ) {
    if (before !== null) this.#free.push(...before.#free, ...before.#taken.values());
    this.#pool = pool;
    this.#budget = budgetBytes;
    this.prepared = new PreparedStore(pool, PREPARED_SHARE * budgetBytes);
    this.#origin = origin;
  }

  get bytes(): number {
    return this.#bytes + this.prepared.bytes;
  }

  /** What there is, for a store on disk. */
  get columns(): DerivedColumns {
    return this.#columns;
  }

  /** The columns of these names, most important first, as far as there is room for them. */
  async use(held: SegmentRef, names: readonly string[], scope: RequestScope): Promise<DerivedLease> {
    if (names.length === 0 || this.#budget === 0) return NOTHING;
    if (!names.every((name) => this.#columns.has(name))) await this.#mutex.run(() => this.#add(held, names, scope));
    const columns = new Map<string, DerivedColumn>();
    for (const name of names) {
      const values = this.#columns.get(name);
      if (values === undefined) continue;
      columns.set(name, values);
      this.#columns.delete(name);
      this.#columns.set(name, values);
    }
    return { columns, release: this.hold() };
  }

  /** All columns there are stay as they are until the answered function is called. */
  hold(): () => void {
    this.#leases++;
    let released = false;
    return () => {
      if (!released) this.#leases--;
      released = true;
    };
  }

  /** Nothing is derived here: every question scans. */
  get isOff(): boolean {
    return this.#budget === 0;
  }

  /** Takes over a column that was made before, in another process; false = it does not fit this segment, or the budget. */
  put(segment: Segment, name: string, values: DerivedColumn): boolean {
    const shape = getDerivedShape(segment, name);
    const fits =
      shape !== null &&
      shape.length === values.length &&
      DERIVED_BYTES[shape.type] === values.BYTES_PER_ELEMENT &&
      !this.#columns.has(name);
    const room = fits ? this.#reserve(segment, shape, []) : null;
    if (room === null) return false;
    room.set(values);
    this.#columns.set(name, room);
    return true;
  }

  /**
   * The columns of `before`, which this store has the bytes of, for a segment that has grown: threads make the values of
   * these actors anew. Those that do not fit any more, and what is prepared, go.
   */
  async takeOver(before: DerivedStore, held: SegmentRef, actors: Uint32Array): Promise<void> {
    const columns = [...before.#columns].flatMap(([name, old]) => {
      const grown = this.#lengthen(before, held.segment, name, old);
      return grown === null ? [] : [{ name, values: grown }];
    });
    if (actors.length > 0) await this.#fillAgain(held, columns, actors);
    for (const { name, values } of columns) this.#columns.set(name, values);
  }

  async #fillAgain(
    held: SegmentRef,
    columns: readonly { readonly name: string; readonly values: DerivedColumn }[],
    actors: Uint32Array,
  ): Promise<void> {
    if (columns.length === 0) return;
    const { size } = this.#pool;
    // Some hundred in turn: those that came last lie side by side and are done sooner.
    const shares = Array.from({ length: size }, (_, share) =>
      actors.filter((_actor, i) => Math.floor(i / ACTORS_IN_TURN) % size === share),
    );
    const segment = { key: held.key, value: held.segment };
    await settleAll(shares.map((share) => this.#pool.run('deriveAgain', { actors: share, columns }, { segment })));
  }

  /** The column where it lies, or in a place of its own; null = it has another shape now. */
  #lengthen(before: DerivedStore, segment: Segment, name: string, old: DerivedColumn): DerivedColumn | null {
    const shape = getDerivedShape(segment, name);
    const isByActor = parseDerivedName(name).family.per === 'actor' && old.length <= (shape?.length ?? 0);
    if (shape === null || !isByActor || DERIVED_BYTES[shape.type] !== old.BYTES_PER_ELEMENT) return null;
    const bytes = DERIVED_BYTES[shape.type] * shape.length;
    if (this.#bytes + bytes > this.#budget) return null;
    const region = segment.memory === null ? undefined : before.#taken.get(old.byteOffset);
    if (segment.memory === null || region === undefined || region.bytes < bytes) return null;
    this.#free.splice(this.#free.indexOf(region), 1);
    this.#taken.set(region.at, region);
    this.#bytes += bytes;
    return viewDerived(segment.memory, shape.type, region.at, shape.length);
  }

  async #add(held: SegmentRef, names: readonly string[], scope: RequestScope): Promise<void> {
    scope.throwIfStopped();
    const targets = names.flatMap((name): (DeriveTarget & { readonly room: DerivedColumn })[] => {
      const shape = this.#columns.has(name) ? null : getDerivedShape(held.segment, name);
      const room = shape === null ? null : this.#reserve(held.segment, shape, names);
      if (shape === null || room === null) return [];
      return [{ name, ...shape, room, values: parseDerivedName(name).family.per === 'actor' ? room : null }];
    });
    try {
      await this.#fill(held, await this.#loadKept(targets), scope);
    } catch (error) {
      for (const { name, room } of targets) if (this.#columns.get(name) !== room) this.#giveBack(room);
      throw error;
    }
  }

  /** Those that are still to be made. */
  async #loadKept<T extends { readonly name: string; readonly room: DerivedColumn }>(
    targets: readonly T[],
  ): Promise<readonly T[]> {
    const origin = this.#origin;
    if (origin === null) return targets;
    const missing: T[] = [];
    for (const target of targets)
      if (await origin.load(target.name, target.room)) this.#columns.set(target.name, target.room);
      else missing.push(target);
    if (missing.length > 0) await origin.prepare();
    return missing;
  }

  async #fill(
    { key, segment }: SegmentRef,
    targets: readonly (DeriveTarget & { readonly room: DerivedColumn })[],
    scope: RequestScope,
  ): Promise<void> {
    if (targets.length === 0) return;
    const asked = targets.map(({ name, type, length, values }) => ({ name, type, length, values }));
    scope.begin('build', 'actors', segment.actorCount);
    const parts = await settleAll(
      splitActors(segment, this.#pool.size).map((range, slot) =>
        this.#pool.run(
          'derive',
          { range, targets: asked },
          { control: scope.control, slot, segment: { key, value: segment } },
        ),
      ),
    );
    for (const { name, room, values } of targets) {
      if (values === null)
        addUp(
          room,
          parts.map((part) => part.get(name)),
        );
      this.#columns.set(name, room);
    }
  }

  /** Zeroed room for a column inside the budget; null = there is none. Columns of the names in `kept` do not go for it. */
  #reserve(segment: Segment, shape: DerivedShape, kept: readonly string[]): DerivedColumn | null {
    const bytes = DERIVED_BYTES[shape.type] * shape.length;
    this.#evict(bytes, kept);
    if (this.#bytes + bytes > this.#budget) return null;
    const room = this.#reuse(segment, shape, bytes) ?? allocateOrNull(segment, shape);
    if (room === null) return null;
    this.#bytes += bytes;
    if (segment.memory !== null && !this.#taken.has(room.byteOffset)) {
      const roomy = DERIVED_BYTES[shape.type] * withRoom(shape.length);
      this.#taken.set(room.byteOffset, { at: room.byteOffset, bytes: roomy });
    }
    return room;
  }

  #reuse({ memory }: Segment, shape: DerivedShape, bytes: number): DerivedColumn | null {
    const [smallest] = this.#free.filter((region) => region.bytes >= bytes).toSorted((a, b) => a.bytes - b.bytes);
    if (memory === null || smallest === undefined) return null;
    this.#free.splice(this.#free.indexOf(smallest), 1);
    this.#taken.set(smallest.at, smallest);
    const room = viewDerived(memory, shape.type, smallest.at, shape.length);
    room.fill(0);
    return room;
  }

  #evict(bytes: number, kept: readonly string[]): void {
    if (this.#leases > 0) return;
    const mayGo = [...this.#columns].filter(([name]) => !kept.includes(name));
    const most = mayGo.reduce((sum, [, column]) => sum + column.byteLength, 0);
    if (this.#bytes - most + bytes > this.#budget) return;
    for (const [name, column] of mayGo) {
      if (this.#bytes + bytes <= this.#budget) return;
      this.#columns.delete(name);
      this.#giveBack(column);
    }
  }

  #giveBack({ byteOffset, byteLength }: DerivedColumn): void {
    this.#bytes -= byteLength;
    const region = this.#taken.get(byteOffset);
    if (region === undefined) return;
    this.#taken.delete(byteOffset);
    this.#free.push(region);
  }
}

function allocateOrNull({ memory }: Segment, { type, length }: DerivedShape): DerivedColumn | null {
  try {
    if (memory === null) return allocateDerived(null, type, length);
    // The segment may grow, and the column with it.
    return allocateDerived(memory, type, withRoom(length)).subarray(0, length);
  } catch (error) {
    if (error instanceof ColumnMemoryFull) return null;
    throw error;
  }
}

function addUp(total: DerivedColumn, parts: readonly (DerivedColumn | undefined)[]): void {
  for (const part of parts) part?.forEach((value, i) => (total[i] = (total[i] ?? 0) + value));
}
