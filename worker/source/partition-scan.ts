import type Database from 'better-sqlite3';
import { EngineError, type Partition } from '../../protocol/index.ts';
import { countEqualTimes } from './equal-times.ts';
import type { PartitionReport } from './event-source.ts';
import { scanSql, type EventTable } from './event-table.ts';
import { countIssue, describeIssues, type IssueCounts } from './issues.ts';
import { hourOf, hourStart } from './parse-time.ts';
import { countNullKeys } from './read-metadata.ts';
import { RowReader, type Row } from './row-reader.ts';
import { shopOwners } from './shop-owners.ts';

const HOUR = 3_600_000;
const ROWS_BETWEEN_CHECKS = 4_096;
const NON_ASCII = /[^\u0000-\u007f]/;

type OpenPartition = { -readonly [K in keyof Partition]: Partition[K] };

/** One pass over all rows: partitions, what is odd about the data, and which rows repeat an event. */
export class PartitionScan {
  readonly report: PartitionReport;
  /** Arrival numbers of rows that repeat an event: never counted. */
  readonly duplicates: ReadonlySet<number>;
  /** Different actors with at least one event. */
  readonly actors: number;
  /** False when some ts is no hour at all: such rows can't be found by an hour range. */
  readonly keysReadable: boolean;

  static run(db: Database.Database, events: EventTable, shouldStop: (rowsSeen: number) => boolean): PartitionScan {
    return new PartitionScan(new PartitionPass(db, events).run(shouldStop));
  }

  private constructor(pass: PartitionPass) {
    countIssue(pass.issues, 'equal_times', countEqualTimes(pass.actorCodes, pass.times));
    this.duplicates = pass.duplicates;
    this.actors = pass.actorCount;
    this.keysReadable = pass.keysReadable;
    this.report = {
      partitions: [...pass.partitions.values()].toSorted((a, b) => a.firstTime - b.firstTime),
      issues: describeIssues(pass.issues),
      guardHours: pass.guardHours,
    };
  }
}

class PartitionPass {
  readonly issues: IssueCounts = new Map();
  readonly partitions = new Map<number, OpenPartition>();
  readonly duplicates = new Set<number>();
  readonly actorCodes: number[] = [];
  readonly times: number[] = [];
  guardHours = 0;
  keysReadable = true;
  readonly #db: Database.Database;
  readonly #events: EventTable;
  readonly #reader: RowReader;
  readonly #actors = new Map<string, number>();
  /** Mis-keyed events with no copy under their own hour, by id and time. */
  readonly #unresolved = new Set<string>();
  readonly #hours = new Map<string, number>();

  constructor(db: Database.Database, events: EventTable) {
    this.#db = db;
    this.#events = events;
    const extra = events.hour === null ? [] : ['ts', 'event_id', 'metadata'];
    const all = { properties: [], recordedAt: true, actorProperty: null };
    this.#reader = new RowReader(events, all, shopOwners(db), extra);
  }

  get actorCount(): number {
    return this.#actors.size;
  }

  run(shouldStop: (rowsSeen: number) => boolean): this {
    const rows = this.#db
      .prepare(scanSql(this.#events, this.#reader.select, '', null))
      .raw(true)
      .iterate() as IterableIterator<Row>;
    let seen = 0;
    for (const row of rows) {
      if (++seen % ROWS_BETWEEN_CHECKS === 0 && shouldStop(seen)) throw cancelled();
      const seq = this.#events.table.rowid === null ? seen : Number(row[0]);
      if (this.#events.filter === null || passes(row)) this.#take(row, seq);
    }
    return this;
  }

  #take(row: Row, seq: number): void {
    const reader = this.#reader;
    const fault = reader.read(row);
    if (this.#events.hour !== null) this.#lookAtText(row);
    if (reader.badMetadata && fault !== 'bad_metadata') countIssue(this.issues, 'bad_metadata');
    if (fault !== null) return countIssue(this.issues, fault);
    if (this.#events.hour !== null && this.#isDuplicate(row)) {
      this.duplicates.add(seq);
      return countIssue(this.issues, 'duplicate_event_id');
    }
    if (reader.byShop) countIssue(this.issues, 'actor_by_shop');
    if (reader.recordedAt - reader.time > HOUR) countIssue(this.issues, 'late_rows');
    this.#addToPartition(reader.time);
    let code = this.#actors.get(reader.actor);
    if (code === undefined) this.#actors.set(reader.actor, (code = this.#actors.size));
    this.actorCodes.push(code);
    this.times.push(reader.time);
  }

  #lookAtText(row: Row): void {
    const metadata = row[3];
    if (typeof metadata !== 'string') return;
    if (NON_ASCII.test(metadata)) countIssue(this.issues, 'non_ascii_text');
    if (metadata.includes('null') && countNullKeys(metadata) > 0) countIssue(this.issues, 'null_metadata_keys');
  }

  /**
   * A duplicate has the event_id and the event time of another row; the copy under its own hour counts, so only
   * mis-keyed rows are looked up. Of several mis-keyed copies the first to arrive counts.
   */
  #isDuplicate(row: Row): boolean {
    const time = this.#reader.time;
    const key = String(row[1]);
    const start = this.#startOf(key);
    if (time >= start && time < start + HOUR) return false;
    countIssue(this.issues, 'mis_keyed_hour');
    if (Number.isNaN(start)) this.keysReadable = false;
    else this.guardHours = Math.max(this.guardHours, Math.abs(Math.floor(time / HOUR) - start / HOUR));
    const id = String(row[2]);
    const twin = this.#findTwin()
      .all(hourOf(time), id)
      .some((cell) => this.#events.time.read(cell) === time);
    const name = `${time} ${id}`;
    if (twin || this.#unresolved.has(name)) return true;
    this.#unresolved.add(name);
    return false;
  }

  #twin: Database.Statement<[string, string], number | string> | null = null;
  #findTwin(): Database.Statement<[string, string], number | string> {
    this.#twin ??= this.#db
      .prepare<[string, string], number | string>(
        `SELECT event_time FROM main.global_events WHERE ts = ? AND event_id = ?`,
      )
      .pluck();
    return this.#twin;
  }

  #startOf(key: string): number {
    let start = this.#hours.get(key);
    if (start === undefined) this.#hours.set(key, (start = hourStart(key)));
    return start;
  }

  #addToPartition(time: number): void {
    const index = Math.floor(time / HOUR);
    const partition = this.partitions.get(index);
    if (partition === undefined) {
      this.partitions.set(index, { hour: hourOf(index * HOUR), rows: 1, firstTime: time, lastTime: time });
      return;
    }
    partition.rows++;
    if (time < partition.firstTime) partition.firstTime = time;
    if (time > partition.lastTime) partition.lastTime = time;
  }
}

/** The filter is the last selected column; as in a WHERE, null is false. */
export const passes = (row: Row): boolean => Number(row[row.length - 1] ?? 0) !== 0;

export const cancelled = (): EngineError =>
  new EngineError('E_CANCELLED', 'Cancelled.', { hint: 'Start it again when you want the answer.' });
