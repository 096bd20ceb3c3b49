import type { Partition } from '../../../protocol/index.ts';
import { countIssue, type IssueCounts, type IssueKind } from '../issues.ts';
import { hourOf, hourStart } from '../parse-time.ts';
import { NO_EVENT, type CountedPart, type Stray } from '../partition-pass.ts';

const HOUR = 3_600_000;

/** What one piece of a server's table adds: what one of a file does, and what freezes it. */
export interface ServerPart extends CountedPart {
  /** Its events (from 0, ascending) that repeat one under its own hour. */
  readonly copies: readonly number[];
  /** Its last arrival numbers, ascending. */
  readonly recent: readonly number[];
  /** See `ServerSlice`. */
  readonly hash: string;
}
/** An event under another hour than its own, before it is known whether it is a copy. */
export interface MisKeyed {
  readonly hour: string;
  readonly time: number;
  readonly seq: number;
  /** Which event of the piece it is, as they came; `NO_EVENT`: see `Stray`. */
  readonly row: number;
  readonly oddities: readonly IssueKind[];
}
type OpenPartition = { -readonly [K in keyof Partition]: Partition[K] };

/** Counts the rows of a piece as they come. */
export class RowCounts {
  readonly issues: IssueCounts = new Map();
  readonly owners = new Map<string, string | null>();
  readonly misKeyed: MisKeyed[] = [];
  readonly #partitions = new Map<number, OpenPartition>();
  #open: OpenPartition = { hour: '', rows: 0, firstTime: 0, lastTime: 0 };
  #openFrom = Number.NaN;
  #guardHours = 0;
  #keysReadable = true;

  add(time: number): void {
    if (!(time >= this.#openFrom && time < this.#openFrom + HOUR)) this.#openPartition(time);
    const open = this.#open;
    open.rows++;
    if (time < open.firstTime) open.firstTime = time;
    if (time > open.lastTime) open.lastTime = time;
  }

  /** Rows of one hour that were counted elsewhere. */
  addHour({ rows, firstTime, lastTime }: Pick<Partition, 'rows' | 'firstTime' | 'lastTime'>): void {
    this.#openPartition(firstTime);
    const open = this.#open;
    open.rows += rows;
    open.firstTime = Math.min(open.firstTime, firstTime);
    open.lastTime = Math.max(open.lastTime, lastTime);
  }

  /** Counts only as mis-keyed for now: `close` is told what it is. */
  addMisKeyed(event: MisKeyed): void {
    if (event.row !== NO_EVENT) countIssue(this.issues, 'mis_keyed_hour');
    const start = hourStart(event.hour);
    if (Number.isNaN(start)) this.#keysReadable = false;
    else this.#guardHours = Math.max(this.#guardHours, Math.abs(Math.floor(event.time / HOUR) - start / HOUR));
    this.misKeyed.push(event);
  }

  /** `twins`: mis-keyed events (in order of arrival, with their place then) and whether each is there under its own hour. */
  close(
    twins: readonly { readonly event: MisKeyed; readonly id: string; readonly hasTwin: boolean }[],
    { recent, hash }: Pick<ServerPart, 'recent' | 'hash'>,
  ): ServerPart {
    const strays = new Map<string, Stray>();
    const copies: number[] = [];
    const duplicates: number[] = [];
    for (const { event, id, hasTwin } of twins) {
      const name = `${event.time} ${id}`;
      const isEvent = event.row !== NO_EVENT;
      if (hasTwin || strays.has(name)) {
        duplicates.push(event.seq);
        if (!isEvent) continue;
        countIssue(this.issues, 'duplicate_event_id');
        copies.push(event.row);
        continue;
      }
      for (const kind of event.oddities) countIssue(this.issues, kind);
      if (isEvent) this.add(event.time);
      strays.set(name, { id, time: event.time, seq: event.seq, row: event.row, counted: event.oddities });
    }
    return {
      partitions: [...this.#partitions.values()],
      issues: [...this.issues],
      duplicates,
      owners: [...this.owners],
      strays: [...strays.values()],
      guardHours: this.#guardHours,
      keysReadable: this.#keysReadable,
      copies,
      recent,
      hash,
    };
  }

  #openPartition(time: number): void {
    const index = Math.floor(time / HOUR);
    this.#openFrom = index * HOUR;
    const known = this.#partitions.get(index);
    if (known !== undefined) {
      this.#open = known;
      return;
    }
    this.#open = { hour: hourOf(this.#openFrom), rows: 0, firstTime: time, lastTime: time };
    this.#partitions.set(index, this.#open);
  }
}
