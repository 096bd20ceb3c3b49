import { closeSync, fstatSync, openSync, read, readSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';

/**
 * One column a file: a page that says what it is, then the values as they lie in memory.
 *
 *   0                                                        4096
 *   | tributary column 1 le u32 10000000 crc32=1f2e3d4c seconds\n 0 0 0 … | values …
 *
 * The page is compared with the one that the manifest makes expect, so a changed byte in it is noticed like one in the
 * values, which the CRC-32 covers.
 */
export type ColumnValues = Uint8Array | Uint16Array | Uint32Array | Float64Array;
/** Values that lie in a file of somebody else, in this machine's byte order, from byte `at` on. */
export interface ColumnInFile {
  readonly path: string;
  readonly at: number;
  readonly type: ColumnType;
  readonly length: number;
}
export type ColumnType = 'u8' | 'u16' | 'u32' | 'f64';
export interface ColumnEntry {
  readonly name: string;
  /** In the folder of its source. */
  readonly file: string;
  readonly type: ColumnType;
  /** Values. */
  readonly length: number;
  readonly crc: number;
}

/** Of this form and of every column file. */
export const FORMAT_VERSION = 1;
export const PAGE_BYTES = 4_096;
/** Small enough to stay in the processor's cache between reading and checking, large enough for few calls. */
const SLICE_BYTES = 1 << 20;
const SLICES_AHEAD = 3;
export const TYPE_BYTES: { readonly [T in ColumnType]: number } = { u8: 1, u16: 2, u32: 4, f64: 8 };
const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** A kept column is not what was written: cut short, changed, or gone. The caller makes it anew. */
export class ColumnDamaged extends Error {
  override readonly name = 'ColumnDamaged';
}

export function getType(values: ColumnValues | ColumnInFile): ColumnType {
  if ('path' in values) return values.type;
  if (values instanceof Uint8Array) return 'u8';
  if (values instanceof Uint16Array) return 'u16';
  return values instanceof Uint32Array ? 'u32' : 'f64';
}

export const getFileBytes = ({ type, length }: Pick<ColumnEntry, 'type' | 'length'>): number =>
  PAGE_BYTES + TYPE_BYTES[type] * length;

function makePage({ name, type, length, crc }: ColumnEntry): Buffer {
  const page = Buffer.alloc(PAGE_BYTES);
  const order = LITTLE_ENDIAN ? 'le' : 'be';
  // A name too long is cut here: it is also in the manifest.
  page.write(`tributary column ${FORMAT_VERSION} ${order} ${type} ${length} crc32=${crc.toString(16)} ${name}\n`);
  return page;
}

/** Slices of some hundred kilobytes; other work gets its turn between them. Throws the signal's reason. */
export async function writeColumn(
  file: FileHandle,
  entry: Omit<ColumnEntry, 'crc'>,
  values: ColumnValues | ColumnInFile,
  signal: AbortSignal | null = null,
): Promise<ColumnEntry> {
  let crc = 0;
  let at = PAGE_BYTES;
  for await (const slice of 'path' in values ? slicesOfFile(values) : slicesOf(asBytes(values))) {
    signal?.throwIfAborted();
    crc = crc32(slice, crc);
    await writeAll(file, slice, at);
    at += slice.length;
  }
  const written: ColumnEntry = { ...entry, crc };
  await writeAll(file, makePage(written), 0);
  return written;
}

function* slicesOf(bytes: Uint8Array): Generator<Uint8Array, void> {
  for (let at = 0; at < bytes.length; at += SLICE_BYTES) yield bytes.subarray(at, at + SLICE_BYTES);
}

async function* slicesOfFile({ path, at, type, length }: ColumnInFile): AsyncGenerator<Uint8Array, void> {
  const bytes = TYPE_BYTES[type] * length;
  const file = await open(path, 'r');
  try {
    for (let done = 0; done < bytes;) {
      const slice = new Uint8Array(Math.min(SLICE_BYTES, bytes - done));
      const { bytesRead } = await file.read(slice, 0, slice.length, at + done);
      if (bytesRead === 0) throw new ColumnDamaged(`${path} is cut short`);
      yield slice.subarray(0, bytesRead);
      done += bytesRead;
    }
  } finally {
    await file.close();
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, at + done);
    done += bytesWritten;
  }
}

/** A millisecond or two: libuv's threads would take longer to start. */
const AT_ONCE_BYTES = 4 << 20;

/**
 * Straight into `values`, which may be shared memory that nobody touched yet; null = only checks. Throws ColumnDamaged.
 * Reading and touching new memory happen in the background, some slices ahead, while this thread checks what has come.
 */
export async function readColumn(path: string, entry: ColumnEntry, values: ColumnValues | null): Promise<void> {
  const length = getFileBytes(entry) - PAGE_BYTES;
  if (values !== null && length <= AT_ONCE_BYTES) return readColumnSync(path, entry, values);
  const bytes = values === null ? null : asBytes(values);
  const fd = openColumn(path, entry);
  const ahead: Promise<Uint8Array>[] = [];
  try {
    let next = 0;
    let crc = 0;
    for (let at = 0; at < length; at += SLICE_BYTES) {
      for (; ahead.length < SLICES_AHEAD && next < length; next += SLICE_BYTES) {
        const end = Math.min(next + SLICE_BYTES, length);
        ahead.push(readSlice(fd, bytes?.subarray(next, end) ?? new Uint8Array(end - next), PAGE_BYTES + next, path));
      }
      const slice = await ahead.shift();
      if (slice !== undefined) crc = crc32(slice, crc);
    }
    if (crc !== entry.crc) throw otherValues(path);
  } finally {
    await Promise.allSettled(ahead);
    closeSync(fd);
  }
}

function readSlice(fd: number, into: Uint8Array, at: number, path: string): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    read(fd, into, 0, into.length, at, (error, done) => {
      if (error !== null) reject(new ColumnDamaged(`${path} cannot be read`, { cause: error }));
      else if (done < into.length) reject(new ColumnDamaged(`${path} is cut short`));
      else resolve(into);
    });
  });
}

export const otherValues = (path: string): ColumnDamaged =>
  new ColumnDamaged(`${path} has other values than were written`);

/** The same at once, for small columns. Throws ColumnDamaged. */
export function readColumnSync(path: string, entry: ColumnEntry, values: ColumnValues): void {
  const bytes = asBytes(values);
  const fd = openColumn(path, entry);
  try {
    readAll(fd, bytes, PAGE_BYTES, path);
    if (crc32(bytes) !== entry.crc) throw otherValues(path);
  } finally {
    closeSync(fd);
  }
}

export function openColumn(path: string, entry: ColumnEntry): number {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (cause) {
    throw new ColumnDamaged(`${path} cannot be opened`, { cause });
  }
  try {
    if (fstatSync(fd).size !== getFileBytes(entry)) throw new ColumnDamaged(`${path} is not as long as it was`);
    const page = Buffer.alloc(PAGE_BYTES);
    readAll(fd, page, 0, path);
    if (!page.equals(makePage(entry))) throw new ColumnDamaged(`${path} is not the column that was written`);
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

export function readAll(fd: number, bytes: Uint8Array, at: number, path: string): void {
  for (let done = 0; done < bytes.length;) {
    const read = readSync(fd, bytes, done, bytes.length - done, at + done);
    if (read === 0) throw new ColumnDamaged(`${path} is cut short`);
    done += read;
  }
}

export const asBytes = (values: ColumnValues): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
