import type { Client } from 'pg';
import { fromKey, planRanges, type HourRange, type PartitionUnit } from './partition-plan.ts';
import { currentUnit, makePartitions } from './partitions.ts';
import { readPartitions } from './read-partitions.ts';

/** Makes partitions as hours come that have none; asks the server once. */
export class PartitionMaker {
  /** Names, in the order in which they were made. */
  readonly made: string[] = [];
  readonly #client: Client;
  readonly #covered = new Set<string>();
  #unit: PartitionUnit | undefined;
  #ranges: readonly HourRange[] = [];

  constructor(client: Client, unit: PartitionUnit | undefined) {
    this.#client = client;
    this.#unit = unit;
  }

  /** Throws E_NO_SUCH_TABLE, E_UNSUPPORTED. */
  async read(): Promise<void> {
    const list = await readPartitions(this.#client);
    this.#ranges = list.partitions;
    this.#unit ??= currentUnit(list);
  }

  /** Throws E_REFUSED where the default partition holds events of such an hour. */
  async cover(hours: ReadonlySet<string>): Promise<void> {
    const missing = [...hours].filter((hour) => !this.#covered.has(hour) && !this.#lies(hour)).sort();
    hours.forEach((hour) => this.#covered.add(hour));
    if (missing.length === 0) return;
    const unit = this.#unit ?? 'month';
    const wanted = missing.flatMap((hour) => planRanges(unit, fromKey(hour), fromKey(hour)));
    const made = await makePartitions(this.#client, wanted);
    this.made.push(...made.map(({ name }) => name));
    this.#ranges = (await readPartitions(this.#client)).partitions;
  }

  #lies(hour: string): boolean {
    return this.#ranges.some(({ from, to }) => from <= hour && hour < to);
  }
}
