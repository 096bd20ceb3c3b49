import type Database from 'better-sqlite3';
import { EngineError } from '../../protocol/errors.ts';
import type { Partition } from '../../protocol/index.ts';
import type { PartitionPart, ScanColumns } from './event-source.ts';
import { scanSql, type EventTable } from './event-table.ts';
import { countIssue, type IssueCounts, type IssueKind } from './issues.ts';
import { hourOf, hourStart, type Cell } from './parse-time.ts';
import { RowReader, type Fault, type Row, type RowJudge, type RowVerdict } from './row-reader.ts';
import { shopOwners, type ShopOwner } from './shop-owners.ts';

const HOUR = 3_600_000;
const ROWS_BETWEEN_CHECKS = 512;

/** What one piece of a table adds to the report; pieces are joined in order of arrival. */
export interface CountedPart extends PartitionPart {
  readonly partitions: readonly Partition[];
  readonly issues: readonly (readonly [kind: IssueKind, rows: number])[];
  /** Arrival numbers of rows that repeat an event. */
  readonly duplicates: readonly number[];
  /** Mis-keyed events without a copy under their own hour: another piece may hold another such copy. */
  readonly strays: readonly Stray[];
  /** Shops that stood for an actor, each with the user it had; null = none. */
  readonly owners: readonly (readonly [shopId: string, user: string | null])[];
  readonly guardHours: number;
  /** False when some ts is no hour at all: such rows can't be found by an hour range. */
  readonly keysReadable: boolean;
}
export interface Stray {
  readonly id: string;
  readonly time: number;
  readonly seq: number;
  /** Which event of the piece it is, from 0; `NO_EVENT` = none, as it has no actor: with `actorFrom` it may be one. */
  readonly row: number;
  /** What it was counted as: taken back when it turns out to be a copy. */
  readonly counted: readonly IssueKind[];
}
export const NO_EVENT = -1;
/** Rowids, both ends included; null = the whole table. */
export type RowRange = readonly [from: number, to: number] | null;

type OpenPartition = { -readonly [K in keyof Partition]: Partition[K] };

/**
 * Judges the rows of a piece in order of arrival and counts on the way: partitions, what is odd about the data, and which
 * rows repeat an event. Everything a source must know of its rows before it can be cut and pruned.
 */
export class CountedRows implements RowJudge {
  readonly reader: RowReader;
  readonly #issues: IssueCounts = new Map();
  readonly #partitions = new Map<number, OpenPartition>();
  readonly #duplicates: number[] = [];
  readonly #owners = new Map<string, string | null>();
  readonly #strays = new Map<string, Stray>();
  #guardHours = 0;
  #keysReadable = true;
  /** Events of the piece so far; whoever judges some rows elsewhere counts them here. */
  kept = 0;
  readonly #db: Database.Database;
  readonly #events: EventTable;
  readonly #check: () => void;
  #lastKey: unknown = null;
  #lastStart = Number.NaN;

  /** `columns` = what else the rows are read for. `check` is called where a look-up takes long, and may throw. */
  constructor(db: Database.Database, events: EventTable, columns: ScanColumns, check: () => void) {
    this.#db = db;
    this.#events = events;
    this.#check = check;
    const extra = events.hour === null ? [] : ['ts', ...(events.table.rowid === null ? ['event_id'] : [])];
    const ownerOf = shopOwners(db, check);
    const keepOwner: ShopOwner = (shopId) => {
      const user = ownerOf(shopId);
      this.#owners.set(shopId, user ?? null);
      return user;
    };
    this.reader = new RowReader(events, { ...columns, recordedAt: true }, keepOwner, extra);
  }

  judge(row: Row, seq: number): RowVerdict {
    if (this.#events.filter !== null && !passes(row)) return 'outside';
    const { reader } = this;
    const fault = reader.read(row);
    if (this.#events.actor === 'metadata') this.#countMetadata(fault);
    const isDuplicate =
      (fault === null || fault === 'missing_actor') &&
      this.#events.hour !== null &&
      this.#isDuplicate(row, seq, fault === null);
    if (isDuplicate) this.#duplicates.push(seq);
    if (fault !== null) return this.#fail(fault);
    if (isDuplicate) return this.#fail('duplicate_event_id');
    for (const kind of oddities(reader)) countIssue(this.#issues, kind);
    this.addToPartition(reader.time, reader.time, 1);
    this.kept++;
    return 'event';
  }

  /** Of rows that were judged elsewhere. */
  addIssues(issues: readonly (readonly [kind: IssueKind, rows: number])[]): void {
    for (const [kind, rows] of issues) countIssue(this.#issues, kind, rows);
  }

  /** Events of one hour of event time, likewise or our own. */
  addToPartition(firstTime: number, lastTime: number, rows: number): void {
    const index = Math.floor(firstTime / HOUR);
    const partition = this.#partitions.get(index);
    if (partition === undefined) {
      this.#partitions.set(index, { hour: hourOf(index * HOUR), rows, firstTime, lastTime });
      return;
    }
    partition.rows += rows;
    if (firstTime < partition.firstTime) partition.firstTime = firstTime;
    if (lastTime > partition.lastTime) partition.lastTime = lastTime;
  }

  close(): CountedPart {
    return {
      partitions: [...this.#partitions.values()],
      issues: [...this.#issues],
      duplicates: this.#duplicates,
      owners: [...this.#owners],
      strays: [...this.#strays.values()],
      guardHours: this.#guardHours,
      keysReadable: this.#keysReadable,
    };
  }

  /** Of the JSON column of our own model: that of a mapped table may hold anything. */
  #countMetadata(fault: Fault | null): void {
    const { reader } = this;
    if (reader.nonAscii) countIssue(this.#issues, 'non_ascii_text');
    if (reader.hasNull) countIssue(this.#issues, 'null_metadata_keys');
    if (reader.badMetadata && fault !== 'bad_metadata') countIssue(this.#issues, 'bad_metadata');
  }

  #fail(kind: IssueKind): IssueKind {
    countIssue(this.#issues, kind);
    return kind;
  }

  /**
   * A duplicate has the event_id and the event time of another row; the copy under its own hour counts, so only
   * mis-keyed rows are looked up. Of several mis-keyed copies the first to arrive counts.
   */
  #isDuplicate(row: Row, seq: number, isEvent: boolean): boolean {
    const time = this.reader.time;
    const key = row[1];
    if (key !== this.#lastKey) {
      this.#lastKey = key;
      this.#lastStart = hourStart(String(key));
    }
    const start = this.#lastStart;
    if (time >= start && time < start + HOUR) return false;
    if (isEvent) countIssue(this.#issues, 'mis_keyed_hour');
    if (Number.isNaN(start)) this.#keysReadable = false;
    else this.#guardHours = Math.max(this.#guardHours, Math.abs(Math.floor(time / HOUR) - start / HOUR));
    const id = this.#eventId(row, seq);
    const name = `${time} ${id}`;
    if (this.#hasTwin(time, id) || this.#strays.has(name)) return true;
    const counted = isEvent ? oddities(this.reader) : [];
    this.#strays.set(name, { id, time, seq, row: isEvent ? this.kept : NO_EVENT, counted });
    return false;
  }

  #idOf: Database.Statement<[number], string> | null = null;
  #eventId(row: Row, seq: number): string {
    const { rowid } = this.#events.table;
    if (rowid === null) return String(row[2]);
    this.#idOf ??= this.#db
      .prepare<[number], string>(`SELECT CAST(event_id AS TEXT) FROM main.global_events WHERE ${rowid} = ?`)
      .pluck();
    return this.#idOf.get(seq) ?? '';
  }

  #twins: ((time: number, id: string) => boolean) | null = null;
  #hasTwin(time: number, id: string): boolean {
    this.#twins ??= twinFinder(this.#db, this.#events, () => this.#check());
    return this.#twins(time, id);
  }
}

/** One pass over a piece of a table that only counts. `onEvent` hears of every event. Throws E_CANCELLED when `shouldStop` says so. */
export function countRows(
  db: Database.Database,
  events: EventTable,
  range: RowRange,
  shouldStop: (rowsSeen: number) => boolean,
  onEvent: (actor: string, time: number) => void = () => undefined,
): CountedPart {
  let seen = 0;
  const check = (): void => {
    if (shouldStop(seen)) throw cancelled();
  };
  const rows = new CountedRows(db, events, { properties: [], recordedAt: true, actorProperty: null }, check);
  const { rowid } = events.table;
  const condition = range === null ? '' : `${rowid ?? ''} BETWEEN ? AND ?`;
  const statement = db.prepare(scanSql(events, rows.reader.select, condition, null)).raw(true);
  for (const row of statement.iterate(...(range ?? [])) as IterableIterator<Row>) {
    if (++seen % ROWS_BETWEEN_CHECKS === 0) check();
    if (rows.judge(row, rowid === null ? seen : Number(row[0])) === 'event')
      onEvent(rows.reader.actor, rows.reader.time);
  }
  return rows.close();
}

/** Whether an event is also there under its own hour. Without the key of our model, all rows are read once instead. */
function twinFinder(
  db: Database.Database,
  events: EventTable,
  check: () => void,
): (time: number, id: string) => boolean {
  const isKeyed = events.hour?.index !== null || events.table.rowid === null;
  if (isKeyed) {
    const byKey = db
      .prepare<[string, string], Cell>('SELECT event_time FROM main.global_events WHERE ts = ? AND event_id = ?')
      .pluck();
    return (time, id) => byKey.all(hourOf(time), id).some((cell) => events.time.read(cell) === time);
  }
  const known = new Set<string>();
  const all = db
    .prepare<[], [Cell, Cell, Cell]>('SELECT ts, CAST(event_id AS TEXT), event_time FROM main.global_events')
    .raw(true);
  let seen = 0;
  for (const [ts, id, cell] of all.iterate() as unknown as Iterable<[Cell, Cell, Cell]>) {
    if (++seen % ROWS_BETWEEN_CHECKS === 0) check();
    const time = events.time.read(cell);
    if (!Number.isNaN(time) && hourOf(time) === ts) known.add(`${time} ${String(id)}`);
  }
  return (time, id) => known.has(`${time} ${id}`);
}

/** What is odd about a row that is an event all the same. */
function oddities({ byShop, recordedAt, time }: RowReader): readonly IssueKind[] {
  return [
    ...(byShop ? (['actor_by_shop'] as const) : []),
    ...(recordedAt - time > HOUR ? (['late_rows'] as const) : []),
  ];
}

/** The filter is the last selected column; as in a WHERE, null is false. */
export const passes = (row: Row): boolean => Number(row[row.length - 1] ?? 0) !== 0;

const cancelled = (): EngineError =>
  new EngineError('E_CANCELLED', 'Cancelled.', { hint: 'Start it again when you want the answer.' });
