// Columns with a value for each actor, derived from its events. The plain twins are in worker/compute/derived-*.ts.
//
//   offsets   0        3     4        types   0 1 0 | 2        seconds  5 6 9 | 7
//   present   0b011    0b100          repeated  0b001   0
//   first:0   5        none           first:2   none    7
//   behind    0        0              (types 0 and 1 both first at 5, 1 some ms after 0: 0b010)

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

// @ts-ignore: decorator
@inline
function markBehind<T>(offsets: usize, types: usize, seconds: usize, millis: usize, first: u32, end: u32, behind: usize): void {
  let high = load<u32>(offsets + (<usize>first << 2));
  for (let actor = first; actor < end; actor++) {
    const low = high;
    high = load<u32>(offsets + (<usize>(actor + 1) << 2));
    let seen: u32 = 0, later: u32 = 0, second: u32 = NO_FIRST, millisecond: u32 = 0;
    for (let event = low; event < high; event++) {
      const bit = <u32>1 << <u32>load<u8>(types + <usize>event);
      if ((seen & bit) != 0) continue;
      seen |= bit;
      const s = load<u32>(seconds + (<usize>event << 2)), ms = <u32>load<u16>(millis + (<usize>event << 1));
      if (s != second) {
        second = s;
        millisecond = ms;
      } else if (ms > millisecond) later |= bit;
    }
    store<T>(behind + <usize>actor * sizeof<T>(), <T>later);
  }
}
/** First events of a type that share their second with an earlier first one; `width` = bytes of an element. */
export function behind(offsets: usize, types: usize, seconds: usize, millis: usize, first: u32, end: u32, out: usize, width: u32): void {
  if (width == 1) markBehind<u8>(offsets, types, seconds, millis, first, end, out);
  else if (width == 2) markBehind<u16>(offsets, types, seconds, millis, first, end, out);
  else markBehind<u32>(offsets, types, seconds, millis, first, end, out);
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
