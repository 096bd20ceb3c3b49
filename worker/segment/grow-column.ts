import { withRoom } from './column-memory.ts';
import type { DerivedColumn } from './derived-column.ts';
import type { StringTable } from './string-table.ts';

/**
 * New values between those of a column. `places` ascend: before which element of the column each value goes.
 *
 *   column  a b c d      places 1 1 4      values x y z      →   a x y b c d z
 *
 * `grown` has room for both and may begin where `column` does: values then move up where they lie, from the end on.
 */
export function growColumn(
  column: DerivedColumn,
  grown: DerivedColumn,
  places: Uint32Array,
  values: ArrayLike<number>,
  check: () => void = () => undefined,
): void {
  const inPlace = grown.buffer === column.buffer && grown.byteOffset === column.byteOffset;
  let end = column.length;
  for (let i = places.length - 1; i >= 0; i--) {
    if ((i & 1023) === 0 && !inPlace) check();
    const place = places[i] ?? 0;
    if (place < end) {
      if (inPlace) grown.copyWithin(place + i + 1, place, end);
      else grown.set(column.subarray(place, end), place + i + 1);
    }
    grown[place + i] = values[i] ?? 0;
    end = place;
  }
  if (!inPlace) grown.set(column.subarray(0, end), 0);
}

/** Another column of the same type, in shared memory of its own. */
export function createLike<T extends DerivedColumn>(column: T, length: number): T {
  const bytes = new SharedArrayBuffer(column.BYTES_PER_ELEMENT * length);
  return new (column.constructor as new (buffer: SharedArrayBuffer) => T)(bytes);
}

/** The texts of `table`, then some more: behind them where its arrays have room, so that nothing is copied. */
export function growStrings(table: StringTable, more: StringTable): StringTable {
  if (more.length === 0) return table;
  const size = table.offsets[table.length] ?? 0;
  const added = more.offsets[more.length] ?? 0;
  const bytes = lengthen(table.bytes, size, size + added);
  const offsets = lengthen(table.offsets, table.length + 1, table.length + more.length + 1);
  bytes.set(more.bytes.subarray(0, added), size);
  for (let i = 1; i <= more.length; i++) offsets[table.length + i] = size + (more.offsets[i] ?? 0);
  return { length: table.length + more.length, bytes, offsets };
}

/** An array that begins a buffer of its own is alone in it: nothing else lies behind. */
function lengthen<T extends DerivedColumn>(column: T, used: number, length: number): T {
  const { buffer, byteOffset, BYTES_PER_ELEMENT: each } = column;
  const hasRoom = byteOffset === 0 && each * length <= buffer.byteLength && buffer instanceof SharedArrayBuffer;
  const make = column.constructor as new (buffer: ArrayBufferLike, at: number, length: number) => T;
  if (hasRoom) return new make(buffer, 0, length);
  const longer = new make(new SharedArrayBuffer(each * withRoom(length)), 0, length);
  longer.set(column.subarray(0, used));
  return longer;
}
