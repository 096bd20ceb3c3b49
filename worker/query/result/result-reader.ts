import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import path from 'node:path';
import { Page } from './page-reader.ts';
import type { Value } from './page.ts';
import { INDEX_ENTRY, INDEX_FILE, NUMERIC_FILE, ROWS_FILE } from './result-writer.ts';

const KEPT_PAGES = 64;
/** Holds most pages. */
const REUSED_BYTES = 2_000_000;
/** Entries of the index that are read at once. */
const INDEX_BLOCK = 4_096;

/** Reads a result's files, also while they grow. Memory is bounded by the kept pages, not by the result. */
export class ResultReader {
  readonly #data: number;
  readonly #index: number;
  readonly #kept = new Map<number, Page>();
  /** First row, begin and end of each page that is known: 24 bytes for 1,024 rows. */
  #entries = new Float64Array(0);

  readonly #numeric: readonly number[];

  constructor(folder: string) {
    this.#numeric = JSON.parse(readFileSync(path.join(folder, NUMERIC_FILE), 'utf8')) as number[];
    this.#data = openSync(path.join(folder, ROWS_FILE), 'r');
    this.#index = openSync(path.join(folder, INDEX_FILE), 'r');
  }

  /** Pages that are on disk now. */
  refresh(): number {
    const known = this.#entries.length / 3;
    const there = Math.floor(fstatSync(this.#index).size / INDEX_ENTRY);
    if (there > known) {
      const entries = new Float64Array(there * 3);
      entries.set(this.#entries);
      for (let at = known; at < there; at += INDEX_BLOCK) {
        const count = Math.min(INDEX_BLOCK, there - at);
        readWhole(this.#index, entries.subarray(at * 3, (at + count) * 3), at * INDEX_ENTRY);
      }
      this.#entries = entries;
    }
    return there;
  }

  get pages(): number {
    return this.#entries.length / 3;
  }

  /** Rows of the pages that were there at the last `refresh`. */
  get rows(): number {
    return this.pages === 0 ? 0 : this.firstRow(this.pages - 1) + this.page(this.pages - 1).rows;
  }

  /** Of those pages. */
  get bytes(): number {
    return this.#entries.at(-1) ?? 0;
  }

  firstRow(page: number): number {
    return this.#entries[page * 3] ?? 0;
  }

  page(page: number): Page {
    const kept = this.#kept.get(page);
    if (kept !== undefined) return kept;
    const opened = this.#read(page, (bytes) => new ArrayBuffer(bytes));
    this.#kept.set(page, opened);
    if (this.#kept.size > KEPT_PAGES) this.#kept.delete(this.#kept.keys().next().value ?? -1);
    return opened;
  }

  /** All pages, each good until the next: their memory is used again, and none is kept. */
  *eachPage(from = 0): Generator<Page> {
    let memory = new ArrayBuffer(0);
    const allocate = (bytes: number): ArrayBuffer => {
      if (memory.byteLength < bytes) memory = new ArrayBuffer(Math.max(bytes, REUSED_BYTES));
      return memory;
    };
    for (let page = from; page < this.pages; page++) yield this.#read(page, allocate);
  }

  /** At the beginning of a buffer: pages are read as arrays of 8-byte values. */
  #read(page: number, allocate: (bytes: number) => ArrayBuffer): Page {
    const [, from = 0, to = 0] = this.#entries.subarray(page * 3, page * 3 + 3);
    const bytes = Buffer.from(allocate(to - from), 0, to - from);
    readWhole(this.#data, bytes, from);
    return new Page(bytes);
  }

  /** The page that holds this row. */
  pageOf(row: number): number {
    let low = 0;
    let high = this.pages - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.firstRow(middle) <= row) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** What a column's values are compared by: exact decimals as the nearest number. */
  comparable(column: number): (value: Value) => Value {
    if (!this.#numeric.includes(column)) return (value) => value;
    return (value) => (typeof value === 'string' ? Number(value) : value);
  }

  value(row: number, column: number): Value {
    const page = this.pageOf(row);
    return this.page(page)
      .column(column)
      .get(row - this.firstRow(page));
  }

  row(row: number): Value[] {
    const number = this.pageOf(row);
    const page = this.page(number);
    const inside = row - this.firstRow(number);
    return Array.from({ length: page.columns }, (_, column) => page.column(column).get(inside));
  }

  close(): void {
    closeSync(this.#data);
    closeSync(this.#index);
  }
}

export function readWhole(file: number, view: ArrayBufferView, position: number): void {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  for (let at = 0; at < bytes.byteLength;) {
    const read = readSync(file, bytes, at, bytes.byteLength - at, position + at);
    if (read === 0) throw new Error('a result file is shorter than its index says');
    at += read;
  }
}
