import { buildStringTable, type StringTable } from './string-table.ts';

/**
 * UTF-8 texts under codes in order of first appearance, without an object a text, for short texts in a hot loop: hashed
 * four bytes a step, the hash beside each code, so that a text is compared with one other at most, mostly an equal one.
 *
 *   slots   | hash, code + 1 | hash, code + 1 | 0, 0 | …       a power of two, at most half full
 */
export class TextInterner {
  #bytes = new Uint8Array(1 << 16);
  #ends = new Uint32Array(1 << 10);
  #slots = new Uint32Array(1 << 12);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Code of the text in `bytes` from `from` to `to` (exclusive). */
  add(bytes: Uint8Array, from: number, to: number): number {
    return this.#addHashed(hashOf(bytes, from, to), bytes, from, to);
  }

  #addHashed(hash: number, bytes: Uint8Array, from: number, to: number): number {
    const slots = this.#slots;
    const mask = slots.length - 2;
    let at = (hash << 1) & mask;
    for (;;) {
      const entry = slots[at + 1] ?? 0;
      if (entry === 0) break;
      if (slots[at] === hash && this.#equals(entry - 1, bytes, from, to)) return entry - 1;
      at = (at + 2) & mask;
    }
    slots[at] = hash;
    slots[at + 1] = ++this.#length;
    this.#append(bytes, from, to);
    if (4 * this.#length >= slots.length) this.#grow();
    return this.#length - 1;
  }

  /**
   * Codes of many texts, in their order, at `places` of `into`. The table's cells are touched together before they are read:
   * their cache misses overlap.
   */
  addAll(bytes: Uint8Array, texts: TextPlaces, into: Uint32Array, places: Uint32Array): void {
    const { starts, ends, hashes, count } = texts;
    const slots = this.#slots;
    const mask = slots.length - 2;
    let touched = 0;
    for (let i = 0; i < count; i++) {
      const hash = hashOf(bytes, starts[i] ?? 0, ends[i] ?? 0);
      hashes[i] = hash;
      touched ^= slots[(hash << 1) & mask] ?? 0;
    }
    texts.touched = touched;
    for (let i = 0; i < count; i++)
      into[places[i] ?? 0] = this.#addHashed(hashes[i] ?? 0, bytes, starts[i] ?? 0, ends[i] ?? 0);
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
    const own = this.#bytes;
    let at = this.#ends[code] ?? 0;
    if ((this.#ends[code + 1] ?? 0) - at !== to - from) return false;
    for (let i = from; i < to; i++) if (own[at++] !== bytes[i]) return false;
    return true;
  }

  #append(bytes: Uint8Array, from: number, to: number): void {
    const start = this.#ends[this.#length - 1] ?? 0;
    const end = start + to - from;
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(end, 2 * this.#bytes.length));
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    if (this.#length >= this.#ends.length) {
      const grown = new Uint32Array(2 * this.#ends.length);
      grown.set(this.#ends);
      this.#ends = grown;
    }
    const own = this.#bytes;
    for (let i = from, at = start; i < to; i++) own[at++] = bytes[i] ?? 0;
    this.#ends[this.#length] = end;
  }

  #grow(): void {
    const old = this.#slots;
    const slots = new Uint32Array(2 * old.length);
    const mask = slots.length - 2;
    for (let i = 0; i < old.length; i += 2) {
      const entry = old[i + 1] ?? 0;
      if (entry === 0) continue;
      const hash = old[i] ?? 0;
      let at = (hash << 1) & mask;
      while (slots[at + 1] !== 0) at = (at + 2) & mask;
      slots[at] = hash;
      slots[at + 1] = entry;
    }
    this.#slots = slots;
  }
}

/** Where texts lie in bytes, `count` of them; `hashes` is room to work in, `touched` keeps reads from being left out. */
export interface TextPlaces {
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  readonly hashes: Uint32Array;
  readonly count: number;
  touched: number;
}

/** Four bytes a step, mixed at the end; unsigned. */
function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = to - from;
  let at = from;
  for (; at + 4 <= to; at += 4) {
    const word =
      (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
    hash = Math.imul(hash ^ word, 0x9e37_79b1);
    hash ^= hash >>> 15;
  }
  for (; at < to; at++) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x0100_0193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}
