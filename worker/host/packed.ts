import { deserialize, serialize } from 'node:v8';

/** A structured-cloneable value as bytes in shared memory. */
export type Packed = Uint8Array;

/**
 * Partials go from thread to thread past the host. A hundred thousand groups as objects would be read and written
 * again by the host on the way, which is then deaf for seconds; packed, it passes on one pointer.
 */
export function pack(value: unknown): Packed {
  const bytes = serialize(value);
  const packed = new Uint8Array(new SharedArrayBuffer(bytes.length));
  packed.set(bytes);
  return packed;
}

/** Columns that lay in shared memory come back as copies. */
export function unpack(packed: Packed): unknown {
  return deserialize(packed.slice());
}
