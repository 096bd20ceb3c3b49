import { bytesOf, KIND, PAGE_ROWS, TAG, type Block } from '../result/page.ts';
import { unreadable, WireColumn } from './wire-column.ts';

const [MINUS, ZERO, T] = [0x2d, 0x30, 0x74] as const;
/** Digits that 32 bits and that a number hold exactly. */
const [SHORT, LONG] = [9, 15] as const;
const TWO_32 = 2 ** 32;

export class IntegerColumn extends WireColumn {
  readonly #values = new BigInt64Array(PAGE_ROWS);
  /** Two for each, little end first. */
  readonly #halves = new Int32Array(this.#values.buffer);

  constructor() {
    super(TAG.integer);
  }

  protected put(bytes: Buffer, from: number, to: number): void {
    const isNegative = bytes[from] === MINUS;
    const first = isNegative ? from + 1 : from;
    if (to - first > LONG) {
      this.#values[this.rows] = BigInt(bytes.toString('latin1', from, to));
      return;
    }
    const middle = Math.min(to, first + SHORT);
    let number = digits(bytes, first, middle);
    if (to > middle) number = number * 10 ** (to - middle) + digits(bytes, middle, to);
    if (isNegative) number = -number;
    this.#halves[2 * this.rows] = number;
    this.#halves[2 * this.rows + 1] = Math.floor(number / TWO_32);
  }

  protected putNull(): void {
    this.#values[this.rows] = 0n;
  }

  protected block(): Block {
    return { kind: KIND.integer, parts: [bytesOf(this.#values.subarray(0, this.rows))] };
  }
}

/** At most nine. */
function digits(bytes: Buffer, from: number, to: number): number {
  let number = 0;
  for (let i = from; i < to; i++) {
    const digit = bytes[i]! - ZERO;
    if (digit < 0 || digit > 9) throw unreadable();
    number = (10 * number + digit) | 0;
  }
  return number;
}

export class RealColumn extends WireColumn {
  readonly #values = new Float64Array(PAGE_ROWS);

  constructor() {
    super(TAG.real);
  }

  protected put(bytes: Buffer, from: number, to: number): void {
    this.#values[this.rows] = Number(bytes.toString('latin1', from, to));
  }

  protected putNull(): void {
    this.#values[this.rows] = 0;
  }

  protected block(): Block {
    return { kind: KIND.real, parts: [bytesOf(this.#values.subarray(0, this.rows))] };
  }
}

export class BooleanColumn extends WireColumn {
  readonly #values = new Uint8Array(PAGE_ROWS);

  constructor() {
    super(TAG.boolean);
  }

  protected put(bytes: Buffer, from: number): void {
    this.#values[this.rows] = bytes[from] === T ? 1 : 0;
  }

  protected putNull(): void {
    this.#values[this.rows] = 0;
  }

  protected block(): Block {
    return { kind: KIND.boolean, parts: [this.#values.subarray(0, this.rows)] };
  }
}
