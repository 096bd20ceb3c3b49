import { allocate, viewU8, type ColumnMemory } from '../../segment/column-memory.ts';
import type { ScannedChunk, ScannedSlice } from '../../segment/event-rows.ts';
import { getString } from '../../segment/string-table.ts';
import type { SliceRequest } from '../event-source.ts';
import { closeChunk, joinLandmarks, openChunk, type OpenChunk } from './chunk-columns.ts';
import { COLUMN_BYTES, DictionaryColumn } from './dictionary-column.ts';
import type { LeafPages, PageRun } from './leaf-pages.ts';
import { readPages, type PageFile } from './page-file.ts';
import { ACTOR_SLOT, EVENT_SLOT, type PagePlan } from './page-plan.ts';
import { pagesKernel, type PagesKernel } from './pages-kernel.ts';
import { PagesUnusable } from './pages-unusable.ts';
import { AT, GROUP_ROWS, Parts, STATE_BYTES, STOP, Words } from './reader-state.ts';
import { ValueSlots, type OddEvent } from './value-slots.ts';
import { HOUR_BYTES, writePlan } from './write-plan.ts';

/** Events of one hour of event time. */
export interface HourCount {
  readonly rows: number;
  readonly firstTime: number;
  readonly lastTime: number;
}
export interface PageReaderOptions {
  readonly memory: ColumnMemory;
  readonly file: PageFile;
  readonly plan: PagePlan;
  readonly request: SliceRequest;
  readonly leaves: LeafPages;
  /** Rowids, inclusive. */
  readonly fromRow: number;
  readonly toRow: number;
  readonly estimatedRows: number;
  /** Largest run that will be read, bytes. */
  readonly maxRun: number;
  /**
   * The event of a row that is not for the kernel, or null when it is none. `record` = its bytes where they lie in one
   * page, `row` = how many events came before.
   */
  readonly readOdd: (rowid: number, record: Uint8Array | null, row: number) => OddEvent | null;
}

/** SIMD loads of the kernel go this far behind a page. */
const BUFFER_PADDING = 64;

/** Drives the kernel over runs of leaf pages: chunks and dictionaries grow here, odd rows are fetched. */
export class PageReader {
  readonly #options: PageReaderOptions;
  readonly #kernel: PagesKernel;
  readonly #state: Words;
  readonly #buffer: Uint8Array;
  readonly #leafAt: Uint32Array;
  readonly #leafUpper: Float64Array;
  readonly #values: ValueSlots;
  readonly #columns: readonly DictionaryColumn[];
  readonly #closed: [OpenChunk, number][] = [];
  #chunk: OpenChunk;
  #rowsBefore = 0;
  /** With those of the present run. */
  #leavesRead = 0;
  #odd = 0;

  constructor(options: PageReaderOptions) {
    const { memory, plan, request, maxRun, file } = options;
    this.#options = options;
    this.#kernel = pagesKernel.on(memory);
    const parts = new Parts(memory);
    this.#state = new Words(memory, parts.take(STATE_BYTES), STATE_BYTES);
    this.#buffer = viewU8(memory, allocate(memory, maxRun + BUFFER_PADDING), maxRun);
    const perRun = Math.ceil(maxRun / file.pageSize);
    this.#leafAt = new Uint32Array(memory.buffer, parts.take(4 * perRun), perRun);
    this.#leafUpper = new Float64Array(memory.buffer, parts.take(8 * perRun), perRun);
    this.#values = new ValueSlots(memory, parts, plan);
    const sources = [
      ...(request.kept.events
        ? [
            { source: ACTOR_SLOT, firstCode: 0, slots: guessSlots(options.estimatedRows) } as const,
            { source: EVENT_SLOT, firstCode: 0, slots: 2_048 } as const,
          ]
        : []),
      ...plan.propertySlots.map((source) => ({ source, firstCode: 1, slots: 2_048 }) as const),
    ];
    const columnsAt = parts.take(COLUMN_BYTES * sources.length);
    this.#columns = sources.map((s, i) => new DictionaryColumn(memory, parts, columnsAt + COLUMN_BYTES * i, s));
    writePlan(memory, parts, this.#state, plan);
    this.#prepare(columnsAt);
    this.#chunk = this.#startChunk();
  }

  get rowsRead(): number {
    return this.#state.get(AT.rowsRead);
  }

  /** Events so far. */
  get rows(): number {
    return this.#rowsBefore + this.#state.get(AT.rows);
  }

  /** Rows that SQLite had to fetch. */
  get oddRows(): number {
    return this.#odd;
  }

  /** Rows (of those the kernel took or skipped itself) with something to count. */
  get counts(): {
    readonly nonAscii: number;
    readonly nullKeys: number;
    readonly late: number;
    readonly actorless: number;
  } {
    const s = this.#state;
    return {
      nonAscii: s.get(AT.nonAscii),
      nullKeys: s.get(AT.nullKeys),
      late: s.get(AT.late),
      actorless: s.get(AT.actorless),
    };
  }

  /** Of the events that the kernel took itself. */
  *hours(): Generator<HourCount, void> {
    const { memory } = this.#options;
    const slots = this.#state.get(AT.hoursMask) + 1;
    const at = this.#state.get(AT.hours);
    const words = new Words(memory, at, HOUR_BYTES * slots);
    for (let slot = 0; slot < slots; slot++) {
      const entry = HOUR_BYTES * slot;
      if (words.get(entry) !== 0)
        yield {
          rows: words.get(entry + 4),
          firstTime: words.getFloat(entry + 8),
          lastTime: words.getFloat(entry + 16),
        };
    }
  }

  /** Reads one run. Throws PagesUnusable when a page is not as it should be. */
  read(run: PageRun): void {
    const { file, leaves } = this.#options;
    const state = this.#state;
    readPages(file, run.firstPage, this.#buffer.subarray(0, run.pages * file.pageSize));
    for (let i = 0; i < run.leaves; i++) {
      this.#leafAt[i] = ((leaves.pages[run.leaf + i] ?? 0) - run.firstPage) * file.pageSize;
      this.#leafUpper[i] = leaves.uppers[run.leaf + i] ?? 0;
    }
    this.#leavesRead += run.leaves;
    state.set(AT.leaves, run.leaves);
    state.set(AT.leaf, 0);
    state.set(AT.cell, 0);
    for (let stop = this.#parse(); stop !== STOP.done; stop = this.#parse()) this.#resolve(stop);
    // Long strings of an open group lie in the buffer.
    this.#flush();
  }

  finish(): ScannedSlice {
    const { memory, request } = this.#options;
    const chunks = [...this.#closed, [this.#chunk, this.#state.get(AT.rows)] as const].filter(([, rows]) => rows > 0);
    const tables = this.#columns.map((column) => column.finish(this.#kernel));
    const [actorIds, events] = request.kept.events ? tables : [];
    const none = { length: 0, bytes: new Uint8Array(), offsets: new Uint32Array(1) };
    return {
      memory,
      rows: this.rows,
      chunks: chunks.map(([chunk, rows]): ScannedChunk => closeChunk(chunk, rows)),
      actorIds: actorIds ?? none,
      eventNames: Array.from({ length: events?.length ?? 0 }, (_, i) => getString(events ?? none, i)),
      propertyValues: request.kept.events ? tables.slice(2) : tables,
      landmarks: joinLandmarks(chunks),
      dropped: [],
    };
  }

  #prepare(columnsAt: number): void {
    const { file, leaves, fromRow, toRow } = this.#options;
    const state = this.#state;
    state.set(AT.usable, file.usable);
    state.set(AT.buffer, this.#buffer.byteOffset);
    state.set(AT.leafAt, this.#leafAt.byteOffset);
    state.set(AT.leafUpper, this.#leafUpper.byteOffset);
    state.set(AT.values, this.#values.at);
    state.set(AT.columns, columnsAt);
    state.set(AT.columnCount, this.#columns.length);
    state.setLong(AT.lastRow, leaves.lower);
    state.setLong(AT.fromRow, fromRow);
    state.setLong(AT.toRow, toRow);
  }

  #parse(): number {
    return this.#kernel.parse(this.#state.at);
  }

  #resolve(stop: number): void {
    if (stop === STOP.chunkFull) this.#nextChunk();
    else if (stop === STOP.dictionaryFull) this.#makeRoom();
    else if (stop === STOP.hoursFull) this.#growHours();
    else if (stop === STOP.oddRow) this.#takeOdd();
    else throw new PagesUnusable('the tree of the table is not in order');
  }

  #startChunk(): OpenChunk {
    const { request, memory, estimatedRows } = this.#options;
    const left = estimatedRows - this.#rowsBefore;
    const chunk = openChunk(request.kept, left > 0 ? left : Number.POSITIVE_INFINITY, memory);
    const state = this.#state;
    const codes = [...(request.kept.events ? [chunk.actors, chunk.types] : []), ...chunk.properties];
    this.#columns.forEach((column, i) => column.writeTo(codes[i] ?? new Uint32Array()));
    state.set(AT.rows, 0);
    state.set(AT.groupStart, 0);
    state.set(AT.capacity, chunk.capacity);
    state.set(AT.times, request.kept.events ? chunk.times.byteOffset : 0);
    state.set(AT.landmarks, request.kept.events ? chunk.landmarks.byteOffset : 0);
    state.set(AT.recordedAt, request.kept.recordedAt ? chunk.recordedAt.byteOffset : 0);
    return chunk;
  }

  #nextChunk(): void {
    this.#flush();
    const rows = this.#state.get(AT.rows);
    this.#closed.push([this.#chunk, rows]);
    this.#rowsBefore += rows;
    this.#chunk = this.#startChunk();
  }

  #flush(): void {
    while (this.#kernel.flush(this.#state.at) !== STOP.done) this.#makeRoom();
  }

  #makeRoom(): void {
    const read = this.#leavesRead / this.#options.leaves.pages.length;
    for (const column of this.#columns) column.makeRoom(this.#kernel, read);
  }

  #growHours(): void {
    const slots = 4 * (this.#state.get(AT.hoursMask) + 1);
    this.#kernel.moveHours(this.#state.at, allocate(this.#options.memory, slots * HOUR_BYTES), slots - 1);
  }

  #takeOdd(): void {
    this.#odd++;
    const state = this.#state;
    const rowid = state.getLong(AT.oddRow);
    const odd = this.#options.readOdd(rowid, this.#oddRecord(), this.rows);
    if (odd === null) return;
    if (state.get(AT.rows) === state.get(AT.capacity)) this.#nextChunk();
    if (state.get(AT.rows) - state.get(AT.groupStart) === GROUP_ROWS) this.#flush();
    this.#values.put(odd);
    this.#kernel.putOddRow(state.at, rowid, odd.time, odd.recordedAt);
    // Long strings of the row lie in the slots, which the next one overwrites.
    this.#flush();
  }

  #oddRecord(): Uint8Array | null {
    const at = this.#state.get(AT.oddRecord);
    if (at === 0) return null;
    const from = at - this.#buffer.byteOffset;
    return this.#buffer.subarray(from, from + this.#state.get(AT.oddLength));
  }
}

/** For the actors of so many events, before the first ones are known. */
function guessSlots(events: number): number {
  const guess = 2 ** Math.floor(Math.log2(Math.max(1, events) / EVENTS_PER_SLOT));
  return Math.min(MOST_SLOTS, Math.max(FEWEST_SLOTS, guess));
}
const EVENTS_PER_SLOT = 128;
const FEWEST_SLOTS = 2_048;
const MOST_SLOTS = 1 << 17;
