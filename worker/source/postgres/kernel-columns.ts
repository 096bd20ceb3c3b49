import { allocate, viewU8, type ColumnMemory } from '../../segment/column-memory.ts';
import { sharedF64, type KeptColumns } from '../../segment/event-rows.ts';
import { EMPTY_TABLE } from '../../segment/string-table.ts';
import { TextInterner } from '../../segment/text-interner.ts';
import { closeChunk, openChunk, type OpenChunk } from '../pages/chunk-columns.ts';
import { COLUMN_BYTES, DictionaryColumn } from '../pages/dictionary-column.ts';
import { PagesUnusable } from '../pages/pages-unusable.ts';
import { AT, GROUP_ROWS, NO_VALUE, Parts, STATE_BYTES, STOP, Words } from '../pages/reader-state.ts';
import { HOUR_BYTES } from '../pages/write-plan.ts';
import { COPY, COPY_BYTES, copyKernel, MAX_NAME, type CopyKernel } from './copy-kernel.ts';
import type { RowBlocks, Tuple } from './copy-rows.ts';
import { finishColumns } from './finish-columns.ts';
import type { EventRow, FinishedColumns, RowColumns } from './row-columns.ts';
import type { RowPlan } from './scan-sql.ts';
import { writeCopyPlan, type KernelRows } from './write-copy-plan.ts';

export interface KernelColumnsOptions extends KernelRows {
  readonly memory: ColumnMemory;
  readonly kept: KeptColumns;
  readonly plan: RowPlan;
  /** Rows, about. */
  readonly expected: number;
}
/** Events of one hour of event time. */
export interface HourRows {
  readonly rows: number;
  readonly firstTime: number;
  readonly lastTime: number;
}

/** Stays in a core's cache until it is parsed. */
const ROOM_BYTES = 1 << 18;
/** The kernel loads 8 bytes at once. */
const PADDING = 64;
const FIRST_TEXTS = 4_096;
/** Keys of the kernel have 24 bits for the length. */
const MAX_STRING = 0xff_ffff;

/** Columns that a kernel writes out of the bytes of a COPY; rows that it leaves are put like those of `SliceColumns`. */
export class KernelColumns implements RowColumns, RowBlocks {
  readonly events = new TextInterner();
  readonly room: Uint8Array;
  readonly #options: KernelColumnsOptions;
  readonly #kernel: CopyKernel;
  readonly #state: Words;
  readonly #copy: Words;
  readonly #slots: Uint32Array;
  readonly #columns: readonly DictionaryColumn[];
  readonly #closed: (readonly [chunk: OpenChunk, rows: number, seqs: Float64Array])[] = [];
  #chunk: OpenChunk;
  #seqs: Float64Array;
  #rowsBefore = 0;
  /** Texts of a row that the kernel left. */
  #texts: Uint8Array;
  #textsEnd = 0;
  #hasLongText = false;

  constructor(options: KernelColumnsOptions) {
    const { memory, kept, plan, expected } = options;
    this.#options = options;
    this.#kernel = copyKernel.on(memory);
    const parts = new Parts(memory);
    this.#state = new Words(memory, parts.take(STATE_BYTES), STATE_BYTES);
    this.#copy = new Words(memory, parts.take(COPY_BYTES), COPY_BYTES);
    this.room = viewU8(memory, allocate(memory, ROOM_BYTES + PADDING), ROOM_BYTES);
    const slots = 1 + plan.properties.length;
    this.#slots = new Uint32Array(memory.buffer, parts.take(8 * slots), 2 * slots);
    this.#texts = viewU8(memory, parts.take(FIRST_TEXTS), FIRST_TEXTS);
    const sources = [
      ...(kept.events ? [{ source: 0, firstCode: 0, slots: guessSlots(expected) } as const] : []),
      ...plan.properties.map((_, p) => ({ source: p + 1, firstCode: 1, slots: FEWEST_SLOTS }) as const),
    ];
    const columnsAt = parts.take(COLUMN_BYTES * sources.length);
    this.#columns = sources.map((s, i) => new DictionaryColumn(memory, parts, columnsAt + COLUMN_BYTES * i, s));
    this.#state.set(AT.values, this.#slots.byteOffset);
    this.#state.set(AT.columns, columnsAt);
    this.#state.set(AT.columnCount, sources.length);
    writeCopyPlan(parts, { state: this.#state, copy: this.#copy }, plan, options);
    [this.#chunk, this.#seqs] = this.#startChunk();
  }

  get rows(): number {
    return this.#rowsBefore + this.#state.get(AT.rows);
  }

  /** Rows that the kernel took, events or not asked for. */
  get rowsTaken(): number {
    return this.#state.get(AT.rowsRead);
  }

  /** Of those, as `ServerScan` sums it up. */
  get hash(): number {
    return this.#copy.get(COPY.hash);
  }

  /** Of those, events recorded late. */
  get late(): number {
    return this.#state.get(AT.late);
  }

  *hours(): Generator<HourRows, void> {
    const slots = this.#state.get(AT.hoursMask) + 1;
    const words = new Words(this.#options.memory, this.#state.get(AT.hours), HOUR_BYTES * slots);
    for (let entry = 0; entry < HOUR_BYTES * slots; entry += HOUR_BYTES)
      if (words.get(entry) !== 0)
        yield {
          rows: words.get(entry + 4),
          firstTime: words.getFloat(entry + 8),
          lastTime: words.getFloat(entry + 16),
        };
  }

  takeMessages(from: number, to: number): number {
    const copy = this.#copy;
    const start = this.room.byteOffset;
    copy.set(COPY.at, start + from);
    copy.set(COPY.end, start + to);
    for (;;) {
      const stop = this.#kernel.parse(this.#state.at, copy.at);
      if (stop === STOP.done || stop === STOP.oddRow) return copy.get(COPY.at) - start;
      if (stop === STOP.chunkFull) this.#nextChunk();
      else if (stop === STOP.dictionaryFull) this.#flush();
      else this.#growHours();
    }
  }

  /** Long texts of an open group lie in the room. */
  moved(): void {
    this.#flush();
  }

  open(): void {
    if (this.#state.get(AT.rows) === this.#state.get(AT.capacity)) this.#nextChunk();
    if (this.#state.get(AT.rows) - this.#state.get(AT.groupStart) === GROUP_ROWS) this.#flush();
    this.#textsEnd = 0;
    for (let slot = 0; slot < this.#slots.length; slot += 2) this.#slots[slot + 1] = NO_VALUE;
  }

  putValue(property: number, bytes: Uint8Array, from: number, to: number): void {
    this.#putText(1 + property, bytes, from, to);
  }

  close({ seq, time, recordedAt, event, bytes, from, to }: EventRow): void {
    this.#putText(0, bytes, from, to);
    this.#kernel.putOddRow(this.#state.at, this.#copy.at, seq, time, recordedAt, event);
    // The texts of the next one lie over those of this one.
    this.#flush();
  }

  learnEvent({ bytes, starts, lengths }: Tuple, at: number, code: number): void {
    if (at < 0) return this.#copy.set(COPY.eventCode, code);
    const start = starts[at] ?? 0;
    const length = lengths[at] ?? 0;
    if (length > MAX_NAME) return;
    this.#texts.set(bytes.subarray(start, start + length));
    this.#kernel.learnEvent(this.#copy.at, this.#texts.byteOffset, length, code);
  }

  finish(check: () => void): FinishedColumns {
    this.#flush();
    if (this.#hasLongText) throw new PagesUnusable('a text is very long');
    const { memory, kept } = this.#options;
    const chunks = [...this.#closed, this.#close()].filter(([, rows]) => rows > 0);
    const tables = this.#columns.map((column) => column.finish(this.#kernel));
    return finishColumns(
      {
        memory,
        kept,
        chunks: chunks.map(([chunk, rows]) => closeChunk(chunk, rows)),
        actorIds: (kept.events ? tables[0] : undefined) ?? EMPTY_TABLE,
        propertyValues: kept.events ? tables.slice(1) : tables,
        events: this.events,
        seqs: join(chunks.map(([, rows, seqs]) => seqs.subarray(0, rows))),
        isAscending: this.#copy.get(COPY.unordered) === 0,
      },
      check,
    );
  }

  #putText(slot: number, bytes: Uint8Array, from: number, to: number): void {
    const length = to - from;
    if (length > MAX_STRING) this.#hasLongText = true;
    const kept = Math.min(length, MAX_STRING);
    if (this.#textsEnd + kept + PADDING > this.#texts.length) {
      // Those before stay where they are.
      const size = 2 * (kept + PADDING);
      this.#texts = viewU8(this.#options.memory, allocate(this.#options.memory, size), size);
      this.#textsEnd = 0;
    }
    this.#texts.set(bytes.subarray(from, from + kept), this.#textsEnd);
    this.#slots[2 * slot] = this.#texts.byteOffset + this.#textsEnd;
    this.#slots[2 * slot + 1] = kept;
    this.#textsEnd += kept + PADDING;
  }

  #close(): readonly [OpenChunk, number, Float64Array] {
    return [this.#chunk, this.#state.get(AT.rows), this.#seqs];
  }

  #nextChunk(): void {
    this.#flush();
    this.#closed.push(this.#close());
    this.#rowsBefore += this.#state.get(AT.rows);
    [this.#chunk, this.#seqs] = this.#startChunk();
  }

  #startChunk(): [OpenChunk, Float64Array] {
    const { kept, memory, expected } = this.#options;
    const left = expected - this.#rowsBefore;
    const chunk = openChunk(kept, left > 0 ? left : Number.POSITIVE_INFINITY, memory);
    const seqs = sharedF64(chunk.capacity, memory);
    const codes = [...(kept.events ? [chunk.actors] : []), ...chunk.properties];
    this.#columns.forEach((column, i) => column.writeTo(codes[i] ?? new Uint32Array()));
    const state = this.#state;
    state.set(AT.rows, 0);
    state.set(AT.groupStart, 0);
    state.set(AT.capacity, chunk.capacity);
    state.set(AT.times, kept.events ? chunk.times.byteOffset : 0);
    state.set(AT.recordedAt, kept.recordedAt ? chunk.recordedAt.byteOffset : 0);
    this.#copy.set(COPY.types, kept.events ? chunk.types.byteOffset : 0);
    this.#copy.set(COPY.seqs, seqs.byteOffset);
    return [chunk, seqs];
  }

  #flush(): void {
    while (this.#kernel.flush(this.#state.at) !== STOP.done) {
      // Fewer rows may have been expected than come.
      const read = Math.min(1, Math.max(1, this.rows) / Math.max(1, this.#options.expected));
      for (const column of this.#columns) column.makeRoom(this.#kernel, read);
    }
  }

  #growHours(): void {
    const slots = 4 * (this.#state.get(AT.hoursMask) + 1);
    this.#kernel.moveHours(this.#state.at, allocate(this.#options.memory, slots * HOUR_BYTES), slots - 1);
  }
}

function join(lists: readonly Float64Array[]): Float64Array {
  const joined = new Float64Array(lists.reduce((sum, list) => sum + list.length, 0));
  let at = 0;
  for (const list of lists) {
    joined.set(list, at);
    at += list.length;
  }
  return joined;
}

/** For the actors of so many events, before they are known. */
const guessSlots = (events: number): number =>
  Math.min(MOST_SLOTS, Math.max(FEWEST_SLOTS, 2 ** Math.floor(Math.log2(Math.max(1, events) / EVENTS_PER_SLOT))));
const EVENTS_PER_SLOT = 4;
const FEWEST_SLOTS = 2_048;
const MOST_SLOTS = 1 << 21;
