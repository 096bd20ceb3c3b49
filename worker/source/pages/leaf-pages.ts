import { readPages, type PageFile } from './page-file.ts';
import { PagesUnusable } from './pages-unusable.ts';

/** Leaves of a table b-tree in the order of their rowids. */
export interface LeafPages {
  /** Page numbers. */
  readonly pages: readonly number[];
  /** The largest rowid that each may hold. */
  readonly uppers: readonly number[];
  /** All rowids of the first leaf are larger. */
  readonly lower: number;
}

const INTERIOR = 5;
const LEAF = 13;
/** SQLite's own limit. */
const MAX_DEPTH = 20;
const INTERIOR_HEADER = 12;

/**
 * The leaves that can hold rowids `from` to `to` (inclusive), found through the interior pages alone: pages that are not
 * in the tree may hold rows that were deleted. Throws PagesUnusable for a tree that is not in order (a page named twice
 * or beyond the file, keys that do not ascend).
 */
export function findLeaves(
  file: PageFile,
  root: number,
  from: number,
  to: number,
  check: () => void = () => undefined,
): LeafPages {
  if (root < 2) throw new PagesUnusable('the table begins on no page of its own');
  const seen = new Uint8Array(file.pages + 1);
  const found = { pages: [] as number[], uppers: [] as number[], lower: Number.MIN_SAFE_INTEGER };
  // One leaf more: a scan by SQLite ends at the first rowid behind `to`, so it may come by a page that is damaged.
  let ended = false;
  const depth = depthOf(file, root);
  const take = (page: number, lower: number, upper: number): void => {
    if (found.pages.length === 0) found.lower = lower;
    found.pages.push(page);
    found.uppers.push(upper);
    ended = lower >= to;
  };
  const enter = (page: number): void => {
    if (page < 1 || page > file.pages || seen[page] === 1) throw broken();
    seen[page] = 1;
  };
  const visit = (page: number, level: number, lower: number, upper: number): void => {
    check();
    const { pages, keys } = readChildren(file, page, upper);
    let last = lower;
    for (let i = 0; i < pages.length; i++) {
      const key = keys[i] ?? 0;
      const child = pages[i] ?? 0;
      if (key < last || key > upper) throw broken();
      if (key >= from && (last < to || !ended)) {
        enter(child);
        if (level + 1 === depth) take(child, last, key);
        else visit(child, level + 1, last, key);
      }
      last = key;
    }
  };
  enter(root);
  if (depth === 0) take(root, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  else visit(root, 0, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  return found;
}

/** How many levels lie above the leaves: all leaves of a tree have the same depth. */
function depthOf(file: PageFile, root: number): number {
  const head = new Uint8Array(file.pageSize);
  let page = root;
  for (let depth = 0; depth <= MAX_DEPTH; depth++) {
    if (page < 1 || page > file.pages) throw broken();
    readPages(file, page, head);
    if (head[0] === LEAF) return depth;
    if (head[0] !== INTERIOR) throw broken();
    page = readChildren(file, page, Number.MAX_SAFE_INTEGER).pages[0] ?? 0;
  }
  throw broken();
}

/** Children with the largest rowid each may hold, in order. */
function readChildren(
  file: PageFile,
  page: number,
  upper: number,
): { readonly pages: Uint32Array; readonly keys: Float64Array } {
  const bytes = Buffer.alloc(file.pageSize);
  readPages(file, page, bytes);
  const cells = bytes.readUInt16BE(3);
  const first = INTERIOR_HEADER + 2 * cells;
  if (bytes[0] !== INTERIOR || cells === 0 || first > file.usable) throw broken();
  const pages = new Uint32Array(cells + 1);
  const keys = new Float64Array(cells + 1);
  for (let cell = 0; cell < cells; cell++) {
    const at = bytes.readUInt16BE(INTERIOR_HEADER + 2 * cell);
    if (at < first || at + 5 > file.usable) throw broken();
    pages[cell] = bytes.readUInt32BE(at);
    keys[cell] = readKey(bytes, at + 4, file.usable);
  }
  pages[cells] = bytes.readUInt32BE(8);
  keys[cells] = upper;
  return { pages, keys };
}

/** Up to seven bytes: 49 bits. */
function readShortKey(bytes: Uint8Array, from: number, usable: number): number | null {
  let key = 0;
  for (let at = from; at < Math.min(from + 7, usable); at++) {
    const byte = bytes[at] ?? 0;
    key = key * 128 + (byte & 0x7f);
    if (byte < 0x80) return key;
  }
  return null;
}

/** A varint within the page; a key beyond 2^53 is no safe number here. */
function readKey(bytes: Uint8Array, from: number, usable: number): number {
  const quick = readShortKey(bytes, from, usable);
  if (quick !== null) return quick;
  let key = 0n;
  for (let i = 0; i < 9; i++) {
    const at = from + i;
    if (at >= usable) throw broken();
    const byte = bytes[at] ?? 0;
    key = i === 8 ? (key << 8n) | BigInt(byte) : (key << 7n) | BigInt(byte & 0x7f);
    if (byte < 0x80) break;
  }
  const signed = Number(BigInt.asIntN(64, key));
  if (!Number.isSafeInteger(signed)) throw new PagesUnusable('rowids go beyond 2^53');
  return signed;
}

const broken = (): PagesUnusable => new PagesUnusable('the tree of the table is not in order');

/** Leaves that are read with one call: they lie near one another in the file, in ascending order. */
export interface PageRun {
  readonly firstPage: number;
  readonly pages: number;
  /** Index of the first leaf of the run, and how many there are. */
  readonly leaf: number;
  readonly leaves: number;
}

/** Cuts leaves into runs of up to `maxBytes`; up to `gapBytes` of other pages between two leaves are read along. */
export function* cutRuns(
  leaves: LeafPages,
  pageSize: number,
  maxBytes: number,
  gapBytes: number,
): Generator<PageRun, void> {
  const maxPages = Math.max(1, Math.floor(maxBytes / pageSize));
  const maxGap = Math.floor(gapBytes / pageSize);
  const { pages } = leaves;
  for (let leaf = 0; leaf < pages.length;) {
    const firstPage = pages[leaf] ?? 0;
    let last = firstPage;
    let next = leaf + 1;
    for (; next < pages.length; next++) {
      const page = pages[next] ?? 0;
      if (page <= last || page - last - 1 > maxGap || page - firstPage >= maxPages) break;
      last = page;
    }
    yield { firstPage, pages: last - firstPage + 1, leaf, leaves: next - leaf };
    leaf = next;
  }
}
