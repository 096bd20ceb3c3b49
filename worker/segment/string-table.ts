/**
 * Strings in shared memory: UTF-8 bytes end to end and `length + 1` offsets, so that every thread reads them without
 * a copy. `get(i)` decodes on demand.
 */
export interface StringTable {
  readonly length: number;
  readonly bytes: Uint8Array;
  readonly offsets: Uint32Array;
}

const decoder = new TextDecoder();
const encoder = new TextEncoder();

export function getString(table: StringTable, index: number): string {
  const bytes = table.bytes.subarray(table.offsets[index], table.offsets[index + 1]);
  // TextDecoder refuses views on shared memory in browsers and some Node versions: decode a copy.
  return decoder.decode(bytes.slice());
}

export function buildStringTable(strings: readonly string[]): StringTable {
  let size = 0;
  for (const s of strings) size += Buffer.byteLength(s);
  const bytes = new Uint8Array(new SharedArrayBuffer(size));
  const offsets = new Uint32Array(new SharedArrayBuffer(4 * (strings.length + 1)));
  let at = 0;
  strings.forEach((s, i) => {
    at += encoder.encodeInto(s, bytes.subarray(at)).written;
    offsets[i + 1] = at;
  });
  return { length: strings.length, bytes, offsets };
}

export function* iterateStrings(table: StringTable): Generator<string> {
  for (let i = 0; i < table.length; i++) yield getString(table, i);
}

/** Index of `value` in a table in code-unit order, or null. */
export function findString(sorted: StringTable, value: string): number | null {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const mid = (low + high) >>> 1;
    if (getString(sorted, mid) < value) low = mid + 1;
    else high = mid;
  }
  return low < sorted.length && getString(sorted, low) === value ? low : null;
}
