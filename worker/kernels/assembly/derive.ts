// Columns with a value for each actor, derived from its events. The plain twins are in worker/compute/derived-*.ts.
//
//   offsets   0        3     4        types   0 1 0 | 2        seconds  5 6 9 | 7
//   present   0b011    0b100          repeated  0b001   0
//   first:0   5        none           first:2   none    7

const NO_FIRST: u32 = 0xffffffff;

// @ts-ignore: decorator
@inline
function markTypes<T>(offsets: usize, types: usize, first: u32, end: u32, present: usize, repeated: usize): void {
  let high = load<u32>(offsets + (<usize>first << 2));
  for (let actor = first; actor < end; actor++) {
    const low = high;
    high = load<u32>(offsets + (<usize>(actor + 1) << 2));
    let seen: u32 = 0, again: u32 = 0;
    for (let event = low; event < high; event++) {
      const bit = <u32>1 << <u32>load<u8>(types + <usize>event);
      again |= seen & bit;
      seen |= bit;
    }
    if (present != 0) store<T>(present + <usize>actor * sizeof<T>(), <T>seen);
    if (repeated != 0) store<T>(repeated + <usize>actor * sizeof<T>(), <T>again);
  }
}
/** For up to 8, 16 and 32 types; a column that is null is left out. */
export function types8(offsets: usize, types: usize, first: u32, end: u32, present: usize, repeated: usize): void {
  markTypes<u8>(offsets, types, first, end, present, repeated);
}
export function types16(offsets: usize, types: usize, first: u32, end: u32, present: usize, repeated: usize): void {
  markTypes<u16>(offsets, types, first, end, present, repeated);
}
export function types32(offsets: usize, types: usize, first: u32, end: u32, present: usize, repeated: usize): void {
  markTypes<u32>(offsets, types, first, end, present, repeated);
}

/**
 * First seconds by type. `columns`: for each of 256 types the column it goes to, u32; null = `sink`, 4 bytes that nobody
 * reads. Columns of the actors are set to NO_FIRST before. Events are taken from the last to the first, so that the
 * first of a type is written last.
 */
export function firsts(offsets: usize, types: usize, seconds: usize, first: u32, end: u32, columns: usize, sink: usize): void {
  let low = load<u32>(offsets + (<usize>first << 2));
  for (let actor = first; actor < end; actor++) {
    const begin = low;
    low = load<u32>(offsets + (<usize>(actor + 1) << 2));
    for (let event = low; event > begin; event--) {
      const column = <usize>load<u32>(columns + (<usize>load<u8>(types + <usize>(event - 1)) << 2));
      store<u32>(column == 0 ? sink : column + (<usize>actor << 2), load<u32>(seconds + (<usize>(event - 1) << 2)));
    }
  }
}
