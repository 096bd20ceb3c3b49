import type { ColumnMemory } from '../../segment/column-memory.ts';
import type { KeptColumns } from '../../segment/event-rows.ts';
import { getString } from '../../segment/string-table.ts';
import { countIssue, type IssueCounts, type IssueKind } from '../issues.ts';
import { readCell, readInt32, readInt64, readMicros, readText } from './cells.ts';
import type { RowSink, Tuple } from './copy-rows.ts';
import { NO_EVENT } from '../partition-pass.ts';
import { HourCells, type MisKeyedHours } from './hour-keys.ts';
import { RECENT } from './find-gaps.ts';
import { RowCounts } from './row-counts.ts';
import { isTooLarge, RowValues } from './row-values.ts';
import { BY_SHOP, NO_OBJECT, type PropertyPlan, type RowPlan } from './scan-sql.ts';
import type { ServerEvents, ServerTime } from './server-events.ts';
import { KernelColumns } from './kernel-columns.ts';
import type { FinishedColumns, RowColumns } from './row-columns.ts';
import { SliceColumns } from './slice-columns.ts';
import { isForKernel } from './write-copy-plan.ts';

const HOUR = 3_600_000;
const SHOP_MARK = BY_SHOP.charCodeAt(0);
const NO_OBJECT_MARK = NO_OBJECT.charCodeAt(0);
const encoder = new TextEncoder();

export interface ServerScanInput {
  readonly events: ServerEvents;
  readonly plan: RowPlan;
  readonly kept: KeptColumns;
  readonly memory: ColumnMemory | null;
  /** Rows may be taken by a kernel, where they are of a form that it knows. */
  readonly hasKernel?: boolean;
  readonly expected: number;
  readonly counting: boolean;
  /** ms; rows outside are passed over. */
  readonly fromTime: number;
  readonly toTime: number;
  readonly duplicates: ReadonlySet<number>;
  /** Where rows do not send their hour; null = they do, where it is asked for. */
  readonly misKeyed: MisKeyedHours | null;
  readonly check: (rowsRead: number) => void;
}

/** Turns the rows of one COPY into the columns of a slice, and judges and counts them as a file's are. */
export class ServerScan implements RowSink {
  readonly columns: RowColumns;
  readonly blocks: KernelColumns | null;
  readonly counts: RowCounts | null;
  readonly issues: IssueCounts = new Map();
  /** But for those that a kernel took. */
  #rowsTaken = 0;
  #hash = 0;
  readonly #input: ServerScanInput;
  readonly #plan: RowPlan;
  readonly #constant: Uint8Array | null;
  readonly #values: RowValues;
  readonly #properties: readonly PropertyPlan[];
  readonly #hours = new HourCells();
  /** Codes of event names by what the server sends for them. */
  readonly #eventCodes = new Map<number, number>();
  /** Of the present row. */
  #actor: Uint8Array = encoder.encode('');
  #actorFrom = 0;
  #actorTo = 0;
  #byShop = false;
  #eventCode = 0;

  constructor(input: ServerScanInput) {
    const { events, plan, kept } = input;
    this.#input = input;
    this.#plan = plan;
    this.#properties = plan.properties;
    this.blocks = this.#kernelColumns();
    this.columns = this.blocks ?? new SliceColumns(kept, input.expected, input.memory);
    this.counts = input.counting ? new RowCounts() : null;
    this.#constant = 'constant' in events.event ? encoder.encode(events.event.constant) : null;
    const names = {
      event: (): string => this.#eventName(),
      actor: (): Uint8Array => this.#actor.subarray(this.#actorFrom, this.#actorTo),
    };
    this.#values = new RowValues(plan, names, () => this.#fail('too_large'));
  }

  take(tuple: Tuple): void {
    const plan = this.#plan;
    const counts = this.counts;
    const seq = plan.seq < 0 ? this.#rowsTaken : readInt64(tuple, plan.seq);
    this.#rowsTaken++;
    const time = this.#readTime(tuple, this.#input.events.time, plan.time);
    this.#hash = (Math.imul(this.#hash, plan.seq < 0 ? 31 : 1) + mix(plan.seq < 0 ? time : seq)) | 0;
    const fault = this.#judge(tuple, time);
    if (plan.flags >= 0 && counts !== null) this.#countFlags(readInt64(tuple, plan.flags), fault);
    if (fault !== null) {
      if (counts !== null) this.#passOver(seq);
      if (counts !== null && fault === 'missing_actor') this.#countActorless(tuple, counts, seq, time);
      return this.#fail(fault);
    }
    if (time < this.#input.fromTime || time >= this.#input.toTime) return;
    if (this.#input.duplicates.size > 0 && this.#input.duplicates.has(seq)) return this.#fail('duplicate_event_id');
    const recordedAt = this.#readRecordedAt(tuple);
    if (counts !== null) this.#count(tuple, counts, seq, time, recordedAt);
    this.#keep(tuple, seq, time, recordedAt);
  }

  skip(): void {
    this.#rowsTaken++;
    this.#fail('too_large');
  }

  check(): void {
    this.#input.check(this.rowsRead);
  }

  moved(): void {
    this.columns.moved?.();
  }

  get rowsRead(): number {
    return this.#rowsTaken + (this.blocks?.rowsTaken ?? 0);
  }

  /** Of all rows read. */
  get hash(): string {
    return `${this.rowsRead}:${(this.#hash + (this.blocks?.hash ?? 0)) >>> 0}`;
  }

  /** The last arrival numbers of rows that are no events, and some more. */
  get passedOver(): readonly number[] {
    return this.#passedOver;
  }
  #passedOver: number[] = [];

  #passOver(seq: number): void {
    this.#passedOver.push(seq);
    if (this.#passedOver.length > 4 * RECENT)
      this.#passedOver = this.#passedOver.toSorted((a, b) => a - b).slice(-RECENT);
  }

  /** Throws PagesUnusable where a kernel cannot keep what it read. */
  finish(): FinishedColumns {
    const { blocks, counts } = this;
    if (blocks !== null && counts !== null) {
      for (const hour of blocks.hours()) counts.addHour(hour);
      countIssue(counts.issues, 'late_rows', blocks.late);
    }
    return this.columns.finish(() => this.check());
  }

  #kernelColumns(): KernelColumns | null {
    const { events, memory, misKeyed, duplicates, hasKernel } = this.#input;
    if (memory === null || hasKernel !== true || !isForKernel(events, this.#plan)) return null;
    const suspects = [...duplicates, ...(misKeyed?.keys() ?? [])];
    return new KernelColumns({ ...this.#input, memory, suspects });
  }

  #fail(kind: IssueKind): void {
    countIssue(this.issues, kind);
    if (this.counts !== null) countIssue(this.counts.issues, kind);
  }

  #readTime(tuple: Tuple, { kind, read }: ServerTime, at: number): number {
    if ((tuple.lengths[at] ?? -1) < 0) return Number.NaN;
    return kind === 'micros' ? readMicros(tuple, at) : read(readCell(tuple, at, kind));
  }

  #readRecordedAt(tuple: Tuple): number {
    const { recordedAt } = this.#input.events;
    return recordedAt === null || this.#plan.recordedAt < 0
      ? Number.NaN
      : this.#readTime(tuple, recordedAt, this.#plan.recordedAt);
  }

  /** Null when the row is an event. */
  #judge(tuple: Tuple, time: number): IssueKind | null {
    const isBad = !this.#values.read(tuple);
    if (Number.isNaN(time)) return 'unreadable_time';
    const fault = this.#findEvent(tuple);
    if (fault !== null) return fault;
    this.columns.learnEvent?.(tuple, this.#plan.event, this.#eventCode);
    return this.#findActor(tuple, isBad);
  }

  #findEvent(tuple: Tuple): IssueKind | null {
    const { event: at, eventCodes } = this.#plan;
    const { events } = this.columns;
    if (this.#constant !== null) {
      if (this.#constant.length === 0) return 'missing_event';
      this.#eventCode = events.add(this.#constant, 0, this.#constant.length);
      return null;
    }
    const length = tuple.lengths[at] ?? -1;
    if (length <= 0) return 'missing_event';
    const start = tuple.starts[at] ?? 0;
    if (eventCodes === null) {
      if (isTooLarge(tuple, at)) return 'too_large';
      this.#eventCode = events.add(tuple.bytes, start, start + length);
      return null;
    }
    const sent = readInt32(tuple, at);
    const known = this.#eventCodes.get(sent);
    if (known !== undefined) {
      this.#eventCode = known;
      return null;
    }
    const label = eventCodes.get(sent);
    if (label === undefined) throw new Error('the server sent a label that it did not name');
    return this.#addLabel(sent, encoder.encode(label));
  }

  #addLabel(sent: number, label: Uint8Array): IssueKind | null {
    if (label.length === 0) return 'missing_event';
    this.#eventCode = this.columns.events.add(label, 0, label.length);
    this.#eventCodes.set(sent, this.#eventCode);
    return null;
  }

  #findActor(tuple: Tuple, isBad: boolean): IssueKind | null {
    const { actor: at, actorProperty } = this.#plan;
    this.#byShop = false;
    if (actorProperty !== null) return this.#actorOfProperty(tuple, actorProperty, isBad);
    const length = tuple.lengths[at] ?? -1;
    const start = tuple.starts[at] ?? 0;
    if (length <= 0) return 'missing_actor';
    this.#actor = tuple.bytes;
    this.#actorFrom = start;
    this.#actorTo = start + length;
    if (isTooLarge(tuple, at)) return 'too_large';
    if (this.#input.events.actor !== 'metadata') return null;
    const first = tuple.bytes[start];
    if (first === NO_OBJECT_MARK && length === 1) return 'bad_metadata';
    return first === SHOP_MARK ? this.#actorOfShop(tuple, at) : null;
  }

  /** Mark, shop, mark, user. */
  #actorOfShop(tuple: Tuple, at: number): IssueKind | null {
    const [, shop = '', user = ''] = readText(tuple, at).split(BY_SHOP);
    this.counts?.owners.set(shop, user === '' ? null : user);
    if (user === '') return 'missing_actor';
    this.#setActor(user);
    this.#byShop = true;
    return null;
  }

  #actorOfProperty(tuple: Tuple, plan: PropertyPlan, isBad: boolean): IssueKind | null {
    const value = this.#values.valueOf(tuple, plan);
    if (value === null || value === '') return isBad ? 'bad_metadata' : 'missing_actor';
    this.#setActor(value);
    return null;
  }

  #setActor(text: string): void {
    this.#actor = encoder.encode(text);
    this.#actorFrom = 0;
    this.#actorTo = this.#actor.length;
  }

  #countFlags(flags: number, fault: IssueKind | null): void {
    const { issues } = this.counts ?? this;
    if ((flags & 1) !== 0) countIssue(issues, 'null_metadata_keys');
    if ((flags & 2) !== 0) countIssue(issues, 'non_ascii_text');
    if ((flags & 4) !== 0 && fault !== 'bad_metadata') countIssue(issues, 'bad_metadata');
  }

  #count(tuple: Tuple, counts: RowCounts, seq: number, time: number, recordedAt: number): void {
    const isLate = recordedAt - time > HOUR;
    const hour = this.#otherHour(tuple, seq, time);
    if (hour !== null) {
      const oddities = [
        ...(this.#byShop ? (['actor_by_shop'] as const) : []),
        ...(isLate ? (['late_rows'] as const) : []),
      ];
      return counts.addMisKeyed({ hour, time, seq, row: this.columns.rows, oddities });
    }
    if (this.#byShop) countIssue(counts.issues, 'actor_by_shop');
    if (isLate) countIssue(counts.issues, 'late_rows');
    counts.add(time);
  }

  /** Under two hours it is one event all the same, for who asks with another actor. */
  #countActorless(tuple: Tuple, counts: RowCounts, seq: number, time: number): void {
    const hour = this.#otherHour(tuple, seq, time);
    if (hour !== null) counts.addMisKeyed({ hour, time, seq, row: NO_EVENT, oddities: [] });
  }

  /** The hour that a row is under, where it is not its own. */
  #otherHour(tuple: Tuple, seq: number, time: number): string | null {
    const { misKeyed } = this.#input;
    if (misKeyed !== null) return misKeyed.size === 0 ? null : (misKeyed.get(seq) ?? null);
    return this.#plan.hour < 0 ? null : this.#hours.getOther(tuple, this.#plan.hour, time);
  }

  #keep(tuple: Tuple, seq: number, time: number, recordedAt: number): void {
    const { columns } = this;
    columns.open(seq);
    for (let p = 0; p < this.#properties.length; p++) {
      const plan = this.#properties[p];
      if (plan !== undefined) this.#values.putInto(columns, p, tuple, plan);
    }
    columns.close({
      seq,
      time,
      recordedAt,
      event: this.#eventCode,
      bytes: this.#actor,
      from: this.#actorFrom,
      to: this.#actorTo,
    });
  }

  #eventName(): string {
    const known = this.#eventNames[this.#eventCode];
    if (known !== undefined) return known;
    const table = this.columns.events.toTable();
    this.#eventNames = Array.from({ length: table.length }, (_, i) => getString(table, i));
    return this.#eventNames[this.#eventCode] ?? '';
  }
  #eventNames: readonly string[] = [];
}

/** Spreads numbers over 32 bits. */
function mix(value: number): number {
  const high = Math.floor(value / 4_294_967_296) | 0;
  const mixed = Math.imul((value | 0) ^ Math.imul(high, 0x9e37_79b1), 0x2c1b_3c6d);
  return mixed ^ (mixed >>> 15);
}
