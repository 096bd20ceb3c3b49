import { textExpression, type EventTable } from '../event-table.ts';
import type { Cell } from '../parse-time.ts';
import { quote } from '../read-schema.ts';
import type { Row } from '../row-reader.ts';

/** As the driver decodes: bytes that are no UTF-8 become U+FFFD, a byte order mark stays. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** One selected expression as a stored column; `text` = whole numbers as digits. */
interface Selected {
  readonly column: number | 'rowid';
  readonly text: boolean;
}

/** Makes the row that a SELECT would give out of a stored record, or null where only SQLite can. */
export type RecordDecoder = (rowid: number, record: Uint8Array) => Row | null;

/** For expressions that are the rowid, a column, or a column as text; null when one is anything else. */
export function createRecordDecoder(events: EventTable, select: readonly string[]): RecordDecoder | null {
  const selected = select.map((expression) => findSelected(events, expression));
  const known = selected.filter((s): s is Selected => s !== null);
  if (known.length < selected.length) return null;
  const count = 1 + Math.max(-1, ...known.map(({ column }) => (column === 'rowid' ? -1 : column)));
  const cells: Cell[] = [];
  return (rowid, record) => {
    cells.length = 0;
    if (!decodeCells(record, count, cells)) return null;
    return known.map(({ column, text }) => {
      if (column === 'rowid') return rowid;
      const cell = cells[column] ?? null;
      if (typeof cell !== 'bigint') return cell;
      return text ? String(cell) : Number(cell);
    });
  };
}

function findSelected({ table }: EventTable, expression: string): Selected | null {
  if (expression === table.rowid) return { column: 'rowid', text: false };
  const names = table.columns.map((c) => c.name);
  const plain = names.findIndex((name) => expression === quote(name) || expression === name);
  if (plain >= 0) return { column: plain, text: false };
  const text = names.findIndex((name) => expression === textExpression(name));
  return text >= 0 ? { column: text, text: true } : null;
}

const SIZES = [0, 1, 2, 3, 4, 6, 8, 8, 0, 0];

/** The first `count` values; integers as bigint. False for records that are short or not in order. */
function decodeCells(record: Uint8Array, count: number, out: Cell[]): boolean {
  const header = record[0] ?? 0;
  if (header >= 0x80 || header > record.length) return false;
  let p = 1;
  let at = header;
  const view = new DataView(record.buffer, record.byteOffset, record.byteLength);
  for (let i = 0; i < count; i++) {
    let type = 0;
    for (;;) {
      if (p >= header) return false;
      const byte = record[p++] ?? 0;
      type = type * 128 + (byte & 0x7f);
      if (byte < 0x80) break;
    }
    const size = type >= 12 ? Math.floor((type - 12) / 2) : SIZES[type];
    if (size === undefined || at + size > record.length) return false;
    out.push(decodeCell(view, type, at, size));
    at += size;
  }
  return p < header || at === record.length;
}

function decodeCell(view: DataView, type: number, at: number, size: number): Cell {
  if (type === 0) return null;
  if (type === 7) {
    // SQLite keeps no NaN: it reads as NULL.
    const real = view.getFloat64(at);
    return Number.isNaN(real) ? null : real;
  }
  if (type === 8 || type === 9) return BigInt(type - 8);
  if (type < 7) return decodeInteger(view, at, size);
  // A copy: text decoders refuse views on shared memory.
  const bytes = Buffer.from(new Uint8Array(view.buffer, view.byteOffset + at, size));
  return type % 2 === 1 ? decoder.decode(bytes) : bytes;
}

function decodeInteger(view: DataView, at: number, size: number): bigint {
  if (size === 8) return view.getBigInt64(at);
  let value = view.getInt8(at);
  for (let i = 1; i < size; i++) value = value * 256 + view.getUint8(at + i);
  return BigInt(value);
}
