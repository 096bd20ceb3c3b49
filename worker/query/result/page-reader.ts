import { align8, HAS_TAGS, KIND, TAG, type Value } from './page.ts';

/** One column of one page: every value by its row, or all of them at once. */
export interface PageColumn {
  readonly get: (row: number) => Value;
  readonly all: () => Value[];
}

/** A column as it lies in the page, for who copies bytes. */
export interface RawColumn {
  /** Of each row, where some are NULL or the kinds differ. */
  readonly tags: Uint8Array | null;
  /** Two for each row, little end first; null = it holds other things. */
  readonly integers: Int32Array | null;
  /** Of text: `data` from `offsets[row]` to `offsets[row + 1]`. */
  readonly spans: { readonly offsets: Uint32Array; readonly data: Buffer } | null;
  readonly get: (row: number) => Value;
}

/** A page as `encodePage` made it. The bytes must begin at a multiple of 8 of their buffer. */
export class Page {
  readonly rows: number;
  readonly #bytes: Buffer;
  readonly #starts: number[] = [];

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.rows = bytes.readUInt32LE(0);
    const columns = bytes.readUInt32LE(4);
    let at = align8(8 + 8 * columns);
    for (let column = 0; column < columns; column++) {
      this.#starts.push(at);
      at = align8(at + bytes.readUInt32LE(12 + 8 * column));
    }
  }

  get columns(): number {
    return this.#starts.length;
  }

  column(column: number): PageColumn {
    const { kind, start, tags } = this.#find(column);
    return this.#open(kind, start, tags);
  }

  raw(column: number): RawColumn {
    const { kind, start, tags } = this.#find(column);
    const isInteger = kind === KIND.integer;
    const integers = isInteger
      ? new Int32Array(this.#bytes.buffer, this.#bytes.byteOffset + start, 2 * this.rows)
      : null;
    const spans = kind === KIND.ascii || kind === KIND.utf8 ? this.#spans(start) : null;
    return { tags, integers, spans, get: this.#open(kind, start, tags).get };
  }

  #find(column: number): { readonly kind: number; readonly start: number; readonly tags: Uint8Array | null } {
    const coded = this.#bytes.readUInt32LE(8 + 8 * column);
    const start = this.#starts[column] ?? 0;
    if ((coded & HAS_TAGS) === 0) return { kind: coded, start, tags: null };
    const tags = this.#bytes.subarray(start, start + this.rows);
    return { kind: coded & ~HAS_TAGS, start: align8(start + this.rows), tags };
  }

  /** All rows, or those from `from` on. */
  toRows(from = 0, to = this.rows): Value[][] {
    const columns = Array.from({ length: this.columns }, (_, column) => this.column(column).all());
    return Array.from({ length: to - from }, (_, row) => columns.map((values) => values[from + row] as Value));
  }

  #open(kind: number, start: number, tags: Uint8Array | null): PageColumn {
    const read = this.#reader(kind, start, tags);
    const get = tags === null ? read : (row: number): Value => (tags[row] === TAG.null ? null : read(row));
    const all = (): Value[] => Array.from({ length: this.rows }, (_, row) => get(row));
    return kind === KIND.ascii ? { get, all: () => this.#allAscii(start, tags) } : { get, all };
  }

  #reader(kind: number, start: number, tags: Uint8Array | null): (row: number) => Value {
    const bytes = this.#bytes;
    switch (kind) {
      case KIND.null:
        return () => null;
      case KIND.real: {
        const values = new Float64Array(bytes.buffer, bytes.byteOffset + start, this.rows);
        return (row) => values[row] as number;
      }
      case KIND.integer: {
        const values = new BigInt64Array(bytes.buffer, bytes.byteOffset + start, this.rows);
        return (row) => values[row] as bigint;
      }
      case KIND.boolean:
        return (row) => bytes[start + row] === 1;
      default:
        return this.#slices(kind, start, tags);
    }
  }

  #slices(kind: number, start: number, tags: Uint8Array | null): (row: number) => Value {
    const { offsets, data } = this.#spans(start);
    const slice = (row: number): Buffer => data.subarray(offsets[row], offsets[row + 1]);
    if (kind === KIND.blob) return slice;
    if (kind === KIND.ascii) return (row) => slice(row).toString('latin1');
    if (kind === KIND.utf8) return (row) => slice(row).toString('utf8');
    return (row) => decodeValue(tags?.[row] ?? TAG.null, slice(row));
  }

  #spans(start: number): { offsets: Uint32Array; data: Buffer } {
    const offsets = new Uint32Array(this.#bytes.buffer, this.#bytes.byteOffset + start, this.rows + 1);
    const from = align8(start + offsets.byteLength);
    return { offsets, data: this.#bytes.subarray(from, from + (offsets[this.rows] ?? 0)) };
  }

  #allAscii(start: number, tags: Uint8Array | null): Value[] {
    const { offsets, data } = this.#spans(start);
    const text = data.toString('latin1');
    return Array.from({ length: this.rows }, (_, row) =>
      tags?.[row] === TAG.null ? null : text.slice(offsets[row], offsets[row + 1]),
    );
  }
}

function decodeValue(tag: number, bytes: Buffer): Value {
  switch (tag) {
    case TAG.real:
      return bytes.readDoubleLE(0);
    case TAG.integer:
      return bytes.readBigInt64LE(0);
    case TAG.text:
      return bytes.toString('utf8');
    case TAG.boolean:
      return bytes[0] === 1;
    default:
      return tag === TAG.null ? null : bytes;
  }
}
