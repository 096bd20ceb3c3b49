import type { Client } from 'pg';
import type { FreshPartition, FreshPartitions } from './load-fresh.ts';
import { fromKey, planRanges, subtractRanges, type HourRange, type PartitionUnit } from './partition-plan.ts';
import { createPartitions, currentUnit, planMissing } from './partitions.ts';
import { readPartitions } from './read-partitions.ts';

/** Where the rows of an hour go: a partition that is being filled, or null = into the store. */
export type Target = FreshPartition | null;
interface Reach extends HourRange {
  readonly target: Target;
}

/** Which partition takes the rows of which hour; makes those that are missing. */
export class LoadTargets {
  /** Names, in the order in which they were made. */
  readonly made: string[] = [];
  readonly fresh: FreshPartitions;
  readonly #client: Client;
  #unit: PartitionUnit | undefined;
  #reaches: readonly Reach[] = [];
  /** Rows of one hour mostly follow one another. */
  #hour = '';
  #target: Target | undefined;

  constructor(client: Client, fresh: FreshPartitions, unit: PartitionUnit | undefined) {
    this.#client = client;
    this.fresh = fresh;
    this.#unit = unit;
  }

  /** Throws E_NO_SUCH_TABLE, E_UNSUPPORTED. */
  async read(): Promise<void> {
    const list = await readPartitions(this.#client);
    this.#reaches = list.partitions.map(({ from, to }) => ({ from, to, target: null }));
    this.#unit ??= currentUnit(list);
    await this.fresh.begin();
  }

  /** undefined = not known before `cover`. */
  find(hour: string): Target | undefined {
    if (hour !== this.#hour) {
      this.#hour = hour;
      this.#target = this.#reaches.find(({ from, to }) => from <= hour && hour < to)?.target;
    }
    return this.#target;
  }

  /**
   * Makes what these hours need; `find` knows of it once the answer is called. Throws E_REFUSED where the default partition
   * holds events of such an hour.
   */
  async cover(hours: ReadonlySet<string>): Promise<() => void> {
    const unit = this.#unit ?? 'month';
    const wanted = [...hours].sort().flatMap((hour) => planRanges(unit, fromKey(hour), fromKey(hour)));
    const distinct = wanted.filter(({ from }, i) => from !== wanted[i - 1]?.from);
    const missing = await planMissing(this.#client, subtractRanges(distinct, this.#reaches));
    this.made.push(...missing.map(({ name }) => name));
    const targets: Reach[] = [];
    for (const range of missing) {
      // A partition an hour is not worth it: it has few rows, and another table takes as long as they do.
      const target = unit !== 'hour' && this.fresh.canTake ? await this.fresh.make(range) : null;
      if (target === null) await createPartitions(this.#client, [range]);
      targets.push({ from: range.from, to: range.to, target });
    }
    return () => this.#setReaches([...this.#reaches, ...targets].toSorted((a, b) => (a.from < b.from ? -1 : 1)));
  }

  /** Those that got no rows since this parcel belong to the store from now on. */
  closeIdle(parcel: number): void {
    const closed = new Set(this.fresh.closeIdle(parcel));
    if (closed.size === 0) return;
    this.#setReaches(
      this.#reaches.map((reach) =>
        reach.target !== null && closed.has(reach.target) ? { ...reach, target: null } : reach,
      ),
    );
  }

  #setReaches(reaches: readonly Reach[]): void {
    this.#reaches = reaches;
    this.#hour = '';
  }
}
