import { WORD } from './session-link.ts';

/** Both ends of the ring of a `SessionData`. One thread writes, one reads. */
export class ByteRing {
  readonly #ring: Uint8Array;
  readonly #words: Int32Array;

  constructor(ring: Uint8Array, words: Int32Array) {
    this.#ring = ring;
    this.#words = words;
  }

  get length(): number {
    return (Atomics.load(this.#words, WORD.head) - Atomics.load(this.#words, WORD.tail)) >>> 0;
  }

  /** As much of `bytes` as there is room for; answers how much that was. */
  write(bytes: Uint8Array): number {
    const size = this.#ring.length;
    const count = Math.min(bytes.length, size - this.length);
    const at = (Atomics.load(this.#words, WORD.head) >>> 0) & (size - 1);
    const first = Math.min(count, size - at);
    this.#ring.set(bytes.subarray(0, first), at);
    if (first < count) this.#ring.set(bytes.subarray(first, count), 0);
    Atomics.add(this.#words, WORD.head, count);
    return count;
  }

  /** As much as there is, up to the length of `into`. */
  read(into: Uint8Array): number {
    const size = this.#ring.length;
    const count = Math.min(into.length, this.length);
    const at = (Atomics.load(this.#words, WORD.tail) >>> 0) & (size - 1);
    const first = Math.min(count, size - at);
    into.set(this.#ring.subarray(at, at + first));
    if (first < count) into.set(this.#ring.subarray(0, count - first), first);
    Atomics.add(this.#words, WORD.tail, count);
    return count;
  }

  clear(): void {
    Atomics.store(this.#words, WORD.tail, Atomics.load(this.#words, WORD.head));
  }
}
