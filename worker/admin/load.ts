import { setImmediate } from 'node:timers/promises';
import type { Client } from 'pg';
import { EngineError } from '../../protocol/errors.ts';
import { closeClient } from '../connection/close-client.ts';
import { RejectedRows } from '../source/import-rejected.ts';
import { inTransaction } from './admin-client.ts';
import { findFault, toUuid } from './check-event.ts';
import { CopyWriter } from './copy-writer.ts';
import { newHourKey } from './hour-key.ts';
import { FreshPartitions, type FreshPartition } from './load-fresh.ts';
import { Parcel } from './load-parcel.ts';
import type { IncomingBatch, IncomingEvent, LoadSource } from './load-source.ts';
import {
  addLate,
  addStaged,
  completeRollups,
  isBadRow,
  readEventTypes,
  readMisKeyed,
  sendCopy,
  sendGoodRows,
  STAGING,
  takeKnown,
  takeRepeated,
  writeStaged,
  type StagedEvent,
} from './load-store.ts';
import type { LoadOptions, LoadSummary } from './load-summary.ts';
import { loadTable, type TableCounts } from './load-tables.ts';
import { LoadTargets } from './load-targets.ts';
import { MODEL_TABLES } from './model-tables.ts';
import { parseUuid } from './seen-ids.ts';
import { guardServer } from './server-errors.ts';

/**
 * Brings a file into the event store. Again it changes nothing: an event is known by its hour and id. `openClient` is for
 * a second session beside `client`. Throws EngineErrors of the file and the server.
 */
export function loadStore(
  client: Client,
  openClient: () => Promise<Client>,
  source: LoadSource,
  options: LoadOptions,
): Promise<LoadSummary> {
  return guardServer(async () => {
    const fresh = new FreshPartitions(client, openClient);
    const load = new Load(client, fresh, source, options);
    try {
      return await load.run();
    } catch (thrown) {
      load.abandon();
      await fresh.end(closeClient).catch(() => undefined);
      throw thrown;
    }
  });
}

/** Rows a transaction: enough that its beginning and end do not count, few enough that a cancel is quick. */
const PARCEL_ROWS = 25_000;

class Load {
  readonly #client: Client;
  readonly #source: LoadSource;
  readonly #options: LoadOptions;
  readonly #rejected: RejectedRows;
  readonly #targets: LoadTargets;
  readonly #writer = new CopyWriter();
  readonly #parcels = [new Parcel(), new Parcel()] as const;
  #parcel: Parcel = this.#parcels[0];
  #parcelNumber = 1;
  /** Rows that may be in the file twice: looked up when what came before is in the store. */
  #doubtful: StagedEvent[] = [];
  readonly #words = new Int32Array(4);
  readonly #hourKey = newHourKey();
  /** Whether the store seems to have none of the events that come. */
  #isNew = true;
  #types: ReadonlySet<string> = new Set();
  #misKeyed: ReadonlySet<string> = new Set();
  #lastHour = '';
  #counts = { rows: 0, loaded: 0, rekeyed: 0, late: 0, duplicate: 0 };

  constructor(client: Client, fresh: FreshPartitions, source: LoadSource, options: LoadOptions) {
    this.#client = client;
    this.#source = source;
    this.#options = options;
    this.#rejected = new RejectedRows(options.rejected, source.format);
    this.#targets = new LoadTargets(client, fresh, options.unit);
  }

  abandon(): void {
    this.#rejected.abandon();
  }

  async run(): Promise<LoadSummary> {
    await this.#targets.read();
    this.#types = await readEventTypes(this.#client);
    this.#misKeyed = await readMisKeyed(this.#client);
    await this.#client.query(STAGING);
    const startedAt = performance.now();
    await this.#loadEvents();
    const seconds = (performance.now() - startedAt) / 1_000;
    await this.#targets.fresh.end(closeClient);
    const tables = await this.#loadTables();
    await this.#completeRollups();
    this.#rejected.finish();
    const { late, ...counts } = this.#counts;
    return {
      ...counts,
      late: late + this.#targets.fresh.late,
      ...this.#rejected.summary(),
      tables,
      partitions: this.#targets.made.toSorted(),
      seconds,
      eventsPerSecond: Math.round(counts.rows / Math.max(seconds, 1e-3)),
    };
  }

  /** While the server adds one parcel, the next one is read and written in its format. */
  async #loadEvents(): Promise<void> {
    // The last transaction is durable, and with it all before it.
    await this.#client.query('SET synchronous_commit = off');
    let sending: Promise<void> = Promise.resolve();
    const send = async (): Promise<void> => {
      const full = this.#parcel;
      await sending;
      sending = this.#send(full, this.#parcelNumber);
      sending.catch(() => undefined);
      this.#parcel = full === this.#parcels[0] ? this.#parcels[1] : this.#parcels[0];
      this.#parcel.clear();
      this.#parcelNumber++;
    };
    let isStopped = false;
    for await (const batch of this.#source.batches()) {
      this.#stage(batch);
      if (this.#parcel.length >= PARCEL_ROWS) await send();
      // So that the parcel under way is written to the line meanwhile.
      await setImmediate();
      isStopped = this.#options.onProgress?.(batch.done, this.#source.total, this.#source.unit) === true;
      if (isStopped) break;
    }
    if (!isStopped) await send();
    await sending;
    await this.#finishFresh();
    await this.#client.query('SET synchronous_commit = on');
    if (!isStopped) return;
    throw new EngineError('E_CANCELLED', 'Loading was cancelled.', {
      hint: `${this.#counts.loaded.toLocaleString('en-US')} events are in the store; the same command loads the rest.`,
    });
  }

  #stage({ events, rejected, duplicates }: IncomingBatch): void {
    this.#counts.rows += events.length + rejected.length + duplicates;
    this.#counts.duplicate += duplicates;
    this.#rejected.header ??= this.#source.header();
    for (const { line, raw, reason } of rejected) this.#rejected.add({ line, raw, cells: null, problem: null }, reason);
    for (const event of events) {
      const fault = findFault(event, this.#types);
      if (fault !== null) this.#rejectRow(event, fault);
      else this.#stageOne(event);
    }
  }

  #stageOne(event: IncomingEvent): void {
    const { line, eventId, time, type, metadata, recordedAt, raw } = event;
    const uuid = toUuid(eventId);
    if (this.#misKeyed.size > 0 && this.#misKeyed.has(`${uuid.toLowerCase()}|${time}`)) {
      this.#counts.duplicate++;
      return;
    }
    const hour = this.#hourKey(time);
    if (hour > this.#lastHour) this.#lastHour = hour;
    const rekeyed = event.ts !== null && event.ts !== hour;
    this.#place({ line, hour, uuid, time, type, metadata, recordedAt, rekeyed, raw }, this.#parcel, this.#parcelNumber);
  }

  #place(event: StagedEvent, parcel: Parcel, number: number): void {
    const target = parcel.isWaiting ? undefined : this.#targets.find(event.hour);
    if (target === undefined) parcel.wait(event);
    else if (target === null || this.#isFirst(event, target, number)) parcel.add(event, target);
    else this.#doubtful.push(event);
  }

  #isFirst({ uuid }: StagedEvent, target: FreshPartition, number: number): boolean {
    target.lastParcel = Math.max(target.lastParcel, number);
    parseUuid(uuid, this.#words);
    return !target.ids.add(this.#words);
  }

  async #send(parcel: Parcel, number: number): Promise<void> {
    if (parcel.isWaiting) {
      const learn = await this.#targets.cover(parcel.waitingHours);
      learn();
      // At once: the next parcel may not overtake this one.
      for (const event of parcel.takeWaiting()) this.#place(event, parcel, number);
    }
    await this.#sendPlaced(parcel);
    this.#targets.closeIdle(number);
    if (this.#doubtful.length >= PARCEL_ROWS) await this.#finishFresh();
  }

  /** After it, all rows but those of the parcels under way are in the store. */
  async #finishFresh(): Promise<void> {
    this.#targets.closeIdle(Number.POSITIVE_INFINITY);
    await this.#targets.fresh.closed();
    await this.#sendToStore(this.#doubtful.splice(0));
  }

  /** Straight into the tables: fastest, and all or nothing. */
  async #sendPlaced(parcel: Parcel): Promise<void> {
    if (parcel.length === 0) return;
    const toStore = parcel.pick(false);
    if (toStore.some(({ hour }) => this.#targets.fresh.isPending(hour))) await this.#targets.fresh.closed();
    if ((toStore.length === 0 || this.#isNew) && (await this.#sendNew(parcel, toStore))) return;
    await sendGoodRows(this.#client, parcel.pick(true), (some) => this.#sendFresh(some), this.#rejectRow);
    await this.#sendToStore(toStore);
  }

  async #sendNew(parcel: Parcel, toStore: readonly StagedEvent[]): Promise<boolean> {
    try {
      this.#counts.late += await inTransaction(this.#client, async () => {
        await parcel.send(this.#client);
        return addLate(this.#client, toStore);
      });
    } catch (thrown) {
      if (!isBadRow(thrown)) throw thrown;
      this.#isNew = false;
      return false;
    }
    this.#countLoaded(parcel.rows);
    return true;
  }

  /** Rows of partitions that are still being filled. */
  async #sendFresh(rows: readonly StagedEvent[]): Promise<void> {
    const some = new Parcel();
    for (const row of rows) some.add(row, this.#targets.find(row.hour) ?? null);
    if (rows.length > 0) await some.send(this.#client);
    this.#countLoaded(rows);
  }

  /**
   * Through the staging table, where the store has one of them already or refuses one: for this parcel, and as long as
   * there are such.
   */
  #sendToStore(rows: readonly StagedEvent[]): Promise<void> {
    return rows.length === 0
      ? Promise.resolve()
      : sendGoodRows(this.#client, rows, (some) => this.#sendKnown(some), this.#rejectRow);
  }

  async #sendKnown(rows: readonly StagedEvent[]): Promise<void> {
    const client = this.#client;
    this.#writer.reset();
    for (const row of rows) writeStaged(this.#writer, row);
    await sendCopy(client, 'load_events', this.#writer.finish());
    const known = [...(await takeKnown(client, rows)), ...(await takeRepeated(client))];
    const sameByLine = new Map(known.map(({ line, same }) => [line, same]));
    const added = rows.filter(({ line }) => !sameByLine.has(line));
    if (added.length > 0) await addStaged(client);
    this.#counts.late += await addLate(client, added);
    this.#isNew = known.length === 0;
    for (const row of rows) {
      const same = sameByLine.get(row.line);
      if (same === true) this.#counts.duplicate++;
      else if (same === false) this.#rejectRow(row, 'has the id of another event of that hour');
    }
    this.#countLoaded(added);
  }

  #countLoaded(rows: readonly StagedEvent[]): void {
    this.#counts.loaded += rows.length;
    for (const { rekeyed } of rows) if (rekeyed) this.#counts.rekeyed++;
  }

  readonly #rejectRow = ({ line, raw }: Pick<StagedEvent, 'line' | 'raw'>, reason: string): void => {
    this.#rejected.add({ line, raw: raw(), cells: null, problem: null }, reason);
  };

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
