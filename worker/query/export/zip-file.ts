import { constants, crc32, deflateRawSync } from 'node:zlib';
import type { ExportFile } from './export-file.ts';

interface Entry {
  readonly name: Buffer;
  readonly offset: number;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
}
const HAS_DESCRIPTOR = 8;
const DEFLATED = 8;
/** 1980-01-01: the same rows give the same bytes. */
const DATE = 0x21;

/** A zip that is written from front to back, without going back: sizes follow what they are of. Up to 4 GB. */
export class ZipFile {
  readonly #file: ExportFile;
  readonly #entries: Entry[] = [];

  constructor(file: ExportFile) {
    this.#file = file;
  }

  add(name: string, parts: Iterable<string>): void {
    const bytes = Buffer.from(name);
    const offset = this.#file.bytes;
    this.#file.write(
      Buffer.concat([
        record(0x04034b50, [20, HAS_DESCRIPTOR, DEFLATED, 0, DATE], [0, 0, 0]),
        u16(bytes.length, 0),
        bytes,
      ]),
    );
    let crc = 0;
    let size = 0;
    const start = this.#file.bytes;
    for (const part of parts) {
      const plain = Buffer.from(part);
      crc = crc32(plain, crc);
      size += plain.length;
      this.#file.write(deflateRawSync(plain, { finishFlush: constants.Z_SYNC_FLUSH }));
    }
    this.#file.write(deflateRawSync(Buffer.alloc(0)));
    const packed = this.#file.bytes - start;
    this.#file.write(record(0x08074b50, [], [crc, packed, size]));
    this.#entries.push({ name: bytes, offset, crc, packed, size });
  }

  close(): void {
    const start = this.#file.bytes;
    for (const { name, offset, crc, packed, size } of this.#entries) {
      const head = record(0x02014b50, [20, 20, HAS_DESCRIPTOR, DEFLATED, 0, DATE], [crc, packed, size]);
      this.#file.write(Buffer.concat([head, u16(name.length, 0, 0, 0, 0), u32(0, offset), name]));
    }
    const count = this.#entries.length;
    const end = [u16(0, 0, count, count), u32(this.#file.bytes - start, start), u16(0)];
    this.#file.write(Buffer.concat([u32(0x06054b50), ...end]));
  }
}

function u16(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2);
  values.forEach((value, at) => bytes.writeUInt16LE(value, at * 2));
  return bytes;
}
function u32(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, at) => bytes.writeUInt32LE(value, at * 4));
  return bytes;
}
const record = (mark: number, shorts: number[], longs: number[]): Buffer =>
  Buffer.concat([u32(mark), u16(...shorts), u32(...longs)]);
