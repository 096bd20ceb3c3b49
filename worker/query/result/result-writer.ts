import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { PAGE_ROWS, type PendingPage } from './page.ts';

/** Rows one after another in pages, and of each page its first row and where it begins and ends (three doubles). */
export const ROWS_FILE = 'rows.bin';
export const INDEX_FILE = 'pages.bin';
export const INDEX_ENTRY = 24;
/** Is there when no row will be added. */
export const COMPLETE_FILE = 'complete';
/** Positions of the columns whose text stands for numbers, as JSON. */
export const NUMERIC_FILE = 'numeric.json';

const PAGE_BYTES = 1_000_000;

/** Writes a result as it comes. A reader may follow: the index only names pages that are there. */
export class ResultWriter<Row> {
  readonly #pending: PendingPage<Row>;
  readonly #data: number;
  readonly #index: number;
  #flushed = 0;
  #bytes = 0;

  /** `numeric`: columns whose text is the digits of a number. */
  constructor(folder: string, pending: PendingPage<Row>, numeric: readonly number[] = []) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(path.join(folder, NUMERIC_FILE), JSON.stringify(numeric), { mode: 0o600 });
    this.#pending = pending;
    this.#data = openSync(path.join(folder, ROWS_FILE), 'wx', 0o600);
    this.#index = openSync(path.join(folder, INDEX_FILE), 'wx', 0o600);
  }

  /** On disk and waiting for it, roughly. */
  get bytes(): number {
    return this.#bytes + this.#pending.bytes;
  }

  add(row: Row): void {
    const pending = this.#pending;
    pending.add(row);
    if (pending.rows >= PAGE_ROWS || pending.bytes >= PAGE_BYTES) this.flush();
  }

  flush(): void {
    const { rows } = this.#pending;
    if (rows === 0) return;
    const page = this.#pending.take();
    writeWhole(this.#data, page);
    writeWhole(this.#index, Float64Array.of(this.#flushed, this.#bytes, this.#bytes + page.byteLength));
    this.#flushed += rows;
    this.#bytes += page.byteLength;
  }

  close(): void {
    this.flush();
    closeSync(this.#data);
    closeSync(this.#index);
  }
}

function writeWhole(file: number, view: ArrayBufferView): void {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  for (let at = 0; at < bytes.byteLength;) at += writeSync(file, bytes, at);
}
