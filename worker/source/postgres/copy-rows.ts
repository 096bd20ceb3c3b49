import { EngineError } from '../../../protocol/errors.ts';
import type { SyncSession } from './sync-session.ts';

/** Where the cells of one row lie in `bytes`; a length of -1 = null. Valid until the next row. */
export interface Tuple {
  readonly bytes: Uint8Array;
  readonly starts: Int32Array;
  readonly lengths: Int32Array;
}
/** Takes messages of rows out of the bytes in `room`, which it has for them. */
export interface RowBlocks {
  readonly room: Uint8Array;
  /** Those from `from` on, of which all is there (up to `to`); where the first begins that it leaves. */
  takeMessages(from: number, to: number): number;
}
export interface RowSink {
  /** Without it all rows are taken one by one. */
  readonly blocks?: RowBlocks | null;
  /** A row that `blocks` has left, or any. */
  take(tuple: Tuple): void;
  /** A row beyond `MAX_ROW` bytes, of which nothing is known. */
  skip(): void;
  /** Called every few thousand rows; may throw. */
  check(): void;
  /** The bytes of earlier rows are about to become others. */
  moved?(): void;
}

const CHUNK = 1 << 20;
/** A row that is larger is passed over, however large it is. */
const MAX_ROW = 1 << 26;
const HEADER = 5;
/** A length counts itself. */
const LENGTH_BYTES = 4;
const COPY_DATA = 0x64;
const COPY_DONE = 0x63;
const ERROR = 0x45;
const SIGNATURE = 11;
const ROWS_BETWEEN_CHECKS = 2_048;

/** Reads the rows of `COPY … TO STDOUT (FORMAT binary)` with so many columns. Throws EngineErrors. */
export function copyRows(session: SyncSession, sql: string, columns: number, sink: RowSink, check: () => void): void {
  session.copy(sql, (read) => new CopyReader(columns, sink, read).run(), check);
}

class CopyReader {
  readonly #room: Uint8Array;
  #bytes: Uint8Array;
  /** What is in `#bytes`: from, to. */
  #at = 0;
  #have = 0;
  #isFirst = true;
  #rows = 0;
  readonly #tuple: { bytes: Uint8Array; readonly starts: Int32Array; readonly lengths: Int32Array };
  readonly #sink: RowSink;
  readonly #read: (into: Uint8Array) => number;
  readonly #columns: number;

  constructor(columns: number, sink: RowSink, read: (into: Uint8Array) => number) {
    this.#columns = columns;
    this.#sink = sink;
    this.#read = read;
    this.#room = sink.blocks?.room ?? new Uint8Array(CHUNK);
    this.#bytes = this.#room;
    this.#tuple = { bytes: this.#bytes, starts: new Int32Array(columns), lengths: new Int32Array(columns) };
  }

  /** Until the rows are over; what follows, from CopyDone or an error on. */
  run(): Uint8Array {
    for (;;) {
      this.#takeBlock();
      while (this.#have - this.#at >= HEADER) {
        const kind = this.#bytes[this.#at] ?? 0;
        if (kind === COPY_DONE || kind === ERROR) return this.#bytes.slice(this.#at, this.#have);
        const length = this.#int32(this.#at + 1);
        // Of 2 GiB and more it reads as negative, and would lead back.
        if (length < LENGTH_BYTES) throw unreadable();
        const end = this.#at + 1 + length;
        if (end - this.#at > MAX_ROW) {
          this.#skip(end - this.#at);
          continue;
        }
        if (end > this.#have) {
          this.#makeRoom(end - this.#at);
          break;
        }
        if (kind === COPY_DATA) this.#takeMessage(this.#at + HEADER, end);
        this.#at = end;
        this.#takeBlock();
      }
      this.#fill();
    }
  }

  /** All messages that need not be taken row by row. */
  #takeBlock(): void {
    const { blocks } = this.#sink;
    if (!blocks || this.#isFirst || this.#bytes !== this.#room || this.#have - this.#at < HEADER) return;
    this.#at = blocks.takeMessages(this.#at, this.#have);
  }

  #takeMessage(from: number, to: number): void {
    // Texts are not decoded where several threads can write.
    const isShared = this.#bytes.buffer instanceof SharedArrayBuffer;
    const whole = this.#bytes;
    if (!isShared) return this.#takeRows(from, to);
    this.#bytes = whole.slice(from, to);
    this.#tuple.bytes = this.#bytes;
    this.#takeRows(0, to - from);
    this.#bytes = whole;
  }

  #takeRows(start: number, end: number): void {
    let at = start;
    if (this.#isFirst) {
      this.#isFirst = false;
      // Signature, flags, length of an extension, the extension.
      at += SIGNATURE + 4;
      at += 4 + this.#int32(at);
    }
    while (at < end) {
      const count = ((this.#bytes[at] ?? 0) << 8) | (this.#bytes[at + 1] ?? 0);
      if (count === 0xffff) return;
      if (count !== this.#columns) throw unreadable();
      at = this.#takeRow(at + 2, end);
    }
  }

  #takeRow(from: number, end: number): number {
    const { starts, lengths } = this.#tuple;
    let at = from;
    for (let i = 0; i < this.#columns; i++) {
      const length = this.#int32(at);
      at += 4;
      starts[i] = at;
      lengths[i] = length;
      if (length > 0) at += length;
      if (length < -1 || at > end) throw unreadable();
    }
    this.#sink.take(this.#tuple);
    if (++this.#rows % ROWS_BETWEEN_CHECKS === 0) this.#sink.check();
    return at;
  }

  #int32(at: number): number {
    const bytes = this.#bytes;
    return ((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
  }

  /** Room for a message of so many bytes from where we are. */
  #makeRoom(size: number): void {
    this.#sink.moved?.();
    const left = this.#have - this.#at;
    if (size <= this.#room.length && left <= this.#room.length) {
      if (this.#bytes !== this.#room) this.#room.set(this.#bytes.subarray(this.#at, this.#have));
      else if (this.#at > 0) this.#bytes.copyWithin(0, this.#at, this.#have);
      this.#bytes = this.#room;
      this.#tuple.bytes = this.#room;
    } else if (size <= this.#bytes.length) this.#bytes.copyWithin(0, this.#at, this.#have);
    else {
      const larger = new Uint8Array(2 ** Math.ceil(Math.log2(size)));
      larger.set(this.#bytes.subarray(this.#at, this.#have));
      this.#bytes = larger;
      this.#tuple.bytes = larger;
    }
    this.#at = 0;
    this.#have = left;
  }

  #fill(): void {
    if (this.#have === this.#bytes.length || this.#at === this.#have) this.#makeRoom(0);
    if (this.#sink.blocks) this.#sink.check();
    this.#have += this.#read(this.#bytes.subarray(this.#have));
  }

  /** A message of so many bytes, most of which are not here yet. */
  #skip(size: number): void {
    this.#sink.moved?.();
    let left = size - (this.#have - this.#at);
    this.#at = 0;
    this.#have = 0;
    while (left > 0) left -= this.#read(this.#bytes.subarray(0, Math.min(left, this.#bytes.length)));
    this.#isFirst = false;
    this.#sink.skip();
  }
}

const unreadable = (): EngineError =>
  new EngineError('E_UNREADABLE', 'The server sends rows of another form than was asked for.', {
    hint: 'A program between here and the server may have changed them. Try without it.',
  });
