/** Words of a UUID, most significant first. */
export type UuidWords = Int32Array;

const DIGITS = new Int8Array(128).fill(-1);
for (let digit = 0; digit < 16; digit++) {
  DIGITS['0123456789abcdef'.charCodeAt(digit)] = digit;
  DIGITS['0123456789ABCDEF'.charCodeAt(digit)] = digit;
}
const HYPHEN = 45;
const DIGITS_A_WORD = 8;

/** Of a UUID in its usual form. */
export function parseUuid(text: string, words: UuidWords): void {
  let word = 0;
  let digits = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === HYPHEN) continue;
    word = (word << 4) | (DIGITS[code] ?? 0);
    if (++digits % DIGITS_A_WORD === 0) words[digits / DIGITS_A_WORD - 1] = word;
  }
}

/**
 * UUIDs seen, by 32 bits of each: 8 to 16 bytes an id. What was added is always found; one of many millions may be taken
 * for another one.
 */
export class SeenIds {
  #slots = new Int32Array(1 << 12);
  #count = 0;

  /** Answers whether it seems to have been there before. */
  add(words: UuidWords): boolean {
    if (2 * (this.#count + 1) > this.#slots.length) this.#grow();
    const isNew = put(this.#slots, markOf(words));
    if (isNew) this.#count++;
    return !isNew;
  }

  #grow(): void {
    const slots = new Int32Array(2 * this.#slots.length);
    for (const mark of this.#slots) if (mark !== 0) put(slots, mark);
    this.#slots = slots;
  }
}

function put(slots: Int32Array, mark: number): boolean {
  const mask = slots.length - 1;
  let at = mark & mask;
  for (let found = slots[at]; found !== 0; found = slots[at]) {
    if (found === mark) return false;
    at = (at + 1) & mask;
  }
  slots[at] = mark;
  return true;
}

/** Never 0, which is an empty slot. */
function markOf([a = 0, b = 0, c = 0, d = 0]: UuidWords): number {
  let mark = Math.imul(a ^ (a >>> 15), 0x85eb_ca6b) ^ b;
  mark = Math.imul(mark ^ (mark >>> 13), 0xc2b2_ae35) ^ c;
  mark = Math.imul(mark ^ (mark >>> 16), 0x27d4_eb2f) ^ d;
  mark = Math.imul(mark ^ (mark >>> 15), 0x85eb_ca6b);
  mark ^= mark >>> 13;
  return mark === 0 ? 1 : mark;
}
