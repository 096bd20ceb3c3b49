import { crc32 } from 'node:zlib';
import { cutRuns, findLeaves, type LeafPages } from './leaf-pages.ts';
import { readPages, type PageFile } from './page-file.ts';
import { PagesUnusable } from './pages-unusable.ts';

/** Leaves of one block. */
export const BLOCK_LEAVES = 256;
const MAX_RUN_BYTES = 1 << 20;
const GAP_BYTES = 32 << 10;
const LEAF_HEADER = 8;

/** The complete leaves of a table, cut into blocks: all leaves but the last one, which is still being filled. */
export interface Blocks {
  readonly leaves: number;
  /** By block: all rowids in it are at most this, and beyond that of the block before. */
  readonly uppers: readonly number[];
}
const NO_ROW = Number.MIN_SAFE_INTEGER;

/**
 * The leaves of a table in the order of their rowids, with a checksum for every block of them. Rows that are added behind
 * all others change the last leaf and put leaves behind it; whatever else is done to a table changes an earlier leaf:
 *
 *   leaves      0 1 … 255 | 256 … 511 | 512 … 600 | 601            601: the last one, which is still being filled
 *   blocks      0         | 1         | 2
 *   uppers      1300      | 2600      | 3050
 *
 * A block is found by its rowids through the few pages above it: of a large table there are thousands.
 */
export class LeafBlocks {
  readonly #file: PageFile;
  readonly #root: number;
  #bytes: Buffer | null = null;

  constructor(file: PageFile, root: number) {
    this.#file = file;
    this.#root = root;
  }

  /** `before` = of an earlier state: its full blocks are not looked at again. Throws PagesUnusable. */
  cut(before: Blocks | null): Blocks {
    const full = before === null ? 0 : Math.floor(before.leaves / BLOCK_LEAVES);
    const known = before?.uppers.slice(0, full) ?? [];
    const { uppers } = this.#leavesBetween(known.at(-1) ?? NO_ROW, Number.MAX_SAFE_INTEGER);
    const leaves = uppers.length - 1;
    const ends = Array.from({ length: Math.ceil(leaves / BLOCK_LEAVES) }, (_, block) =>
      Math.min(leaves, (block + 1) * BLOCK_LEAVES),
    );
    return {
      leaves: full * BLOCK_LEAVES + leaves,
      uppers: [...known, ...ends.map((end) => uppers[end - 1] ?? NO_ROW)],
    };
  }

  /** Whether complete leaves still end with this rowid, and one is behind them. Throws PagesUnusable. */
  endAt(lastFull: number): boolean {
    const { uppers } = findLeaves(this.#file, this.#root, lastFull, Number.MAX_SAFE_INTEGER);
    return lastFull === NO_ROW ? uppers.length > 0 : uppers[0] === lastFull && uppers.length > 1;
  }

  /**
   * CRC-32 of blocks `from` to `to` (exclusive). Throws PagesUnusable where blocks end with other rows now, and where a row
   * goes on in other pages, of which a leaf does not tell; `plain` = that was looked at before.
   */
  digest({ uppers }: Blocks, from: number, to: number, plain: boolean): Uint32Array {
    const { pages, uppers: ends, lower } = this.#leavesBetween(uppers[from - 1] ?? NO_ROW, uppers[to - 1] ?? NO_ROW);
    let start = 0;
    return Uint32Array.from({ length: to - from }, (_, i) => {
      const end = ends.indexOf(uppers[from + i] ?? NO_ROW, start) + 1;
      if (end === 0) throw new PagesUnusable('leaves end with other rows than before');
      const crc = this.#digestLeaves({ pages: pages.slice(start, end), uppers: ends.slice(start, end), lower }, plain);
      start = end;
      return crc;
    });
  }

  /** Those of which all rowids are beyond `after` and at most `upTo`, or may be. */
  #leavesBetween(after: number, upTo: number): LeafPages {
    const found = findLeaves(this.#file, this.#root, after === NO_ROW ? NO_ROW : after + 1, upTo);
    const behind = found.uppers.findIndex((upper) => upper >= upTo);
    const count = behind === -1 ? found.uppers.length : behind + 1;
    return { ...found, pages: found.pages.slice(0, count), uppers: found.uppers.slice(0, count) };
  }

  #digestLeaves(leaves: LeafPages, plain: boolean): number {
    const { pageSize } = this.#file;
    const { pages } = leaves;
    const bytes = (this.#bytes ??= Buffer.allocUnsafe(Math.max(MAX_RUN_BYTES, pageSize)));
    let crc = 0;
    for (const run of cutRuns(leaves, pageSize, bytes.length, GAP_BYTES)) {
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
