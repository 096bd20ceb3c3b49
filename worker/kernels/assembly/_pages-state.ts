// The state of one page reader, and of each of its dictionary columns: 32-bit words unless said. Written by
// worker/source/pages/reader-state.ts, which has the same offsets.

/** What `parse` and `flush` stopped for. */
export const DONE: i32 = 0;
/** The chunk has no row left. */
export const CHUNK_FULL: i32 = 1;
/** A dictionary must grow before the group can be flushed. */
export const DICTIONARY_FULL: i32 = 2;
/** The row `ODD_ROWID` is not made for this kernel: it counts as read, the cursor is behind it. */
export const ODD_ROW: i32 = 3;
export const HOURS_FULL: i32 = 4;
/** The b-tree is not as it should be. */
export const BROKEN: i32 = 5;

/** Rows whose strings are looked up together: their cache misses overlap. */
export const GROUP: u32 = 512;

export const USABLE: usize = 0;
export const BUFFER: usize = 4;
/** u32 a leaf: where its page begins in the buffer. */
export const LEAF_AT: usize = 8;
/** f64 a leaf: the largest rowid its parent allows. */
export const LEAF_UPPER: usize = 12;
export const LEAVES: usize = 16;
export const LEAF: usize = 20;
export const CELL: usize = 24;
/** u8 a column of the table: its role. */
export const ROLES: usize = 28;
export const ROLE_COUNT: usize = 32;
export const KEYS: usize = 36;
export const KEY_COUNT: usize = 40;
/** Bit n: some key has n characters (modulo 32). */
export const KEY_LENGTHS: usize = 44;
/** 8 bytes a value slot: pointer, length (NO_VALUE = null). */
export const VALUES: usize = 48;
export const VALUE_COUNT: usize = 52;
export const COLUMNS: usize = 56;
export const COLUMN_COUNT: usize = 60;
export const ROWS: usize = 64;
export const CAPACITY: usize = 68;
export const GROUP_START: usize = 72;
/** f64 columns of the chunk; 0 = not kept. */
export const TIMES: usize = 76;
export const RECORDED_AT: usize = 80;
export const LANDMARKS: usize = 84;
export const TIME_KIND: usize = 88;
/** 1 = ts must be the hour of the time (our own model). */
export const HOUR_KEYED: usize = 92;
export const HAS_JSON: usize = 96;
/** 1 = a row without an actor is skipped and counted; 0 = it is odd (its shop may have an owner). */
export const SKIPS_ACTORLESS: usize = 100;
export const HOURS: usize = 104;
export const HOURS_MASK: usize = 108;
export const HOURS_COUNT: usize = 112;
export const TAGS: usize = 116;
export const ROWS_READ: usize = 120;
export const NON_ASCII: usize = 124;
export const NULL_KEYS: usize = 128;
export const LATE: usize = 132;
export const ACTORLESS: usize = 136;
export const TOUCHED: usize = 140;
/** i64 */
export const FROM_ROW: usize = 144;
export const TO_ROW: usize = 152;
export const LAST_ROW: usize = 160;
export const ODD_ROWID: usize = 168;
/** The hour last parsed: first 8 and last 8 of its 13 characters, and its start in ms (f64; -1 = none yet). */
export const HOUR_TEXT: usize = 176;
export const HOUR_TAIL: usize = 184;
export const HOUR_START: usize = 192;
export const RECORDED_KIND: usize = 200;
/** Record of the odd row and its length; 0 = it goes on in other pages. */
export const ODD_RECORD: usize = 204;
export const ODD_LENGTH: usize = 208;
/** The hour last counted: its counter (0 = none) and its start in ms (f64). */
export const HOUR_ENTRY: usize = 212;
export const HOUR_OPEN: usize = 216;
/** Which keys came in which order: see _pages-json.ts. */
export const SHAPES: usize = 224;
/** What headers say: see _pages-layout.ts. */
export const LAYOUTS: usize = 228;

/** A dictionary column. */
export const COLUMN_BYTES: usize = 64;
export const SLOTS: usize = 0;
export const SLOT_MASK: usize = 4;
export const COUNT: usize = 8;
export const ENTRIES: usize = 12;
export const ENTRY_CAPACITY: usize = 16;
export const ARENA: usize = 20;
export const ARENA_LENGTH: usize = 24;
export const ARENA_CAPACITY: usize = 28;
/** Bytes of all strings together. */
export const BYTES: usize = 32;
/** Bytes of long strings in the open group. */
export const PENDING: usize = 36;
/** Of the open group: 16 bytes a string that is looked up when it is flushed, then u32 a string: its row in the chunk. */
export const GROUP_KEYS: usize = 40;
/** u32 codes of the chunk. */
export const CODES: usize = 44;
/** Value slot the strings come from. */
export const SOURCE: usize = 48;
/** 0, or 1 where code 0 means not set. */
export const FIRST_CODE: usize = 52;
/** Strings in the open group. */
export const GROUP_COUNT: usize = 56;
/** The strings seen last, with their codes; 0 = not worth it. */
export const RECENT: usize = 60;

export const NO_VALUE: u32 = 0xffffffff;

/** Roles of table columns; from ROLE_VALUE on: text of value slot role - ROLE_VALUE. */
export const ROLE_TS: u32 = 1;
export const ROLE_TIME: u32 = 2;
export const ROLE_JSON: u32 = 3;
export const ROLE_RECORDED: u32 = 4;
export const ROLE_VALUE: u32 = 8;
