import { isAscii } from 'node:buffer';
import { bytesOf, KIND, PAGE_ROWS, TAG, type Block } from '../result/page.ts';
import { unreadable, WireColumn } from './wire-column.ts';

const FIRST_BYTES = 65_536;
/** A larger one is not kept for the next page. */
const KEPT_BYTES = 4_000_000;
/** Fewer bytes are copied faster one by one. */
const FEW = 48;

/** Values one after another, and where each of them ends. */
abstract class SpanColumn extends WireColumn {
  protected data = Buffer.allocUnsafe(FIRST_BYTES);
  protected used = 0;
  readonly #offsets = new Uint32Array(PAGE_ROWS + 1);

  protected putNull(): void {
    this.endValue(this.used);
  }

  protected endValue(at: number): void {
    this.used = at;
    this.#offsets[this.rows + 1] = at;
  }

  protected reserve(bytes: number): void {
    if (this.used + bytes <= this.data.length) return;
    const larger = Buffer.allocUnsafe(Math.max(2 * Math.min(this.data.length, KEPT_BYTES), this.used + bytes));
    this.data.copy(larger, 0, 0, this.used);
    this.data = larger;
  }

  protected spans(): readonly Uint8Array[] {
    const parts = [bytesOf(this.#offsets.subarray(0, this.rows + 1)), this.data.subarray(0, this.used)];
    this.used = 0;
    if (this.data.length > KEPT_BYTES) this.data = Buffer.allocUnsafe(FIRST_BYTES);
    return parts;
  }
}

export class TextColumn extends SpanColumn {
  constructor() {
    super(TAG.text);
  }

  protected put(bytes: Buffer, from: number, to: number): void {
    this.reserve(to - from);
    const { data } = this;
    let at = this.used;
    if (to - from > FEW) at += bytes.copy(data, at, from, to);
    else for (let i = from; i < to; i++) data[at++] = bytes[i]!;
    this.endValue(at);
  }

  protected block(): Block {
    const isPlain = isAscii(this.data.subarray(0, this.used));
    return { kind: isPlain ? KIND.ascii : KIND.utf8, parts: this.spans() };
  }
}

const [BACKSLASH, X] = [0x5c, 0x78] as const;
const NIBBLES = Uint8Array.from({ length: 256 }, (_, code) => Number.parseInt(String.fromCharCode(code), 16) || 0);

/** Written as `\x00ff`, which the session asks for. */
export class BlobColumn extends SpanColumn {
  constructor() {
    super(TAG.blob);
  }

  protected put(bytes: Buffer, from: number, to: number): void {
    if (bytes[from] !== BACKSLASH || bytes[from + 1] !== X) throw unreadable();
    this.reserve((to - from) >> 1);
    const { data } = this;
    let at = this.used;
    for (let i = from + 2; i < to; i += 2) data[at++] = (NIBBLES[bytes[i]!]! << 4) | NIBBLES[bytes[i + 1]!]!;
    this.endValue(at);
  }

  protected block(): Block {
    return { kind: KIND.blob, parts: this.spans() };
  }
}
