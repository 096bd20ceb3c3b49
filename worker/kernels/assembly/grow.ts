/**
 * New values between those of a column, where it lies (see `segment/grow-column.ts`, the twin):
 *
 *   column  a b c d      places 1 1 4      values x y z      →   a x y b c d z
 *
 * From the end on, so that nothing is overwritten before it has moved: `places` ascend, and behind the column there is room.
 */

/** `width` = 1, 2 or 4 bytes a value; `length` = of the column before. */
export function growColumn(column: usize, width: u32, length: u32, places: usize, values: usize, count: u32): void {
  const each = <usize>width;
  let end = <usize>length;
  for (let i = <usize>count; i-- > 0; ) {
    const place = <usize>load<u32>(places + (i << 2));
    if (place < end) memory.copy(column + (place + i + 1) * each, column + place * each, (end - place) * each);
    const value = load<u32>(values + (i << 2)), at = column + (place + i) * each;
    if (width == 1) store<u8>(at, <u8>value);
    else if (width == 2) store<u16>(at, <u16>value);
    else store<u32>(at, value);
    end = place;
  }
}

/**
 * Where the events of each of `grown` actors begin, and one more, of which `known` were there with `events` events. `actors`,
 * ascending, are those of the new events.
 */
export function growOffsets(offsets: usize, known: u32, events: u32, grown: u32, actors: usize, count: u32): void {
  let before = count;
  for (let actor = <usize>grown + 1; actor-- > 0; ) {
    while (before > 0 && <usize>load<u32>(actors + (<usize>(before - 1) << 2)) >= actor) before--;
    const at = offsets + (actor << 2);
    store<u32>(at, (actor <= <usize>known ? load<u32>(at) : events) + before);
  }
}
