/** Microseconds of the server's epoch, 2000-01-01, in ms since ours. */
const SERVER_EPOCH = 946_684_800_000;
const HEADER = Buffer.from('5047434f50590aff0d0a000000000000000000', 'hex');
const HEX = /-/g;

/**
 * Rows in the format of `COPY … (FORMAT binary)`, gathered in one buffer that is used again and again. A row is `begin`
 * and then one call a column.
 */
export class CopyWriter {
  #bytes: Buffer;
  #at = 0;

  constructor(size = 1 << 24) {
    this.#bytes = Buffer.allocUnsafeSlow(size);
    this.reset();
  }

  reset(): void {
    this.#at = HEADER.copy(this.#bytes, 0);
  }

  get length(): number {
    return this.#at;
  }

  begin(columns: number): void {
    this.#reserve(2);
    this.#at = this.#bytes.writeInt16BE(columns, this.#at);
  }

  null(): void {
    this.#reserve(4);
    this.#at = this.#bytes.writeInt32BE(-1, this.#at);
  }

  /** text and enums. */
  text(value: string): void {
    this.#string(value, 0);
  }

  /** A JSON text that the server can read. */
  jsonb(value: string): void {
    this.#string(value, 1);
  }

  #string(value: string, version: 0 | 1): void {
    this.#reserve(5 + value.length * 3);
    const from = this.#at + 4;
    if (version === 1) this.#bytes[from] = 1;
    const length = version + this.#bytes.write(value, from + version, 'utf8');
    this.#bytes.writeInt32BE(length, this.#at);
    this.#at = from + length;
  }

  /** `value` has the usual form with hyphens. */
  uuid(value: string): void {
    this.#reserve(20);
    const at = this.#bytes.writeInt32BE(16, this.#at);
    this.#bytes.write(value.replace(HEX, ''), at, 'hex');
    this.#at = at + 16;
  }

  /** bigint. */
  integer(value: number): void {
    this.#reserve(12);
    const at = this.#bytes.writeInt32BE(8, this.#at);
    this.#at = writeInt64(this.#bytes, value, at);
  }

  /** Puts another value where `integer` wrote one, counted from when `length` was that. */
  patchInteger(value: number, at: number): void {
    writeInt64(this.#bytes, value, at + 4);
  }

  int4(value: number): void {
    this.#reserve(8);
    this.#at = this.#bytes.writeInt32BE(value, this.#bytes.writeInt32BE(4, this.#at));
  }

  /** timestamptz; `ms` since the epoch, whole. */
  time(ms: number): void {
    this.#reserve(12);
    const at = this.#bytes.writeInt32BE(8, this.#at);
    this.#at = writeMicros(this.#bytes, ms - SERVER_EPOCH, at);
  }

  /** Everything since `reset`, valid until the next one. */
  finish(): Buffer {
    this.#reserve(2);
    this.#at = this.#bytes.writeInt16BE(-1, this.#at);
    return this.#bytes.subarray(0, this.#at);
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes + 2 <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, this.#at + bytes + 2));
    this.#bytes.copy(larger, 0, 0, this.#at);
    this.#bytes = larger;
  }
}

const TWO_32 = 2 ** 32;
function writeInt64(bytes: Buffer, value: number, at: number): number {
  const high = Math.floor(value / TWO_32);
  return bytes.writeUInt32BE(value - high * TWO_32, bytes.writeInt32BE(high, at));
}

/** `ms` × 1000 may be beyond the whole numbers of a double. */
function writeMicros(bytes: Buffer, ms: number, at: number): number {
  const micros = ms * 1_000;
  return Number.isSafeInteger(micros) ? writeInt64(bytes, micros, at) : bytes.writeBigInt64BE(BigInt(ms) * 1_000n, at);
}
