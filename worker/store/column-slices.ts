import { closeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import {
  asBytes,
  openColumn,
  otherValues,
  PAGE_BYTES,
  readAll,
  type ColumnEntry,
  type ColumnValues,
} from './column-file.ts';

/** A kept column piece by piece, in order, where one look at each value is enough: no memory holds all of it. */
export class ColumnSlices {
  readonly type: ColumnEntry['type'];
  readonly #path: string;
  readonly #crc: number;
  readonly #fd: number;
  #at = PAGE_BYTES;
  #crcSoFar = 0;

  /** Throws ColumnDamaged. */
  constructor(path: string, entry: ColumnEntry) {
    this.type = entry.type;
    this.#path = path;
    this.#crc = entry.crc;
    this.#fd = openColumn(path, entry);
  }

  /** The next values, as many as fit. Throws ColumnDamaged when there are less. */
  next(into: ColumnValues): void {
    const bytes = asBytes(into);
    readAll(this.#fd, bytes, this.#at, this.#path);
    this.#at += bytes.length;
    this.#crcSoFar = crc32(bytes, this.#crcSoFar);
  }

  /** After the last value; until then none of them may be trusted. Throws ColumnDamaged. */
  check(): void {
    if (this.#crcSoFar !== this.#crc) throw otherValues(this.#path);
  }

  close(): void {
    closeSync(this.#fd);
  }
}
