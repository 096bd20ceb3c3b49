import type { PlanSummary } from '../../protocol/index.ts';
import { coversHours, type NeededHours } from '../plan/plan-partitions.ts';
import type { Pool } from '../pool.ts';
import { getSegmentBytes } from '../segment/segment-bytes.ts';
import type { BuiltSegment } from '../segment/segment-builder.ts';
import { buildAndCount, buildSegment, cutSlices, scanColumns, type ScanTarget } from './build-segment.ts';
import { Mutex } from './mutex.ts';
import { DerivedStore } from './derived-store.ts';
import type { RequestScope } from './request-scope.ts';
import type { PartitionReport } from '../source/event-source.ts';
import type { SourceHandle } from './tasks.ts';

/** A segment in memory, under the key by which threads know exactly this set of columns. */
export interface HeldSegment extends BuiltSegment {
  readonly key: string;
  readonly hours: NeededHours;
  readonly target: ScanTarget;
  readonly derived: DerivedStore;
}
/** What a question needs of a segment. */
export interface SegmentNeed {
  readonly actorProperty: string | null;
  readonly hours: NeededHours;
  readonly properties: readonly string[];
  readonly recordedAt: boolean;
}
/** `cached` = it was in memory before, with or without all its columns. */
export interface EnsuredSegment {
  readonly held: HeldSegment;
  readonly scan: PlanSummary['scan'];
}
export interface SegmentSetOptions {
  readonly pool: Pool;
  readonly handle: SourceHandle;
  readonly prunable: boolean;
  readonly kernels: boolean;
  /** Number of slices of a scan; default by threads. */
  readonly slices?: number | undefined;
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
  readonly #mutex = new Mutex();
  #builds = 0;

  constructor(options: SegmentSetOptions) {
    this.#options = options;
  }

  /** The segment in memory that has the needed hours, columns or not; null when none has. */
  find(need: Pick<SegmentNeed, 'actorProperty' | 'hours'>): HeldSegment | null {
    const held = this.#held.get(need.actorProperty);
    return held !== undefined && coversHours(held.hours, need.hours) ? held : null;
  }

  get bytes(): number {
    let bytes = 0;
    for (const held of this.#held.values())
      bytes += getSegmentBytes(held.segment, held.scanRows, held.landmarks) + held.derived.bytes;
    return bytes;
  }

  ensure(need: SegmentNeed, scope: RequestScope): Promise<EnsuredSegment> {
    return this.#mutex.run(async () => {
      scope.throwIfStopped();
      const known = this.find(need);
      const held = known ?? (await this.#build(need, scope));
      return {
        held: await this.#addColumns(held, need, scope),
        scan: known !== null ? 'cached' : isBounded(held.hours) ? 'pruned' : 'full',
      };
    });
  }

  /** All events, of a source of which nothing is known yet: one pass also counts its partitions. */
  buildAndCount(scope: RequestScope): Promise<PartitionReport> {
    return this.#mutex.run(async () => {
      const { pool, handle, slices, kernels } = this.#options;
      const { built, target, report } = await buildAndCount(
        pool,
        { handle, actorProperty: null, kernels },
        slices,
        scope,
      );
      const derived = new DerivedStore(pool, DERIVED_BYTES_PER_EVENT * built.segment.eventCount);
      this.#hold(null, { ...built, hours: ALL_HOURS, target, derived });
      return report;
    });
  }

  forget(): void {
    this.#options.pool.forgetSegments(`${this.#options.handle.sourceId}/`);
    this.#held.clear();
  }

  async #build(need: SegmentNeed, scope: RequestScope): Promise<HeldSegment> {
    const { pool, handle, prunable, slices, kernels } = this.#options;
    const first = !this.#held.has(need.actorProperty);
    const hours = prunable && first ? need.hours : ALL_HOURS;
    const target: ScanTarget = {
      handle,
      actorProperty: need.actorProperty,
      slices: await cutSlices(pool, handle, hours, slices),
      kernels,
    };
    const { built } = await buildSegment(pool, target, scope);
    const derived = new DerivedStore(pool, DERIVED_BYTES_PER_EVENT * built.segment.eventCount);
    return this.#hold(need.actorProperty, { ...built, hours, target, derived });
  }

  async #addColumns(held: HeldSegment, need: SegmentNeed, scope: RequestScope): Promise<HeldSegment> {
    const { segment } = held;
    const properties = need.properties.filter((name) => !segment.properties.has(name));
    const recordedAt = need.recordedAt && segment.recordedAt === null;
    if (properties.length === 0 && !recordedAt) return held;
    const added = await scanColumns(
      this.#options.pool,
      held.target,
      { events: false, properties, recordedAt },
      held,
      scope,
    );
    const grown = {
      ...segment,
      properties: new Map([...segment.properties, ...added.properties]),
      recordedAt: added.recordedAt ?? segment.recordedAt,
    };
    return this.#hold(held.target.actorProperty, { ...held, segment: grown });
  }

  #hold(
    actorProperty: string | null,
    built: BuiltSegment & Pick<HeldSegment, 'hours' | 'target' | 'derived'>,
  ): HeldSegment {
    const old = this.#held.get(actorProperty);
    const held: HeldSegment = { ...built, key: `${this.#options.handle.sourceId}/${this.#builds++}/` };
    this.#held.set(actorProperty, held);
    if (old !== undefined) this.#options.pool.forgetSegments(old.key);
    return held;
  }
}

function isBounded(hours: NeededHours): boolean {
  return hours.from !== null || hours.to !== null;
}
