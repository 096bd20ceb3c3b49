// What the reader of a COPY has beside the state that it shares with the page reader (_pages-state.ts): 32-bit words unless
// said. Written by worker/source/postgres/copy-state.ts, which has the same offsets. Cells are named by their number in the
// row, NONE = not sent.

export const NONE: u32 = 0xffffffff;

/** Where the next message begins, and where the bytes end that are here. */
export const AT: usize = 0;
export const END: usize = 4;
/** Cells a row, and for each (8 bytes) where it lies in the present one: pointer, length (NONE = null). */
export const CELL_COUNT: usize = 8;
export const CELLS: usize = 12;
export const SEQ: usize = 16;
export const TIME: usize = 20;
export const EVENT: usize = 24;
export const ACTOR: usize = 28;
export const RECORDED: usize = 32;
export const HOUR: usize = 36;
export const FLAGS: usize = 40;
/** 8 bytes a property: cell, kind. */
export const PROPERTIES: usize = 44;
export const PROPERTY_COUNT: usize = 48;
/** Codes of events by the bytes of their cells: see `findEvent`. */
export const EVENTS: usize = 52;
export const EVENTS_MASK: usize = 56;
export const EVENT_COUNT: usize = 60;
/** Where no cell names the event: its code. */
export const EVENT_CODE: usize = 64;
/** Columns of the chunk: u32, 0 = not kept; f64. */
export const TYPES: usize = 68;
export const SEQS: usize = 72;
/** A bit for every row that the twin must look at, by a hash of its number: others may share it. */
export const SUSPECTS: usize = 76;
export const SUSPECTS_MASK: usize = 80;
/** 1 = hours and late rows are counted. */
export const COUNTING: usize = 84;
/** Sum over the numbers of all rows read. */
export const HASH: usize = 88;
/** 1 = some row came after one with a larger number. */
export const UNORDERED: usize = 92;
/** f64 */
export const LAST_SEQ: usize = 96;
export const FROM_TIME: usize = 104;
export const TO_TIME: usize = 112;

/** Kinds of properties. */
export const TEXT: u32 = 0;
export const JSON: u32 = 1;
