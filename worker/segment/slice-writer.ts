import type { ColumnMemory } from './column-memory.ts';
import {
  CHUNK_ROWS,
  LANDMARK_ROWS,
  sharedF64,
  sharedU32,
  type EventRows,
  type KeptColumns,
  type ScannedChunk,
  type ScannedSlice,
} from './event-rows.ts';
import { buildStringTable, type StringTable } from './string-table.ts';

type OpenChunk = { -readonly [K in keyof ScannedChunk]: ScannedChunk[K] };
type Dictionary = Map<string, number>;

/** Turns the batches of one slice into shared columns with slice-local dictionaries. Lives in the scanning thread. */
export class SliceWriter {
  readonly #kept: KeptColumns;
  readonly #memory: ColumnMemory | null;
  readonly #chunks: OpenChunk[] = [];
  readonly #actors: Dictionary = new Map();
  readonly #events: Dictionary = new Map();
  readonly #values: readonly Dictionary[];
  readonly #landmarks: number[] = [];
  #rows = 0;

  /** `memory` is that of the build; null = shared arrays of their own. */
  constructor(kept: KeptColumns, memory: ColumnMemory | null = null) {
    this.#kept = kept;
    this.#memory = memory;
    this.#values = kept.properties.map(() => new Map<string, number>());
  }

  append(batch: EventRows): void {
    const chunk = this.#chunkFor(batch.count);
    const at = chunk.rows;
    if (this.#kept.events) {
      encode(batch.actors, batch.count, this.#actors, chunk.actors, at);
      encode(batch.events, batch.count, this.#events, chunk.types, at);
      chunk.times.set(batch.times.subarray(0, batch.count), at);
      this.#keepLandmarks(batch);
    }
    if (this.#kept.recordedAt && batch.recordedAt !== null)
      chunk.recordedAt.set(batch.recordedAt.subarray(0, batch.count), at);
    else chunk.recordedAt.fill(Number.NaN, at, at + batch.count);
    this.#kept.properties.forEach((name, p) => {
      const values = batch.properties.get(name);
      const dictionary = this.#values[p];
      const codes = chunk.properties[p];
      if (values !== undefined && dictionary !== undefined && codes !== undefined)
        encodeNullable(values, batch.count, dictionary, codes, at);
    });
    chunk.rows += batch.count;
    this.#rows += batch.count;
  }

  /** `check` is called every few thousand strings and may throw. */
  finish(check: () => void = () => undefined): ScannedSlice {
    const tableOf = (dictionary: Dictionary): StringTable =>
      buildStringTable([...dictionary.keys()], check, this.#memory);
    return {
      memory: this.#memory,
      rows: this.#rows,
      chunks: this.#chunks,
      actorIds: tableOf(this.#actors),
      eventNames: [...this.#events.keys()],
      landmarks: toShared(this.#landmarks),
      dropped: [],
      propertyValues: this.#values.map(tableOf),
    };
  }

  #keepLandmarks({ seqs, count }: EventRows): void {
    const first = (LANDMARK_ROWS - (this.#rows % LANDMARK_ROWS)) % LANDMARK_ROWS;
    for (let i = first; i < count; i += LANDMARK_ROWS) this.#landmarks.push(seqs[i] ?? 0);
  }

  #chunkFor(rows: number): OpenChunk {
    const last = this.#chunks.at(-1);
    const capacity = Math.max(CHUNK_ROWS, rows);
    if (last !== undefined && last.rows + rows <= CHUNK_ROWS) return last;
    const base = this.#kept.events ? capacity : 0;
    const memory = this.#memory;
    const chunk: OpenChunk = {
      rows: 0,
      actors: sharedU32(base, memory),
      times: sharedF64(base, memory),
      types: sharedU32(base, memory),
      recordedAt: sharedF64(this.#kept.recordedAt ? capacity : 0, memory),
      properties: this.#kept.properties.map(() => sharedU32(capacity, memory)),
    };
    this.#chunks.push(chunk);
    return chunk;
  }
}

function toShared(values: readonly number[]): Float64Array {
  const shared = sharedF64(values.length);
  shared.set(values);
  return shared;
}

/** Codes of the values, each new one coded next. A value often repeats the one before it: then nothing is looked up. */
function encode(
  values: readonly string[],
  count: number,
  dictionary: Dictionary,
  codes: Uint32Array,
  at: number,
): void {
  let last: string | null = null;
  let lastCode = 0;
  for (let i = 0; i < count; i++) {
    const value = values[i] ?? '';
    if (value !== last) {
      last = value;
      lastCode = codeOf(dictionary, value);
    }
    codes[at + i] = lastCode;
  }
}

/** Codes from 1; 0 = not set. */
function encodeNullable(
  values: readonly (string | null)[],
  count: number,
  dictionary: Dictionary,
  codes: Uint32Array,
  at: number,
): void {
  for (let i = 0; i < count; i++) {
    const value = values[i] ?? null;
    codes[at + i] = value === null ? 0 : codeOf(dictionary, value) + 1;
  }
}

function codeOf(dictionary: Dictionary, value: string): number {
  let code = dictionary.get(value);
  if (code === undefined) {
    code = dictionary.size;
    dictionary.set(value, code);
  }
  return code;
}
