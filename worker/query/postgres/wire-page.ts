import type { ColumnType, ResultColumn } from '../../../protocol/query-result.ts';
import { joinBlocks, type PendingPage } from '../result/page.ts';
import { unreadable, type WireColumn } from './wire-column.ts';
import { BooleanColumn, IntegerColumn, RealColumn } from './wire-numbers.ts';
import { BlobColumn, TextColumn } from './wire-spans.ts';

/** The body of a DataRow: u16 columns, and of each i32 length (-1 = NULL) and the text. Good until the next row. */
export interface WireRow {
  bytes: Buffer;
  from: number;
  to: number;
}

const KEPT_BYTES = 4_000_000;

/** Rows on their way from a server into a page, as bytes: no value becomes a string. */
export class WirePage implements PendingPage<WireRow> {
  readonly #columns: readonly WireColumn[];
  #page: Buffer = Buffer.alloc(0);
  rows = 0;
  bytes = 0;

  constructor(columns: readonly ResultColumn[]) {
    this.#columns = columns.map(({ type }) => createColumn(type));
  }

  /** Throws E_UNREADABLE when the row is not of these columns. */
  add({ bytes, from, to }: WireRow): void {
    const columns = this.#columns;
    if (bytes.readUInt16BE(from) !== columns.length) throw unreadable();
    let at = from + 2;
    for (let i = 0; i < columns.length; i++) {
      if (at + 4 > to) throw unreadable();
      const length = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
      at += 4;
      if (length < 0) {
        columns[i]!.addNull();
        continue;
      }
      if (at + length > to) throw unreadable();
      columns[i]!.add(bytes, at, at + length);
      at += length;
    }
    this.rows++;
    this.bytes += to - from;
  }

  take(): Buffer {
    const blocks = this.#columns.map((column) => column.take());
    const page = joinBlocks(this.rows, blocks, (bytes) => this.#room(bytes));
    this.rows = 0;
    this.bytes = 0;
    return page;
  }

  /** The same memory for every page that is not huge. */
  #room(bytes: number): Buffer {
    if (bytes > KEPT_BYTES) return Buffer.allocUnsafe(bytes);
    if (bytes > this.#page.length) this.#page = Buffer.allocUnsafe(Math.min(2 * bytes, KEPT_BYTES));
    return this.#page.subarray(0, bytes);
  }
}

/** All that is not here is text. */
const KINDS: Readonly<Partial<Record<ColumnType, new () => WireColumn>>> = {
  integer: IntegerColumn,
  real: RealColumn,
  boolean: BooleanColumn,
  blob: BlobColumn,
};

function createColumn(type: ColumnType): WireColumn {
  const Kind = KINDS[type] ?? TextColumn;
  return new Kind();
}
