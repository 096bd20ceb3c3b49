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
  for (let actor = known + 1; actor <= grown; actor++) store<u32>(offsets + (<usize>actor << 2), events);
  // Behind the actor of a new event, up to that of the next one, all begin as many events later.
  for (let i: u32 = 0; i < count; ) {
    const actor = load<u32>(actors + (<usize>i << 2));
    while (i < count && load<u32>(actors + (<usize>i << 2)) == actor) i++;
    addTo(offsets, actor + 1, i < count ? load<u32>(actors + (<usize>i << 2)) : grown, i);
  }
}

/** To values `from` to `last`, both included. */
// @ts-ignore: decorator
@inline
function addTo(column: usize, from: u32, last: u32, more: u32): void {
  const fours = i32x4.splat(more), end = column + (<usize>last << 2) + 4;
  let at = column + (<usize>from << 2);
  for (; at + 16 <= end; at += 16) v128.store(at, i32x4.add(v128.load(at), fours));
  for (; at < end; at += 4) store<u32>(at, load<u32>(at) + more);
}
