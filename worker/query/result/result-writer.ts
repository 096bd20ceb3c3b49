import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { encodePage, type Value } from './page.ts';

/** Rows one after another in pages, and of each page its first row and where it begins and ends (three doubles). */
export const ROWS_FILE = 'rows.bin';
export const INDEX_FILE = 'pages.bin';
export const INDEX_ENTRY = 24;
/** Is there when no row will be added. */
export const COMPLETE_FILE = 'complete';
/** Positions of the columns whose text stands for numbers, as JSON. */
export const NUMERIC_FILE = 'numeric.json';

/** Large enough that a page costs little, small enough that one cell of it does too. */
const PAGE_ROWS = 1_024;
const PAGE_BYTES = 1_000_000;

/** Writes a result as it comes. A reader may follow: the index only names pages that are there. */
export class ResultWriter {
  readonly #columns: number;
  readonly #data: number;
  readonly #index: number;
  #pending: (readonly Value[])[] = [];
  #pendingBytes = 0;
  #flushed = 0;
  #bytes = 0;

  /** `numeric`: columns whose text is the digits of a number. */
  constructor(folder: string, columns: number, numeric: readonly number[] = []) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(path.join(folder, NUMERIC_FILE), JSON.stringify(numeric), { mode: 0o600 });
    this.#columns = columns;
    this.#data = openSync(path.join(folder, ROWS_FILE), 'wx', 0o600);
    this.#index = openSync(path.join(folder, INDEX_FILE), 'wx', 0o600);
  }

  get rows(): number {
    return this.#flushed + this.#pending.length;
  }

  /** On disk and waiting for it, roughly. */
  get bytes(): number {
    return this.#bytes + this.#pendingBytes;
  }

  add(row: readonly Value[]): void {
    this.#pending.push(row);
    this.#pendingBytes += sizeOf(row);
    if (this.#pending.length >= PAGE_ROWS || this.#pendingBytes >= PAGE_BYTES) this.flush();
  }

  flush(): void {
    if (this.#pending.length === 0) return;
    const page = encodePage(this.#pending, this.#columns);
    writeWhole(this.#data, page);
    writeWhole(this.#index, Float64Array.of(this.#flushed, this.#bytes, this.#bytes + page.byteLength));
    this.#flushed += this.#pending.length;
    this.#bytes += page.byteLength;
    this.#pending = [];
    this.#pendingBytes = 0;
  }

  close(): void {
    this.flush();
    closeSync(this.#data);
    closeSync(this.#index);
  }
}

function sizeOf(row: readonly Value[]): number {
  let size = 0;
  for (const value of row)
    size += typeof value === 'string' ? value.length + 4 : value instanceof Uint8Array ? value.byteLength + 4 : 8;
  return size;
}

function writeWhole(file: number, view: ArrayBufferView): void {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  for (let at = 0; at < bytes.byteLength;) at += writeSync(file, bytes, at);
}
