import { allocateU32, allocateU8, type ColumnMemory } from '../../segment/column-memory.ts';
import {
  CHUNK_ROWS,
  LANDMARK_ROWS,
  sharedF64,
  sharedU32,
  type KeptColumns,
  type ScannedChunk,
} from '../../segment/event-rows.ts';
import type { StringTable } from '../../segment/string-table.ts';
import { TextInterner } from '../../segment/text-interner.ts';
import { finishColumns } from './finish-columns.ts';
import type { EventRow, FinishedColumns, RowColumns } from './row-columns.ts';

type OpenChunk = { -readonly [K in keyof ScannedChunk]: ScannedChunk[K] };
/** Actors looked up together. */
const BATCH = 1_024;

/** Columns written row by row: the twin of `KernelColumns`. */
export class SliceColumns implements RowColumns {
  readonly actors = new TextInterner();
  readonly events = new TextInterner();
  rows = 0;
  readonly #values: readonly TextInterner[];
  readonly #kept: KeptColumns;
  readonly #memory: ColumnMemory | null;
  readonly #chunks: OpenChunk[] = [];
  #chunk: OpenChunk;
  #capacity = 0;
  #expected: number;
  #seqs: Float64Array<ArrayBuffer>;
  #isAscending = true;

  constructor(kept: KeptColumns, expected: number, memory: ColumnMemory | null) {
    this.#kept = kept;
    this.#memory = memory;
    this.#expected = expected;
    this.#seqs = new Float64Array(Math.max(4_096, expected));
    this.#values = kept.properties.map(() => new TextInterner());
    this.#chunk = this.#openChunk();
  }

  open(seq: number): void {
    if (this.#chunk.rows === this.#capacity) {
      this.moved();
      this.#chunk = this.#openChunk();
    }
    if (this.rows === this.#seqs.length) {
      const grown = new Float64Array(2 * this.#seqs.length);
      grown.set(this.#seqs);
      this.#seqs = grown;
    }
    if (this.rows > 0 && seq < (this.#seqs[this.rows - 1] ?? 0)) this.#isAscending = false;
    this.#seqs[this.rows] = seq;
  }

  putValue(property: number, bytes: Uint8Array, from: number, to: number): void {
    const codes = this.#chunk.properties[property];
    const values = this.#values[property];
    if (codes !== undefined && values !== undefined) codes[this.#chunk.rows] = values.add(bytes, from, to) + 1;
  }

  close({ time, recordedAt, event, bytes, from, to }: EventRow): void {
    const chunk = this.#chunk;
    const at = chunk.rows++;
    this.rows++;
    if (this.#kept.events) {
      this.#putActor(bytes, from, to, at);
      chunk.times[at] = time;
      chunk.types[at] = event;
    }
    if (this.#kept.recordedAt) chunk.recordedAt[at] = recordedAt;
  }

  /** The actor of row `at` of the chunk: looked up with others, before `bytes` change (`moved`) or are others. */
  #putActor(bytes: Uint8Array, from: number, to: number, at: number): void {
    const { texts, places } = this.#pending;
    if (texts.count === BATCH || bytes !== this.#pending.bytes) this.moved();
    this.#pending.bytes = bytes;
    texts.starts[texts.count] = from;
    texts.ends[texts.count] = to;
    places[texts.count++] = at;
  }

  /** Looks up what waits for it. */
  moved(): void {
    const { bytes, texts, places } = this.#pending;
    if (texts.count > 0) this.actors.addAll(bytes, texts, this.#chunk.actors, places);
    texts.count = 0;
  }
  readonly #pending = {
    bytes: new Uint8Array() as Uint8Array,
    texts: {
      starts: new Uint32Array(BATCH),
      ends: new Uint32Array(BATCH),
      hashes: new Uint32Array(BATCH),
      count: 0,
      touched: 0,
    },
    places: new Uint32Array(BATCH),
  };

  finish(check: () => void): FinishedColumns {
    this.moved();
    return finishColumns(
      {
        memory: this.#memory,
        chunks: this.#chunks.filter((chunk) => chunk.rows > 0),
        actorIds: toTable(this.actors, this.#memory),
        propertyValues: this.#values.map((values) => toTable(values, this.#memory)),
        kept: this.#kept,
        events: this.events,
        seqs: this.#seqs.subarray(0, this.rows),
        isAscending: this.#isAscending,
      },
      check,
    );
  }

  /** All but the last are full. */
  #openChunk(): OpenChunk {
    const kept = this.#kept;
    const memory = this.#memory;
    const wanted = Math.max(LANDMARK_ROWS, this.#chunks.length === 0 ? this.#expected : CHUNK_ROWS);
    const capacity = Math.min(CHUNK_ROWS, wanted);
    this.#capacity = capacity;
    const base = kept.events ? capacity : 0;
    const chunk: OpenChunk = {
      rows: 0,
      actors: sharedU32(base, memory),
      times: sharedF64(base, memory),
      types: sharedU32(base, memory),
      recordedAt: sharedF64(kept.recordedAt ? capacity : 0, memory),
      properties: kept.properties.map(() => sharedU32(capacity, memory)),
    };
    this.#chunks.push(chunk);
    return chunk;
  }
}

/** Where kernels can read it. */
function toTable(interner: TextInterner, memory: ColumnMemory | null): StringTable {
  const table = interner.toTable();
  if (memory === null) return table;
  const bytes = allocateU8(memory, table.bytes.length);
  const offsets = allocateU32(memory, table.length + 1);
  bytes.set(table.bytes);
  offsets.set(table.offsets);
  return { length: table.length, bytes, offsets };
}
