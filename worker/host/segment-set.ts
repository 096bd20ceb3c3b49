import type { ReadingWay } from '../../protocol/index.ts';
import { coversHours, type NeededHours } from '../plan/plan-partitions.ts';
import { sourceGrew, type Pool } from '../pool.ts';
import { getSegmentBytes } from '../segment/segment-bytes.ts';
import type { KeptColumns } from '../segment/event-rows.ts';
import type { BuiltSegment } from '../segment/segment-builder.ts';
import type { ScanOrder } from '../segment/scan-order.ts';
import type { PropertyColumn } from '../segment/segment.ts';
import { buildAndCount, buildSegment, cutSlices, scanColumns, type ScanTarget } from './build-segment.ts';
import type { LaterColumns } from './assemble-columns.ts';
import { isFullMemory } from './build-error.ts';
import { Mutex } from './mutex.ts';
import { DerivedStore } from './derived-store.ts';
import { getFacts, type KeptSource, type SourceFacts } from './kept-source.ts';
import type { RequestScope } from './request-scope.ts';
import { isPartOf, type EnsuredSegment, type HeldSegment, type SegmentNeed } from './held-segment.ts';
import { removeScanOrder } from './scan-order-file.ts';
import type { CountedReport } from './partition-columns.ts';
import { ColumnDamaged } from '../store/column-file.ts';
import type { NamedColumn, StoredColumns } from '../store/column-store.ts';
import { BASE_GROUPS, StoredSegment } from './stored-segment.ts';
import { SegmentSaver } from './segment-saver.ts';
import type { SourceHandle } from './tasks.ts';
import { buildInShards, type ShardBuild } from './windows/build-in-shards.ts';
import { scanToFiles } from './windows/later-columns.ts';
import { fitsBuild, fitsWhole, getWorkingLimit, type MemoryLimit } from './windows/memory-limit.ts';
import { WindowedSegment, type WindowOptions } from './windows/windowed-segment.ts';

export interface SegmentSetOptions {
  readonly pool: Pool;
  readonly handle: SourceHandle;
  readonly prunable: boolean;
  /** Upper estimate of the source's rows. */
  readonly rows: number;
  readonly kernels: boolean;
  /** false = nothing is derived: every question scans. */
  readonly derived: boolean;
  /** What other sessions left; null = nothing is kept. */
  readonly kept: KeptSource | null;
  /** null = what is asked for is held in memory as a whole, as far as that has room. */
  readonly memoryLimit: MemoryLimit | null;
  /** Number of slices of a scan; default by threads. */
  readonly slices?: number | undefined;
  /** Properties that the first question needs: read in the pass that counts. null = there is none yet. */
  readonly firstColumns?: readonly string[] | null;
}

/** Indexes and counters beside the columns. */
const DERIVED_BYTES_PER_EVENT = 3;
const ALL_HOURS: NeededHours = { from: null, to: null };

/**
 * The segments of one source: one for each property that stands for the actor. Built when first needed, for the hours
 * needed; a question that needs more has everything built. Columns are added when first needed. One build at a time.
 */
export class SegmentSet {
  readonly #options: SegmentSetOptions;
  readonly #held = new Map<string | null, HeldSegment>();
  readonly #saver: SegmentSaver;
  /** How `buildAndCount` read the source. */
  reading: ReadingWay | null = null;
  /** What was kept of these cannot be read, and may still lie there. */
  readonly #damaged = new Set<string | null>();
  /** Of all segments there were: their files go when the source is closed. */
  readonly #scanOrders = new Set<ScanOrder>();
  readonly #windows = new Set<WindowedSegment>();
  #reading: Promise<unknown> = Promise.resolve();
  readonly #mutex = new Mutex();
  #builds = 0;
  #isRetired = false;
  /** Columns did not fit into one memory. */
  #isFull = false;

  constructor(options: SegmentSetOptions) {
    this.#options = options;
    this.#saver = new SegmentSaver(options.kept);
  }

  /** The segment in memory that has the needed hours, columns or not; null when none has. */
  find(need: Pick<SegmentNeed, 'actorProperty' | 'hours'>): HeldSegment | null {
    const held = this.#held.get(need.actorProperty);
    return held !== undefined && coversHours(held.hours, need.hours) ? held : null;
  }

  get bytes(): number {
    let bytes = 0;
    for (const held of this.#held.values()) {
      const inMemory = held.windows?.bytes ?? getSegmentBytes(held) - (held.stored?.waitingBytes ?? 0);
      bytes += inMemory + held.derived.bytes;
    }
    return bytes;
  }

  ensure(need: SegmentNeed, scope: RequestScope): Promise<EnsuredSegment> {
    return this.#mutex.run(async () => {
      scope.throwIfStopped();
      if (this.#isRetired) throw sourceGrew();
      try {
        return await this.#ensure(need, scope);
      } catch (error) {
        if (error instanceof ColumnDamaged) this.#drop(need.actorProperty);
        else this.#cutIfFull(error);
        return this.#ensure(need, scope);
      }
    });
  }

  /** Loads what a held segment is still without; false = it is damaged: dropped, to be made again. */
  complete(held: HeldSegment): Promise<boolean> {
    return this.#mutex.run(async () => {
      const loading = held.windows === null ? held.stored?.load(BASE_GROUPS) : held.windows.loadIds();
      const isDamaged = await loading?.then(
        () => false,
        (error: unknown) => {
          if (held.windows !== null && !(error instanceof ColumnDamaged)) throw error;
          return true;
        },
      );
      if (isDamaged === true) this.#drop(held.target.actorProperty);
      return isDamaged !== true;
    });
  }

  /** What the store has of it cannot be read: the next question has it built. */
  dropDamaged(actorProperty: string | null): Promise<void> {
    return this.#mutex.run(() => {
      this.#drop(actorProperty);
      return Promise.resolve();
    });
  }

  /** The base columns of all events are in the store, or on their way there. */
  get isSaved(): boolean {
    return this.#saver.has(null);
  }

  /** Hands what is not kept yet to the store, which writes it behind everyone's back. `extra` is for new entries. */
  save(facts: Omit<SourceFacts, 'slices' | 'segment'>, extra: () => readonly NamedColumn[]): void {
    for (const [actorProperty, held] of this.#held) this.#saver.save(actorProperty, held, facts, extra);
  }

  /** All events, of a source of which nothing is known yet: one pass also counts its partitions. */
  buildAndCount(scope: RequestScope): Promise<CountedReport> {
    return this.#mutex.run(async () => {
      if (this.#isCut(ALL_HOURS)) return this.#countInShards(scope);
      try {
        return await this.#countWhole(scope);
      } catch (error) {
        this.#cutIfFull(error);
        return this.#countInShards(scope);
      }
    });
  }

  async #countWhole(scope: RequestScope): Promise<CountedReport> {
    const { pool, handle, slices, kernels } = this.#options;
    const { built, target, report, reading } = await buildAndCount(
      pool,
      { handle, actorProperty: null, kernels },
      { parts: slices, properties: this.#options.firstColumns ?? [] },
      scope,
    );
    const derived = new DerivedStore(pool, this.#getDerivedBudget(built));
    this.#hold(null, { ...built, hours: ALL_HOURS, target, derived, stored: null, windows: null });
    this.reading = reading;
    return report;
  }

  /** Whether the source is more than the memory limit lets be built in one piece, or did not fit when it was tried. */
  get isLarge(): boolean {
    const { memoryLimit } = this.#options;
    return this.#isFull || (memoryLimit !== null && !this.#fits);
  }

  /** Whether these hours are built in shards. Without a limit some hours are tried whole: of a server, only they are moved. */
  #isCut(hours: NeededHours): boolean {
    return this.isLarge || (!isPartOf(hours) && !this.#fits);
  }

  get #fits(): boolean {
    const { memoryLimit, rows, firstColumns } = this.#options;
    return fitsBuild(memoryLimit, rows, firstColumns?.length);
  }

  /** Columns that did not fit after all: from now on they are worked through in pieces. Throws any other error. */
  #cutIfFull(error: unknown): void {
    if (this.isLarge || !isFullMemory(error)) throw error;
    this.#isFull = true;
    this.#options.pool.forgetSegments(`${this.#options.handle.sourceId}/`);
    this.#held.clear();
  }

  forget(): void {
    this.#options.pool.forgetSegments(`${this.#options.handle.sourceId}/`);
    this.#held.clear();
    // The store may still copy from them, and what grew out of them.
    const orders = [...this.#scanOrders];
    const windows = [...this.#windows];
    void Promise.allSettled([this.#saver.done, this.#reading]).then(() => {
      orders.forEach(removeScanOrder);
      windows.forEach((segment) => segment.remove());
    });
  }

  async #ensure(need: SegmentNeed, scope: RequestScope): Promise<EnsuredSegment> {
    const known = this.find(need) ?? this.#revive(need.actorProperty);
    const held = known ?? (await this.#build(need, scope));
    const groups = need.groups ?? BASE_GROUPS;
    await held.stored?.load(groups);
    if (groups.includes('actors')) await held.windows?.loadIds();
    if (groups.includes('scan')) await held.ordering?.done;
    return {
      held: await this.#addColumns(held, need, scope),
      scan: known !== null ? 'cached' : isPartOf(held.hours) ? 'pruned' : 'full',
    };
  }

  /** All events with their columns in memory; null = they are not there, or more than memory holds. */
  get whole(): HeldSegment | null {
    const held = this.#held.get(null);
    return held === undefined || isPartOf(held.hours) || held.windows !== null ? null : held;
  }

  /** Its files do not go before. */
  keepFiles(until: Promise<unknown>): void {
    this.#reading = Promise.allSettled([this.#reading, until]);
  }

  /** What is being written to the store is of no use any more: done when it does not read the columns any longer. */
  stopSaving(): Promise<unknown> {
    return this.#saver.stop();
  }

  /** Columns are being written to the store. */
  get isSaving(): boolean {
    return this.#saver.isBusy;
  }

  /** Before a question needs them. What cannot be read is left to that question. */
  loadEvents(): Promise<void> {
    return this.#mutex.run(async () => this.whole?.stored?.load(['events']).catch(() => undefined));
  }

  /** Loads and holds everything of `whole`; null = there is none, or it is damaged. */
  loadWhole(): Promise<HeldSegment | null> {
    return this.#mutex.run(async () => {
      const held = this.whole;
      if (held === null) return null;
      try {
        await held.stored?.load(BASE_GROUPS);
        await held.ordering?.done;
        return held;
      } catch (error) {
        if (!(error instanceof ColumnDamaged)) throw error;
        this.#drop(null);
        return null;
      }
    });
  }

  get isRetired(): boolean {
    return this.#isRetired;
  }

  /** Its columns are somebody else's now, where they change: whoever asks is told that the source has changed. */
  retire(): void {
    this.#isRetired = true;
    this.#held.clear();
  }

  /** What another set held before its source grew. */
  adopt(grown: Omit<HeldSegment, 'key' | 'derived'>, before: DerivedStore | null): HeldSegment {
    const derived = new DerivedStore(this.#options.pool, this.#getDerivedBudget(grown), null, before);
    return this.#hold(null, { ...grown, derived });
  }

  /** From what another session kept, without its values, which are loaded as they are needed. */
  revive(actorProperty: string | null, columns: StoredColumns): HeldSegment {
    const { pool, handle, kernels } = this.#options;
    const { slices, segment } = getFacts(columns);
    const target: ScanTarget = { handle, actorProperty, slices, kernels };
    this.#saver.know(actorProperty, columns.names);
    if (this.#isFull || !fitsWhole(this.#options.memoryLimit, segment.eventCount))
      return this.#holdWindows(
        target,
        WindowedSegment.ofStored(this.#windowOptions, columns, segment, handle.scratchDir),
      );
    const stored = new StoredSegment(columns, segment, handle.scratchDir, kernels);
    const derived = new DerivedStore(pool, this.#getDerivedBudget(stored.built), {
      load: (name, into) => stored.loadDerived(name, into),
      prepare: () => this.#mutex.run(() => stored.load(['events'])),
    });
    return this.#hold(actorProperty, { ...stored.built, hours: ALL_HOURS, target, derived, stored, windows: null });
  }

  #revive(actorProperty: string | null): HeldSegment | null {
    if (this.#damaged.has(actorProperty)) return null;
    const columns = this.#options.kept?.find(actorProperty) ?? null;
    return columns === null ? null : this.revive(actorProperty, columns);
  }

  #drop(actorProperty: string | null): void {
    const held = this.#held.get(actorProperty);
    this.#held.delete(actorProperty);
    this.#saver.forget(actorProperty);
    this.#damaged.add(actorProperty);
    if (held !== undefined) this.#options.pool.forgetSegments(held.key);
    void this.#options.kept?.forget(actorProperty);
  }

  async #build(need: SegmentNeed, scope: RequestScope): Promise<HeldSegment> {
    const { pool, handle, prunable, slices, kernels } = this.#options;
    const first = !this.#held.has(need.actorProperty);
    const hours = prunable && first ? need.hours : ALL_HOURS;
    if (this.#isCut(hours)) return (await this.#buildInShards(need.actorProperty, false, scope)).held;
    const target: ScanTarget = {
      handle,
      actorProperty: need.actorProperty,
      slices: await cutSlices(pool, handle, hours, slices),
      kernels,
    };
    const { built } = await buildSegment(pool, target, scope);
    const derived = new DerivedStore(pool, this.#getDerivedBudget(built));
    return this.#hold(need.actorProperty, { ...built, hours, target, derived, stored: null, windows: null });
  }

  async #countInShards(scope: RequestScope): Promise<CountedReport> {
    const { report, reading } = await this.#buildInShards(null, true, scope);
    this.reading = reading;
    if (report === null) throw new Error('a build that counts has a report');
    return report;
  }

  async #buildInShards(
    actorProperty: string | null,
    counting: boolean,
    scope: RequestScope,
  ): Promise<Pick<ShardBuild, 'report' | 'reading'> & { readonly held: HeldSegment }> {
    const { pool, handle, kernels, rows } = this.#options;
    const { limit } = this.#windowOptions;
    const target = { handle, actorProperty, kernels };
    const built = await buildInShards(pool, target, { limit, rows, counting }, scope);
    const windows = WindowedSegment.ofFiles(this.#windowOptions, built.filed);
    return { ...built, held: this.#holdWindows(built.target, windows) };
  }

  get #windowOptions(): WindowOptions {
    const { pool, kernels, handle, memoryLimit } = this.#options;
    return { pool, limit: getWorkingLimit(memoryLimit), kernels, sourceId: handle.sourceId };
  }

  #holdWindows(target: ScanTarget, windows: WindowedSegment): HeldSegment {
    this.#windows.add(windows);
    // What is derived is for segments that stay.
    const derived = new DerivedStore(this.#options.pool, 0);
    const held = { ...windows.built, hours: ALL_HOURS, target, derived, stored: null, windows };
    return this.#hold(target.actorProperty, held);
  }

  #getDerivedBudget({ segment }: BuiltSegment): number {
    return this.#options.derived ? DERIVED_BYTES_PER_EVENT * segment.eventCount : 0;
  }

  async #addColumns(held: HeldSegment, need: SegmentNeed, scope: RequestScope): Promise<HeldSegment> {
    const { segment } = held;
    const names = need.properties.filter((name) => !segment.properties.has(name));
    const wantsRecordedAt = need.recordedAt && segment.recordedAt === null;
    if (names.length === 0 && !wantsRecordedAt) return held;
    const loaded = await loadColumns(held.windows ?? held.stored, names, wantsRecordedAt);
    const properties = names.filter((name) => !loaded.properties.has(name));
    const recordedAt = wantsRecordedAt && loaded.recordedAt === null;
    const added =
      properties.length === 0 && !recordedAt
        ? NO_COLUMNS
        : await this.#scanColumns(held, { events: false, properties, recordedAt }, scope);
    const grown = {
      ...segment,
      properties: new Map([...segment.properties, ...loaded.properties, ...added.properties]),
      recordedAt: loaded.recordedAt ?? added.recordedAt ?? segment.recordedAt,
    };
    return this.#hold(held.target.actorProperty, { ...held, segment: grown });
  }

  async #scanColumns(held: HeldSegment, kept: KeptColumns, scope: RequestScope): Promise<LaterColumns> {
    if (held.windows !== null) return scanToFiles(this.#options.pool, held.target, kept, held.windows, scope);
    await held.stored?.load(['scan']);
    await held.ordering?.done;
    return scanColumns(this.#options.pool, held.target, kept, held, scope);
  }

  #hold(actorProperty: string | null, built: Omit<HeldSegment, 'key'>): HeldSegment {
    const old = this.#held.get(actorProperty);
    const held: HeldSegment = { ...built, key: `${this.#options.handle.sourceId}/${this.#builds++}/` };
    this.#held.set(actorProperty, held);
    if (held.windows === null) this.#scanOrders.add(held.scanOrder);
    if (old !== undefined) this.#options.pool.forgetSegments(old.key);
    return held;
  }
}

const NO_COLUMNS: LaterColumns = { properties: new Map(), recordedAt: null };

async function loadColumns(
  stored: StoredSegment | WindowedSegment | null,
  names: readonly string[],
  recordedAt: boolean,
): Promise<LaterColumns> {
  if (stored === null) return NO_COLUMNS;
  const properties = new Map<string, PropertyColumn>();
  for (const name of names)
    if (hasColumn(stored, `property:${name}`)) properties.set(name, await stored.loadProperty(name));
  return {
    properties,
    recordedAt: recordedAt && hasColumn(stored, 'recordedAt') ? await stored.loadRecordedAt() : null,
  };
}

const hasColumn = (from: StoredSegment | WindowedSegment, group: 'recordedAt' | `property:${string}`): boolean =>
  from instanceof StoredSegment ? from.has(group) : from.has(`${group}/${group === 'recordedAt' ? 'values' : 'codes'}`);
