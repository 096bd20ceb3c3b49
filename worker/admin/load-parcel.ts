import type { Client } from 'pg';
import { CopyWriter } from './copy-writer.ts';
import type { FreshPartition } from './load-fresh.ts';
import { EVENT_COLUMNS, sendCopy, takeSeqs, writeNumbered, type StagedEvent } from './load-store.ts';
import type { Target } from './load-targets.ts';

const STORE = 'global_events';
/** Few rows may go to many tables: more is taken as they come. */
const FIRST_BYTES = 1 << 16;

/** Rows of one parcel for one table. */
interface Batch {
  readonly writer: CopyWriter;
  /** Which of the parcel's rows they are, and where each has its `seq`. */
  readonly nths: number[];
  readonly places: number[];
}

/** Events on their way in the order of the file, written for their tables as they come. */
export class Parcel {
  readonly #rows: StagedEvent[] = [];
  readonly #batches = new Map<string, Batch>();
  readonly #fresh: boolean[] = [];
  /** Rows for which nobody knows a table yet. */
  readonly #waiting: StagedEvent[] = [];

  get length(): number {
    return this.#rows.length + this.#waiting.length;
  }

  /** Some rows wait for their table to be known; those that come behind them do, too. */
  get isWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  get waitingHours(): ReadonlySet<string> {
    return new Set(this.#waiting.map(({ hour }) => hour));
  }

  wait(event: StagedEvent): void {
    this.#waiting.push(event);
  }

  takeWaiting(): readonly StagedEvent[] {
    return this.#waiting.splice(0);
  }

  add(event: StagedEvent, target: Target): void {
    const nth = this.#rows.push(event) - 1;
    this.#write(event, nth, target);
  }

  get rows(): readonly StagedEvent[] {
    return this.#rows;
  }

  /** Rows for partitions that are being filled, or those for the store. */
  pick(fresh: boolean): readonly StagedEvent[] {
    return this.#rows.filter((_, nth) => this.#fresh[nth] === fresh);
  }

  #write(event: StagedEvent, nth: number, target: FreshPartition | null): void {
    const table = target?.table ?? STORE;
    let batch = this.#batches.get(table);
    if (batch === undefined) {
      batch = { writer: new CopyWriter(FIRST_BYTES), nths: [], places: [] };
      this.#batches.set(table, batch);
    }
    this.#fresh[nth] = target !== null;
    batch.nths.push(nth);
    batch.places.push(writeNumbered(batch.writer, event));
  }

  /** Numbers the rows in the order of the file and sends them; in a transaction of the caller. */
  async send(client: Client): Promise<void> {
    const seqs = await takeSeqs(client, this.#rows.length);
    for (const [table, { writer, nths, places }] of this.#batches) {
      nths.forEach((nth, i) => writer.patchInteger(seqs[nth] ?? 0, places[i] ?? 0));
      if (nths.length > 0) await sendCopy(client, `${table} (seq, ${EVENT_COLUMNS})`, writer.finish());
    }
  }

  /** Its memory is used again. */
  clear(): void {
    this.#rows.length = 0;
    this.#waiting.length = 0;
    this.#fresh.length = 0;
    for (const [table, { writer, nths, places }] of this.#batches) {
      if (nths.length === 0) this.#batches.delete(table);
      writer.reset();
      nths.length = 0;
      places.length = 0;
    }
  }
}
