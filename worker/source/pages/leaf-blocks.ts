import { crc32 } from 'node:zlib';
import { cutRuns, findLeaves, type LeafPages } from './leaf-pages.ts';
import { readPages, type PageFile } from './page-file.ts';
import { PagesUnusable } from './pages-unusable.ts';

/** Leaves of one block. */
export const BLOCK_LEAVES = 256;
const MAX_RUN_BYTES = 1 << 20;
const GAP_BYTES = 32 << 10;
const LEAF_HEADER = 8;

export const getBlocks = (leaves: number): number => Math.ceil(leaves / BLOCK_LEAVES);

/**
 * The leaves of a table in the order of their rowids, with a checksum for every block of them. Rows that are added behind
 * all others change the last leaf and put leaves behind it; whatever else is done to a table changes an earlier leaf:
 *
 *   leaves      0 1 … 255 | 256 … 511 | 512 … 600 | 601            601: the last one, which is still being filled
 *   blocks      0         | 1         | 2
 */
export class LeafBlocks {
  readonly leaves: LeafPages;
  readonly #file: PageFile;

  /** Throws PagesUnusable. */
  constructor(file: PageFile, root: number) {
    this.#file = file;
    this.leaves = findLeaves(file, root, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  }

  /**
   * CRC-32 of blocks `from` to `to` (exclusive) of the first `leaves` leaves. Throws PagesUnusable where a row goes on in
   * other pages, of which a leaf does not tell; `plain` = that was looked at before.
   */
  digest(leaves: number, from: number, to: number, plain: boolean): Uint32Array {
    return Uint32Array.from({ length: to - from }, (_, i) => {
      const first = (from + i) * BLOCK_LEAVES;
      return this.#digestLeaves(first, Math.min(leaves, first + BLOCK_LEAVES), plain);
    });
  }

  #digestLeaves(from: number, to: number, plain: boolean): number {
    const { pageSize } = this.#file;
    const pages = this.leaves.pages.slice(from, to);
    const bytes = Buffer.allocUnsafe(Math.max(MAX_RUN_BYTES, pageSize));
    let crc = 0;
    for (const run of cutRuns({ ...this.leaves, pages }, pageSize, bytes.length, GAP_BYTES)) {
      const read = bytes.subarray(0, run.pages * pageSize);
      readPages(this.#file, run.firstPage, read);
      for (let leaf = run.leaf; leaf < run.leaf + run.leaves; leaf++) {
        const at = ((pages[leaf] ?? 0) - run.firstPage) * pageSize;
        const page = read.subarray(at, at + pageSize);
        if (!plain) expectWholeRows(page, this.#file.usable);
        crc = crc32(page, crc);
      }
    }
    return crc;
  }
}

/** Throws PagesUnusable when a row of the leaf goes on in overflow pages. */
export function expectWholeRows(page: Buffer, usable: number): void {
  const cells = page.readUInt16BE(3);
  const most = usable - 35;
  for (let cell = 0; cell < cells; cell++) {
    const at = page.readUInt16BE(LEAF_HEADER + 2 * cell);
    if (readSize(page, at) > most) throw new PagesUnusable('rows go on in other pages');
  }
}

/** A varint; what is larger than a page is large enough. */
function readSize(page: Buffer, from: number): number {
  let size = 0;
  for (let at = from; at < Math.min(from + 4, page.length); at++) {
    const byte = page[at] ?? 0;
    size = size * 128 + (byte & 0x7f);
    if (byte < 0x80) return size;
  }
  return Number.MAX_SAFE_INTEGER;
}
