/**
 * A page of a result: some hundred rows, column by column, so that one column can be read without the others and one cell
 * without its column:
 *
 *   u32 rows · u32 columns · (u32 kind, u32 bytes) of each column · blocks, each from a multiple of 8 bytes on
 *
 * A block of numbers is an array of 8-byte values; a block of text, blobs or mixed values is u32 offsets[rows + 1] and
 * the bytes. Where a column has nulls or is mixed, u8 tags[rows] come first.
 */
export type Value = null | boolean | number | bigint | string | Uint8Array;

export const TAG = { null: 0, real: 1, integer: 2, text: 3, boolean: 4, blob: 5 } as const;
export const KIND = { null: 0, real: 1, integer: 2, ascii: 3, boolean: 4, blob: 5, utf8: 6, mixed: 7 } as const;
/** Added to a kind: tags come first. */
export const HAS_TAGS = 16;

/** Large enough that a page costs little, small enough that one cell of it does too. */
export const PAGE_ROWS = 1_024;

export const align8 = (offset: number): number => (offset + 7) & ~7;

/** One column of a page; its parts lie one after another, each from a multiple of 8 bytes on. */
export interface Block {
  readonly kind: number;
  readonly parts: readonly Uint8Array[];
}

/** Rows that wait to become a page, in whatever form they come. */
export interface PendingPage<Row> {
  /** At most `PAGE_ROWS`. */
  readonly rows: number;
  /** Of what waits, roughly. */
  readonly bytes: number;
  add(row: Row): void;
  /** The page of what was added, which waits no more. Good until rows are added again. */
  take(): Buffer;
}
const KIND_OF_TAG = [KIND.null, KIND.real, KIND.integer, KIND.utf8, KIND.boolean, KIND.blob] as const;

export const encodePage = (rows: readonly (readonly Value[])[], columns: number): Buffer =>
  joinBlocks(
    rows.length,
    Array.from({ length: columns }, (_, column) => encodeColumn(rows, column)),
  );

export function joinBlocks(
  rows: number,
  blocks: readonly Block[],
  allocate = (bytes: number): Buffer => Buffer.allocUnsafe(bytes),
): Buffer {
  const head = 8 + 8 * blocks.length;
  const sizes = blocks.map(({ parts }) => parts.reduce((sum, part) => align8(sum) + part.byteLength, 0));
  const page = allocate(sizes.reduce((at, size) => align8(at) + size, align8(head)));
  page.writeUInt32LE(rows, 0);
  page.writeUInt32LE(blocks.length, 4);
  let at = head;
  blocks.forEach(({ kind, parts }, column) => {
    page.writeUInt32LE(kind, 8 + 8 * column);
    page.writeUInt32LE(sizes[column] ?? 0, 12 + 8 * column);
    at = fillUp(page, at);
    for (const part of parts) {
      at = fillUp(page, at);
      page.set(part, at);
      at += part.byteLength;
    }
  });
  return page;
}

/** The next multiple of 8, with nothing in between. */
function fillUp(page: Buffer, from: number): number {
  const to = align8(from);
  if (to > from) page.fill(0, from, to);
  return to;
}

export function tagOf(value: Value): number {
  if (typeof value === 'number') return TAG.real;
  if (typeof value === 'bigint') return TAG.integer;
  if (typeof value === 'string') return TAG.text;
  if (typeof value === 'boolean') return TAG.boolean;
  return value === null ? TAG.null : TAG.blob;
}

function encodeColumn(rows: readonly (readonly Value[])[], column: number): Block {
  const tags = new Uint8Array(rows.length);
  let seen = 0;
  for (let row = 0; row < rows.length; row++) {
    const tag = tagOf(rows[row]![column] as Value);
    tags[row] = tag;
    seen |= 1 << tag;
  }
  const hasNulls = (seen & 1) !== 0;
  const others = seen & ~1;
  if (others === 0) return { kind: KIND.null, parts: [] };
  const tag = 31 - Math.clz32(others);
  if (others !== 1 << tag) return { kind: KIND.mixed + HAS_TAGS, parts: [tags, ...encodeMixed(rows, column)] };
  const { kind, parts } = encodeUniform(rows, column, tag);
  return hasNulls ? { kind: kind + HAS_TAGS, parts: [tags, ...parts] } : { kind, parts };
}

function encodeUniform(rows: readonly (readonly Value[])[], column: number, tag: number): Block {
  if (tag === TAG.text) return encodeText(rows, column);
  if (tag === TAG.blob) return { kind: KIND.blob, parts: encodeMixed(rows, column) };
  const kind = KIND_OF_TAG[tag] ?? KIND.null;
  if (tag === TAG.boolean) return { kind, parts: [Uint8Array.from(rows, (row) => (row[column] === true ? 1 : 0))] };
  if (tag === TAG.real)
    return { kind, parts: [bytesOf(Float64Array.from(rows, (row) => (row[column] ?? 0) as number))] };
  const values = new BigInt64Array(rows.length);
  for (let row = 0; row < rows.length; row++) values[row] = (rows[row]![column] ?? 0n) as bigint;
  return { kind, parts: [bytesOf(values)] };
}

/** All values are one text first: writing it at once is several times faster than one by one. */
function encodeText(rows: readonly (readonly Value[])[], column: number): Block {
  const offsets = new Uint32Array(rows.length + 1);
  let all = '';
  for (let row = 0; row < rows.length; row++) {
    const value = rows[row]![column];
    if (value !== null) all += value as string;
    offsets[row + 1] = all.length;
  }
  const bytes = Buffer.from(all, 'utf8');
  if (bytes.byteLength === all.length) return { kind: KIND.ascii, parts: [bytesOf(offsets), bytes] };
  return { kind: KIND.utf8, parts: encodeMixed(rows, column) };
}

function encodeMixed(rows: readonly (readonly Value[])[], column: number): readonly Uint8Array[] {
  const offsets = new Uint32Array(rows.length + 1);
  const parts: Uint8Array[] = [];
  let at = 0;
  rows.forEach((row, i) => {
    const part = encodeValue(row[column] as Value);
    parts.push(part);
    at += part.byteLength;
    offsets[i + 1] = at;
  });
  return [bytesOf(offsets), Buffer.concat(parts, at)];
}

const NOTHING = new Uint8Array(0);
function encodeValue(value: Value): Uint8Array {
  if (typeof value === 'string') return Buffer.from(value, 'utf8');
  if (typeof value === 'number') return bytesOf(Float64Array.of(value));
  if (typeof value === 'bigint') return bytesOf(BigInt64Array.of(value));
  if (typeof value === 'boolean') return Uint8Array.of(value ? 1 : 0);
  return value ?? NOTHING;
}

export const bytesOf = (view: ArrayBufferView): Uint8Array =>
  new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
