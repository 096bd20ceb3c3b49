import type { ResultColumn } from '../../../protocol/query-result.ts';
import type { Dialect } from '../../../protocol/query-schema.ts';
import { guardCell } from '../../export/csv.ts';
import type { Page, RawColumn } from '../result/page-reader.ts';
import { TAG, type Value } from '../result/page.ts';
import type { ExportFile } from './export-file.ts';
import { formatValue } from './format-value.ts';

const CHUNK = 1_000_000;
const [QUOTE, COMMA, APOSTROPHE, MINUS, ZERO] = [0x22, 0x2c, 0x27, 0x2d, 0x30] as const;
const [CR, LF] = [0x0d, 0x0a] as const;
const signs = (text: string): Uint8Array =>
  Uint8Array.from({ length: 256 }, (_, code) => Number(text.includes(String.fromCharCode(code))));
const NEEDS_QUOTES = signs('",\r\n');
/** As `guardCell` has them. */
const RUNS = signs('=+-@\t\r\n\0');
const EXACT_DIGITS = 16;

/**
 * RFC 4180, CRLF, with a header. NULL is nothing at all, empty text is `""`. Numbers are never guarded. Text goes from the
 * pages into the file as bytes: making strings of it takes several times as long as copying.
 */
export class CsvWriter {
  readonly #file: ExportFile;
  readonly #dialect: Dialect;
  /** By column: is its text made safe for spreadsheets? */
  readonly #guarded: readonly boolean[];
  readonly #spreadsheetSafe: boolean;
  readonly #opened = new WeakMap<Page, readonly RawColumn[]>();
  #out = Buffer.allocUnsafe(2 * CHUNK);
  #at = 0;

  constructor(file: ExportFile, columns: readonly ResultColumn[], dialect: Dialect, spreadsheetSafe: boolean) {
    this.#file = file;
    this.#dialect = dialect;
    this.#spreadsheetSafe = spreadsheetSafe;
    this.#guarded = columns.map(({ type }) => spreadsheetSafe && type !== 'numeric');
    columns.forEach(({ name }, at) => {
      if (at > 0) this.#sign(COMMA);
      this.#text(Buffer.from(spreadsheetSafe ? String(guardCell(name)) : name), false);
    });
    this.#endRow();
  }

  add(page: Page, row: number): void {
    const columns = this.#open(page);
    for (let at = 0; at < columns.length; at++) {
      if (at > 0) this.#sign(COMMA);
      this.#field(columns[at]!, row, this.#guarded[at]!);
    }
    this.#endRow();
  }

  close(): void {
    this.#file.write(this.#out.subarray(0, this.#at));
    this.#at = 0;
  }

  #open(page: Page): readonly RawColumn[] {
    const known = this.#opened.get(page);
    if (known !== undefined) return known;
    const columns = Array.from({ length: page.columns }, (_, column) => page.raw(column));
    this.#opened.set(page, columns);
    return columns;
  }

  #field(column: RawColumn, row: number, isGuarded: boolean): void {
    const { tags, integers, spans } = column;
    if (tags !== null && tags[row] === TAG.null) return;
    if (spans !== null) this.#text(spans.data, isGuarded, spans.offsets[row], spans.offsets[row + 1]);
    else if (integers !== null) this.#integer(integers[2 * row]!, integers[2 * row + 1]!, column, row);
    else this.#value(column.get(row), isGuarded);
  }

  #text(bytes: Uint8Array, isGuarded: boolean, from = 0, to = bytes.length): void {
    this.#reserve(2 * (to - from) + 3);
    const out = this.#out;
    const start = this.#at;
    const needsGuard = isGuarded && isChangedBySpreadsheets(bytes, from, to);
    let at = start;
    if (needsGuard) out[at++] = APOSTROPHE;
    let i = from;
    for (; i < to && NEEDS_QUOTES[bytes[i]!] === 0; i++) out[at++] = bytes[i]!;
    if (i < to || from === to) at = putQuoted(out, start, bytes, from, to, needsGuard);
    this.#at = at;
  }

  /** The two halves of 64 bits, little end first; digits are counted out where the number is exact. */
  #integer(low: number, high: number, column: RawColumn, row: number): void {
    let number = high * 4_294_967_296 + (low >>> 0);
    if (!Number.isSafeInteger(number)) return this.#string(String(column.get(row)));
    this.#reserve(20);
    if (number < 0) {
      this.#out[this.#at++] = MINUS;
      number = -number;
    }
    let end = this.#at + digitsOf(number);
    this.#at = end;
    // Whole numbers of 32 bits are divided much faster.
    for (; number >= 1e9;) {
      const rest = Math.floor(number / 1e8);
      let part = (number - rest * 1e8) | 0;
      for (let n = 0; n < 8; n++) {
        const tens = (part / 10) | 0;
        this.#out[--end] = ZERO + part - tens * 10;
        part = tens;
      }
      number = rest;
    }
    let part = number | 0;
    do {
      const tens = (part / 10) | 0;
      this.#out[--end] = ZERO + part - tens * 10;
      part = tens;
    } while (part > 0);
  }

  #value(value: Value, isGuarded: boolean): void {
    if (value === null) return;
    if (typeof value === 'string') this.#text(Buffer.from(value), isGuarded);
    else if (typeof value === 'boolean' && this.#spreadsheetSafe) this.#string(String(value));
    else this.#string(formatValue(value, this.#dialect));
  }

  /** Signs that no reader of CSV takes for anything else. */
  #string(text: string): void {
    this.#reserve(text.length);
    this.#at += this.#out.write(text, this.#at, 'latin1');
  }

  #sign(code: number): void {
    this.#reserve(1);
    this.#out[this.#at++] = code;
  }

  #endRow(): void {
    this.#reserve(2);
    this.#out[this.#at++] = CR;
    this.#out[this.#at++] = LF;
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#out.length) return;
    this.close();
    if (bytes > this.#out.length) this.#out = Buffer.allocUnsafe(bytes);
  }
}

function digitsOf(number: number): number {
  let digits = 1;
  for (let most = 10; number >= most; most *= 10) digits++;
  return digits;
}

function putQuoted(
  out: Uint8Array,
  start: number,
  bytes: Uint8Array,
  from: number,
  to: number,
  needsGuard: boolean,
): number {
  let at = start;
  out[at++] = QUOTE;
  if (needsGuard) out[at++] = APOSTROPHE;
  for (let i = from; i < to; i++) {
    const byte = bytes[i]!;
    out[at++] = byte;
    if (byte === QUOTE) out[at++] = QUOTE;
  }
  out[at++] = QUOTE;
  return at;
}

/** What `guardCell` says of text, of its bytes. */
function isChangedBySpreadsheets(bytes: Uint8Array, from: number, to: number): boolean {
  if (from === to) return false;
  if (RUNS[bytes[from]!] === 1) return true;
  for (let i = from; i < to; i++) if (bytes[i]! < ZERO || bytes[i]! > ZERO + 9) return false;
  return to - from >= EXACT_DIGITS || (bytes[from] === ZERO && to - from > 1);
}
