import { allocateU32, allocateU8, type ColumnMemory } from '../../segment/column-memory.ts';
import {
  CHUNK_ROWS,
  LANDMARK_ROWS,
  sharedF64,
  sharedU32,
  type KeptColumns,
  type ScannedChunk,
  type ScannedSlice,
} from '../../segment/event-rows.ts';
import { getString, type StringTable } from '../../segment/string-table.ts';
import { TextInterner } from '../../segment/text-interner.ts';
import { orderBySeq } from './order-by-seq.ts';

type OpenChunk = { -readonly [K in keyof ScannedChunk]: ScannedChunk[K] };
type Column = Uint32Array | Float64Array;
/** Actors looked up together. */
const BATCH = 1_024;

/** The columns of a slice while its rows come in, in any order; `finish` puts them in order of arrival. */
export class SliceColumns {
  readonly actors = new TextInterner();
  readonly events = new TextInterner();
  readonly values: readonly TextInterner[];
  rows = 0;
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
    this.values = kept.properties.map(() => new TextInterner());
    this.#chunk = this.#openChunk();
  }

  /** Place of the next row in `chunk`. */
  next(seq: number): number {
    if (this.#chunk.rows === this.#capacity) {
      this.flush();
      this.#chunk = this.#openChunk();
    }
    if (this.rows === this.#seqs.length) {
      const grown = new Float64Array(2 * this.#seqs.length);
      grown.set(this.#seqs);
      this.#seqs = grown;
    }
    if (this.rows > 0 && seq < (this.#seqs[this.rows - 1] ?? 0)) this.#isAscending = false;
    this.#seqs[this.rows++] = seq;
    return this.#chunk.rows++;
  }

  get chunk(): ScannedChunk {
    return this.#chunk;
  }

  /** The actor of row `at` of the chunk: looked up with others, before `bytes` change (`flush`) or are others. */
  putActor(bytes: Uint8Array, from: number, to: number, at: number): void {
    const { texts, places } = this.#pending;
    if (texts.count === BATCH || bytes !== this.#pending.bytes) this.flush();
    this.#pending.bytes = bytes;
    texts.starts[texts.count] = from;
    texts.ends[texts.count] = to;
    places[texts.count++] = at;
  }

  /** Looks up what waits for it. */
  flush(): void {
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

  /** In order of arrival. `order` = which row as it came is at each place then; null = they came in order. */
  finish(check: () => void): {
    readonly slice: ScannedSlice;
    readonly seqs: Float64Array;
    readonly order: Uint32Array | null;
  } {
    this.flush();
    const order = this.#isAscending ? null : orderBySeq(this.#seqs.subarray(0, this.rows));
    const chunks = this.#chunks.filter((chunk) => chunk.rows > 0);
    if (order !== null) {
      const columns = (of: (chunk: ScannedChunk) => Column): void => putInOrder(chunks, of, order, check);
      if (this.#kept.events) for (const name of ['actors', 'times', 'types'] as const) columns((chunk) => chunk[name]);
      if (this.#kept.recordedAt) columns((chunk) => chunk.recordedAt);
      this.#kept.properties.forEach((_, p) => columns((chunk) => chunk.properties[p] ?? NO_CODES));
    }
    const seqs = order === null ? this.#seqs.subarray(0, this.rows) : pick(this.#seqs, order);
    const events = this.events.toTable();
    const slice: ScannedSlice = {
      memory: this.#memory,
      rows: this.rows,
      chunks,
      actorIds: toTable(this.actors, this.#memory),
      eventNames: Array.from({ length: events.length }, (_, i) => getString(events, i)),
      landmarks: this.#kept.events ? getLandmarks(seqs) : sharedF64(0),
      dropped: [],
      propertyValues: this.values.map((values) => toTable(values, this.#memory)),
    };
    return { slice, seqs, order };
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

const NO_CODES = new Uint32Array();

function putInOrder(
  chunks: readonly ScannedChunk[],
  columnOf: (chunk: ScannedChunk) => Column,
  order: Uint32Array,
  check: () => void,
): void {
  check();
  const isTimes = chunks[0] !== undefined && columnOf(chunks[0]) instanceof Float64Array;
  const flat = isTimes ? new Float64Array(order.length) : new Uint32Array(order.length);
  let at = 0;
  for (const chunk of chunks) {
    flat.set(columnOf(chunk).subarray(0, chunk.rows), at);
    at += chunk.rows;
  }
  const sorted = isTimes ? pick(flat as Float64Array, order) : pickCodes(flat as Uint32Array, order);
  at = 0;
  for (const chunk of chunks) {
    columnOf(chunk).set(sorted.subarray(at, at + chunk.rows));
    at += chunk.rows;
  }
}

/** Two loops of one kind each: one over both kinds is several times slower. */
function pick(values: Float64Array, order: Uint32Array): Float64Array<ArrayBuffer> {
  const picked = new Float64Array(order.length);
  for (let i = 0; i < order.length; i++) picked[i] = values[order[i] ?? 0] ?? 0;
  return picked;
}
function pickCodes(values: Uint32Array, order: Uint32Array): Uint32Array<ArrayBuffer> {
  const picked = new Uint32Array(order.length);
  for (let i = 0; i < order.length; i++) picked[i] = values[order[i] ?? 0] ?? 0;
  return picked;
}

function getLandmarks(seqs: Float64Array): Float64Array {
  const landmarks = sharedF64(Math.ceil(seqs.length / LANDMARK_ROWS));
  for (let i = 0; i < landmarks.length; i++) landmarks[i] = seqs[i * LANDMARK_ROWS] ?? 0;
  return landmarks;
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
