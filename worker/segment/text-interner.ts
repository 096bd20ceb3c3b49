import { buildStringTable, type StringTable } from './string-table.ts';

/** UTF-8 texts under codes in order of first appearance, without an object a text. Grows as needed. */
export class TextInterner {
  #bytes = new Uint8Array(1 << 16);
  #ends = new Uint32Array(1 << 10);
  /** Open addressing: code + 1, or 0. A power of two, at most half full. */
  #slots = new Uint32Array(1 << 12);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Code of the text in `bytes` from `from` to `to` (exclusive). */
  add(bytes: Uint8Array, from: number, to: number): number {
    if (2 * this.#length >= this.#slots.length) this.#rehash();
    const mask = this.#slots.length - 1;
    let slot = hash(bytes, from, to) & mask;
    for (;;) {
      const code = (this.#slots[slot] ?? 0) - 1;
      if (code < 0) break;
      if (this.#equals(code, bytes, from, to)) return code;
      slot = (slot + 1) & mask;
    }
    this.#slots[slot] = ++this.#length;
    this.#append(bytes, from, to);
    return this.#length - 1;
  }

  /** In shared memory of its own. */
  toTable(): StringTable {
    const size = this.#ends[this.#length] ?? 0;
    if (this.#length === 0) return buildStringTable([]);
    const bytes = new Uint8Array(new SharedArrayBuffer(size));
    const offsets = new Uint32Array(new SharedArrayBuffer(4 * (this.#length + 1)));
    bytes.set(this.#bytes.subarray(0, size));
    offsets.set(this.#ends.subarray(0, this.#length + 1));
    return { length: this.#length, bytes, offsets };
  }

  #equals(code: number, bytes: Uint8Array, from: number, to: number): boolean {
    const start = this.#ends[code] ?? 0;
    if ((this.#ends[code + 1] ?? 0) - start !== to - from) return false;
    for (let i = to - from - 1; i >= 0; i--) if (this.#bytes[start + i] !== bytes[from + i]) return false;
    return true;
  }

  #append(bytes: Uint8Array, from: number, to: number): void {
    const start = this.#ends[this.#length - 1] ?? 0;
    const end = start + to - from;
    while (end > this.#bytes.length) {
      const grown = new Uint8Array(2 * this.#bytes.length);
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    if (this.#length >= this.#ends.length) {
      const grown = new Uint32Array(2 * this.#ends.length);
      grown.set(this.#ends);
      this.#ends = grown;
    }
    this.#bytes.set(bytes.subarray(from, to), start);
    this.#ends[this.#length] = end;
  }

  #rehash(): void {
    const slots = new Uint32Array(2 * this.#slots.length);
    const mask = slots.length - 1;
    for (let code = 0; code < this.#length; code++) {
      let slot = hash(this.#bytes, this.#ends[code] ?? 0, this.#ends[code + 1] ?? 0) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = code + 1;
    }
    this.#slots = slots;
  }
}

/** FNV-1a, mixed. */
function hash(bytes: Uint8Array, from: number, to: number): number {
  let mixed = 0x811c_9dc5;
  for (let at = from; at < to; at++) mixed = Math.imul(mixed ^ (bytes[at] ?? 0), 0x0100_0193);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b_3c6d);
  return mixed ^ (mixed >>> 13);
}
