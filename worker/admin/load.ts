import { setImmediate } from 'node:timers/promises';
import type { Client } from 'pg';
import { EngineError } from '../../protocol/errors.ts';
import { RejectedRows } from '../source/import-rejected.ts';
import { findFault, toUuid } from './check-event.ts';
import { CopyWriter } from './copy-writer.ts';
import { newHourKey } from './hour-key.ts';
import type { IncomingBatch, IncomingEvent, LoadSource } from './load-source.ts';
import {
  addLate,
  addStaged,
  EVENT_COLUMNS,
  isBadRow,
  readEventTypes,
  readMisKeyed,
  completeRollups,
  sendCopy,
  sendGoodRows,
  STAGING,
  takeKnown,
  takeRepeated,
  writeEvent,
  type StagedEvent,
} from './load-store.ts';
import { loadTable, type TableCounts } from './load-tables.ts';
import { inTransaction } from './admin-client.ts';
import { MODEL_TABLES } from './model-tables.ts';
import type { PartitionUnit } from './partition-plan.ts';
import { PartitionMaker } from './partition-maker.ts';
import { guardServer } from './server-errors.ts';

export interface LoadOptions {
  /** Where rejected rows are kept: `<rejected>.rejected.csv` or `.jsonl`. */
  readonly rejected: string;
  /** Of partitions that are missing; default: as the newest there is, else months. */
  readonly unit?: PartitionUnit | undefined;
  /** Answer true to stop: E_CANCELLED. What is loaded stays, and the next run goes on from there. */
  readonly onProgress?: (done: number, total: number, unit: 'rows' | 'bytes') => boolean;
}

export interface LoadSummary {
  /** Rows of the file: loaded + duplicate + rejected. */
  readonly rows: number;
  readonly loaded: number;
  /** Of the loaded ones: those that the file has under an hour that is not theirs. */
  readonly rekeyed: number;
  /** Of the loaded ones: those of hours whose rollups were complete; they count in them now. */
  readonly late: number;
  /** In the store before, or twice in the file: the same event id and time. */
  readonly duplicate: number;
  readonly rejected: number;
  /** null = there are none. */
  readonly rejectedFile: string | null;
  readonly rejectedRows: readonly { readonly line: number; readonly reason: string }[];
  readonly tables: Readonly<Record<string, TableCounts>>;
  readonly partitions: readonly string[];
  readonly seconds: number;
  /** Of the events alone. */
  readonly eventsPerSecond: number;
}

/**
 * Brings events, and the tables beside them, to the store behind `client` (a writing session of `openAdminClient`). By
 * COPY, one transaction a parcel: straight into the table, or through a staging table where the store has some already. A
 * second run changes nothing. Throws E_NO_SUCH_TABLE (no store), E_CANCELLED, E_REFUSED (the default partition is not
 * empty) and the errors of the file and the server.
 */
export function loadStore(client: Client, source: LoadSource, options: LoadOptions): Promise<LoadSummary> {
  return guardServer(async () => {
    const load = new Load(client, source, options);
    try {
      return await load.run();
    } catch (thrown) {
      load.abandon();
      throw thrown;
    }
  });
}

/** Rows a transaction: enough that its beginning and end do not count, few enough that a cancel is quick. */
const PARCEL_ROWS = 25_000;

/** Events on their way, written as they come. */
class Parcel {
  rows: StagedEvent[] = [];
  readonly #writer = new CopyWriter();

  add(event: StagedEvent): void {
    this.rows.push(event);
    writeEvent(this.#writer, event);
  }
  finish(): Buffer {
    return this.#writer.finish();
  }
  clear(): void {
    this.rows = [];
    this.#writer.reset();
  }
}

class Load {
  readonly #client: Client;
  readonly #source: LoadSource;
  readonly #options: LoadOptions;
  readonly #rejected: RejectedRows;
  readonly #partitions: PartitionMaker;
  readonly #writer = new CopyWriter();
  readonly #parcels = [new Parcel(), new Parcel()] as const;
  readonly #hourKey = newHourKey();
  /** Whether the store seems to have none of the events that come. */
  #isNew = true;
  #types: ReadonlySet<string> = new Set();
  #misKeyed: ReadonlySet<string> = new Set();
  #lastHour = '';
  #counts = { rows: 0, loaded: 0, rekeyed: 0, late: 0, duplicate: 0 };

  constructor(client: Client, source: LoadSource, options: LoadOptions) {
    this.#client = client;
    this.#source = source;
    this.#options = options;
    this.#rejected = new RejectedRows(options.rejected, source.format);
    this.#partitions = new PartitionMaker(client, options.unit);
  }

  abandon(): void {
    this.#rejected.abandon();
  }

  async run(): Promise<LoadSummary> {
    await this.#partitions.read();
    this.#types = await readEventTypes(this.#client);
    this.#misKeyed = await readMisKeyed(this.#client);
    await this.#client.query(STAGING);
    const startedAt = performance.now();
    await this.#loadEvents();
    const seconds = (performance.now() - startedAt) / 1_000;
    const tables = await this.#loadTables();
    await this.#completeRollups();
    this.#rejected.finish();
    return {
      ...this.#counts,
      ...this.#rejected.summary(),
      tables,
      partitions: this.#partitions.made,
      seconds,
      eventsPerSecond: Math.round(this.#counts.rows / Math.max(seconds, 1e-3)),
    };
  }

  /** While the server adds one parcel, the next one is read and written in its format. */
  async #loadEvents(): Promise<void> {
    // The last transaction is durable, and with it all before it.
    await this.#client.query('SET synchronous_commit = off');
    let sending: Promise<void> = Promise.resolve();
    let parcel = this.#parcels[0];
    const send = async (): Promise<void> => {
      const full = parcel;
      await sending;
      await this.#partitions.cover(new Set(full.rows.map(({ hour }) => hour)));
      sending = this.#send(full);
      sending.catch(() => undefined);
      parcel = full === this.#parcels[0] ? this.#parcels[1] : this.#parcels[0];
      parcel.clear();
    };
    for await (const batch of this.#source.batches()) {
      this.#stage(batch, parcel);
      if (parcel.rows.length >= PARCEL_ROWS) await send();
      // So that the parcel under way is written to the line meanwhile.
      await setImmediate();
      if (this.#options.onProgress?.(batch.done, this.#source.total, this.#source.unit) !== true) continue;
      await sending;
      throw new EngineError('E_CANCELLED', 'Loading was cancelled.', {
        hint: `${this.#counts.loaded.toLocaleString('en-US')} events are in the store; the same command loads the rest.`,
      });
    }
    await send();
    await sending;
    await this.#client.query('SET synchronous_commit = on');
  }

  #stage({ events, rejected, duplicates }: IncomingBatch, parcel: Parcel): void {
    this.#counts.rows += events.length + rejected.length + duplicates;
    this.#counts.duplicate += duplicates;
    this.#rejected.header ??= this.#source.header();
    for (const { line, raw, reason } of rejected) this.#rejected.add({ line, raw, cells: null, problem: null }, reason);
    for (const event of events) {
      const fault = findFault(event, this.#types);
      if (fault !== null) this.#reject(event, fault);
      else this.#stageOne(event, parcel);
    }
  }

  #stageOne(event: IncomingEvent, parcel: Parcel): void {
    const { line, eventId, time, type, metadata, recordedAt, raw } = event;
    const uuid = toUuid(eventId);
    if (this.#misKeyed.size > 0 && this.#misKeyed.has(`${uuid.toLowerCase()}|${time}`)) {
      this.#counts.duplicate++;
      return;
    }
    const hour = this.#hourKey(time);
    if (hour > this.#lastHour) this.#lastHour = hour;
    const rekeyed = event.ts !== null && event.ts !== hour;
    parcel.add({ line, hour, uuid, time, type, metadata, recordedAt, rekeyed, raw });
  }

  /**
   * Straight into the table: fastest, and all or nothing. Where the store has one of them already, or refuses one, through
   * the staging table, for this parcel and as long as there are such.
   */
  async #send(parcel: Parcel): Promise<void> {
    const { rows } = parcel;
    if (rows.length === 0) return;
    if (this.#isNew && (await this.#sendNew(parcel))) return;
    await sendGoodRows(
      this.#client,
      rows,
      (some) => this.#sendKnown(some),
      (row, reason) => this.#reject(row, reason),
    );
  }

  async #sendNew(parcel: Parcel): Promise<boolean> {
    try {
      this.#counts.late += await inTransaction(this.#client, async () => {
        await sendCopy(this.#client, `global_events ${EVENT_COLUMNS}`, parcel.finish());
        return addLate(this.#client, parcel.rows);
      });
    } catch (thrown) {
      if (!isBadRow(thrown)) throw thrown;
      this.#isNew = false;
      return false;
    }
    this.#counts.loaded += parcel.rows.length;
    for (const { rekeyed } of parcel.rows) if (rekeyed) this.#counts.rekeyed++;
    return true;
  }

  async #sendKnown(rows: readonly StagedEvent[]): Promise<void> {
    const client = this.#client;
    this.#writer.reset();
    for (const row of rows) writeEvent(this.#writer, row, true);
    await sendCopy(client, 'load_events', this.#writer.finish());
    const known = [...(await takeKnown(client, rows)), ...(await takeRepeated(client))];
    const sameByLine = new Map(known.map(({ line, same }) => [line, same]));
    const added = rows.filter(({ line }) => !sameByLine.has(line));
    if (added.length > 0) await addStaged(client);
    const late = await addLate(client, added);
    this.#isNew = known.length === 0;
    for (const row of rows) {
      const same = sameByLine.get(row.line);
      if (same === true) this.#counts.duplicate++;
      else if (same === false) this.#reject(row, 'has the id of another event of that hour');
      else if (row.rekeyed) this.#counts.rekeyed++;
    }
    this.#counts.loaded += added.length;
    this.#counts.late += late;
  }

  #reject({ line, raw }: Pick<StagedEvent, 'line' | 'raw'>, reason: string): void {
    this.#rejected.add({ line, raw: raw(), cells: null, problem: null }, reason);
  }

  async #loadTables(): Promise<Readonly<Record<string, TableCounts>>> {
    const tables: Record<string, TableCounts> = {};
    for (const table of MODEL_TABLES) {
      const rows = this.#source.tableRows(table.name);
      tables[table.name] = await loadTable(this.#client, table, rows, this.#writer, (row, reason) => {
        const raw = JSON.stringify(Object.fromEntries(table.columns.map(([name], i) => [name, row[i] ?? null])));
        this.#rejected.add({ line: 0, raw: `${table.name} ${raw}`, cells: null, problem: null }, reason);
      });
    }
    return tables;
  }

  /** Hours that are not over may still get events: they stay open. */
  async #completeRollups(): Promise<void> {
    if (this.#counts.loaded === 0) return;
    const openHour = this.#hourKey(Date.now());
    const before = this.#hourKey(Date.now() - 3_600_000);
    const through = this.#lastHour < openHour ? this.#lastHour : before;
    await inTransaction(this.#client, () => completeRollups(this.#client, through));
    await this.#client.query('ANALYZE global_events');
  }
}
