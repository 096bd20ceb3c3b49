import type { ColumnMemory } from '../../segment/column-memory.ts';
import type { KeptColumns, ScannedSlice } from '../../segment/event-rows.ts';
import { getString } from '../../segment/string-table.ts';
import type { TextInterner } from '../../segment/text-interner.ts';
import { countIssue, type IssueCounts, type IssueKind } from '../issues.ts';
import { hourStart } from '../parse-time.ts';
import { MetadataReader } from '../read-metadata.ts';
import { jsonText, readCell, readInt64, readMicros, readText } from './cells.ts';
import type { RowSink, Tuple } from './copy-rows.ts';
import { RECENT, RowCounts } from './row-counts.ts';
import { BY_SHOP, NO_OBJECT, type PropertyPlan, type RowPlan } from './scan-sql.ts';
import type { ServerEvents, ServerTime } from './server-events.ts';
import { SliceColumns } from './slice-columns.ts';

const HOUR = 3_600_000;
const SHOP_MARK = BY_SHOP.charCodeAt(0);
const NO_OBJECT_MARK = NO_OBJECT.charCodeAt(0);
const TOO_LARGE_MARK = 3;
const QUOTE = 34;
const BACKSLASH = 92;
const encoder = new TextEncoder();

export interface ServerScanInput {
  readonly events: ServerEvents;
  readonly plan: RowPlan;
  readonly kept: KeptColumns;
  readonly memory: ColumnMemory | null;
  readonly expected: number;
  readonly counting: boolean;
  /** ms; rows outside are passed over. */
  readonly fromTime: number;
  readonly toTime: number;
  readonly duplicates: ReadonlySet<number>;
  readonly check: (rowsRead: number) => void;
}

/** Turns the rows of one COPY into the columns of a slice, and judges and counts them as a file's are. */
export class ServerScan implements RowSink {
  readonly columns: SliceColumns;
  readonly counts: RowCounts | null;
  readonly issues: IssueCounts = new Map();
  rowsRead = 0;
  #hash = 0;
  readonly #input: ServerScanInput;
  readonly #plan: RowPlan;
  readonly #constant: Uint8Array | null;
  readonly #metadata: MetadataReader | null;
  readonly #properties: readonly PropertyPlan[];
  #hour = '';
  readonly #hourBytes = new Uint8Array(64);
  #hourLength = -1;
  #hourFrom = Number.NaN;
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
    this.columns = new SliceColumns(kept, input.expected, input.memory);
    this.counts = input.counting ? new RowCounts() : null;
    this.#constant = 'constant' in events.event ? encoder.encode(events.event.constant) : null;
    const keys = [...plan.properties, plan.actorProperty].flatMap((p) => (p?.kind === 'key' ? [p.key] : []));
    this.#metadata = keys.length === 0 ? null : new MetadataReader(keys);
    this.#keyAt = new Map(keys.map((key, i) => [key, i]));
  }
  readonly #keyAt: ReadonlyMap<string, number>;

  take(tuple: Tuple): void {
    const { plan, counts } = { plan: this.#plan, counts: this.counts };
    const seq = plan.seq < 0 ? this.rowsRead : readInt64(tuple, plan.seq);
    this.rowsRead++;
    const time = this.#readTime(tuple, this.#input.events.time, plan.time);
    this.#hash = (Math.imul(this.#hash, plan.seq < 0 ? 31 : 1) + mix(plan.seq < 0 ? time : seq)) | 0;
    const fault = this.#judge(tuple, time);
    if (plan.flags >= 0 && counts !== null) this.#countFlags(readInt64(tuple, plan.flags), fault);
    if (fault !== null) {
      if (counts !== null) this.#passOver(seq);
      return this.#fail(fault);
    }
    if (time < this.#input.fromTime || time >= this.#input.toTime) return;
    if (this.#input.duplicates.size > 0 && this.#input.duplicates.has(seq)) return this.#fail('duplicate_event_id');
    const recordedAt = this.#readRecordedAt(tuple);
    if (counts !== null) this.#count(tuple, counts, seq, time, recordedAt);
    this.#keep(tuple, seq, time, recordedAt);
  }

  skip(): void {
    this.rowsRead++;
    this.#fail('too_large');
  }

  check(): void {
    this.#input.check(this.rowsRead);
  }

  /** Of all rows read. */
  get hash(): string {
    return `${this.rowsRead}:${this.#hash >>> 0}`;
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

  finish(): { readonly slice: ScannedSlice; readonly seqs: Float64Array; readonly order: Uint32Array | null } {
    return this.columns.finish(() => this.check());
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
    const { event: eventAt, json } = this.#plan;
    const isBad = this.#metadata !== null && !this.#readMetadata(tuple, json);
    if (Number.isNaN(time)) return 'unreadable_time';
    const length = this.#constant === null ? (tuple.lengths[eventAt] ?? -1) : this.#constant.length;
    if (length <= 0) return 'missing_event';
    if (this.#constant === null && isTooLarge(tuple, eventAt)) return 'too_large';
    const start = tuple.starts[eventAt] ?? 0;
    this.#eventCode =
      this.#constant === null
        ? this.columns.events.add(tuple.bytes, start, start + length)
        : this.columns.events.add(this.#constant, 0, length);
    return this.#findActor(tuple, isBad);
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
    const value = this.#valueOf(tuple, plan);
    if (value === null || value === '') return isBad ? 'bad_metadata' : 'missing_actor';
    this.#setActor(value);
    return null;
  }

  #setActor(text: string): void {
    this.#actor = encoder.encode(text);
    this.#actorFrom = 0;
    this.#actorTo = this.#actor.length;
  }

  #readMetadata(tuple: Tuple, at: number): boolean {
    const length = tuple.lengths[at] ?? -1;
    if (length > 0) return this.#metadata?.read(readText(tuple, at)) ?? true;
    this.#metadata?.clear();
    return true;
  }

  #countFlags(flags: number, fault: IssueKind | null): void {
    const { issues } = this.counts ?? this;
    if ((flags & 1) !== 0) countIssue(issues, 'null_metadata_keys');
    if ((flags & 2) !== 0) countIssue(issues, 'non_ascii_text');
    if ((flags & 4) !== 0 && fault !== 'bad_metadata') countIssue(issues, 'bad_metadata');
  }

  #count(tuple: Tuple, counts: RowCounts, seq: number, time: number, recordedAt: number): void {
    const isLate = recordedAt - time > HOUR;
    if (this.#plan.hour >= 0 && !this.#isOwnHour(tuple, time)) {
      const oddities = [
        ...(this.#byShop ? (['actor_by_shop'] as const) : []),
        ...(isLate ? (['late_rows'] as const) : []),
      ];
      return counts.addMisKeyed({ hour: this.#hour, time, seq, row: this.columns.rows, oddities });
    }
    if (this.#byShop) countIssue(counts.issues, 'actor_by_shop');
    if (isLate) countIssue(counts.issues, 'late_rows');
    counts.add(time);
  }

  /** Rows of one hour mostly follow one another. */
  #isOwnHour(tuple: Tuple, time: number): boolean {
    const at = this.#plan.hour;
    const { bytes } = tuple;
    const start = tuple.starts[at] ?? 0;
    const length = tuple.lengths[at] ?? 0;
    let isSame = length === this.#hourLength;
    for (let i = length - 1; isSame && i >= 0; i--) isSame = bytes[start + i] === this.#hourBytes[i];
    if (!isSame) {
      this.#hour = readText(tuple, at);
      this.#hourFrom = hourStart(this.#hour);
      this.#hourLength = length <= this.#hourBytes.length ? length : -1;
      if (this.#hourLength > 0) this.#hourBytes.set(bytes.subarray(start, start + length));
    }
    return time >= this.#hourFrom && time < this.#hourFrom + HOUR;
  }

  #keep(tuple: Tuple, seq: number, time: number, recordedAt: number): void {
    const { columns } = this;
    const { kept } = this.#input;
    const at = columns.next(seq);
    const { chunk } = columns;
    if (kept.events) {
      chunk.actors[at] = columns.actors.add(this.#actor, this.#actorFrom, this.#actorTo);
      chunk.times[at] = time;
      chunk.types[at] = this.#eventCode;
    }
    if (kept.recordedAt) chunk.recordedAt[at] = recordedAt;
    for (let p = 0; p < this.#properties.length; p++) {
      const plan = this.#properties[p];
      const codes = chunk.properties[p];
      const values = columns.values[p];
      if (plan !== undefined && codes !== undefined && values !== undefined)
        codes[at] = this.#codeOf(tuple, plan, values);
    }
  }

  /** 0 = not set. */
  #codeOf(tuple: Tuple, plan: PropertyPlan, values: TextInterner): number {
    const { bytes, starts, lengths } = tuple;
    if (plan.kind === 'json' || (plan.kind === 'column' && plan.cell === 'text')) {
      const length = lengths[plan.at] ?? -1;
      if (length < 0) return 0;
      let from = starts[plan.at] ?? 0;
      let to = from + length;
      const isPlain = plan.kind === 'column' || isPlainString(bytes, from + 1, to);
      if (plan.kind === 'json') [from, to] = [from + 2, to - 1];
      if (isPlain) {
        if (to - from !== 1 || bytes[from] !== TOO_LARGE_MARK) return values.add(bytes, from, to) + 1;
        this.#fail('too_large');
        return 0;
      }
    }
    const value = this.#valueOf(tuple, plan);
    if (value === null) return 0;
    const text = encoder.encode(value);
    return values.add(text, 0, text.length) + 1;
  }

  #valueOf(tuple: Tuple, plan: PropertyPlan): string | null {
    switch (plan.kind) {
      case 'none':
        return null;
      case 'key':
        return this.#metadata?.values[this.#keyAt.get(plan.key) ?? -1] ?? null;
      case 'event':
        return this.#eventName();
      case 'actor':
        return new TextDecoder('utf-8', { ignoreBOM: true }).decode(
          this.#actor.subarray(this.#actorFrom, this.#actorTo),
        );
      case 'column': {
        const cell = readCell(tuple, plan.at, plan.cell);
        return cell === null ? null : this.#orTooLarge(String(cell));
      }
      case 'json': {
        if ((tuple.lengths[plan.at] ?? -1) < 0) return null;
        const text = jsonText(readText(tuple, plan.at).slice(1));
        return text === null ? null : this.#orTooLarge(text);
      }
    }
  }

  #orTooLarge(text: string): string | null {
    if (text !== '\u0003') return text;
    this.#fail('too_large');
    return null;
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

const isTooLarge = ({ bytes, starts, lengths }: Tuple, at: number): boolean =>
  lengths[at] === 1 && bytes[starts[at] ?? 0] === TOO_LARGE_MARK;

/** A JSON string without escapes, quotes included. */
function isPlainString(bytes: Uint8Array, from: number, to: number): boolean {
  if (bytes[from] !== QUOTE) return false;
  for (let i = from + 1; i < to - 1; i++) if (bytes[i] === BACKSLASH) return false;
  return true;
}

/** Spreads numbers over 32 bits. */
function mix(value: number): number {
  const high = Math.floor(value / 4_294_967_296) | 0;
  const mixed = Math.imul((value | 0) ^ Math.imul(high, 0x9e37_79b1), 0x2c1b_3c6d);
  return mixed ^ (mixed >>> 15);
}
