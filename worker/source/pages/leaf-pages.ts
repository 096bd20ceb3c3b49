import type { ColumnMemory } from '../../segment/column-memory.ts';
import { LeafTaker } from './leaf-taker.ts';
import { readPages, type PageFile } from './page-file.ts';
import { brokenTree, PagesUnusable } from './pages-unusable.ts';

/** Leaves of a table b-tree in the order of their rowids. */
export interface LeafPages {
  /** Page numbers. */
  readonly pages: Uint32Array;
  /** The largest rowid that each may hold. */
  readonly uppers: Float64Array;
  /** All rowids of the first leaf are larger. */
  readonly lower: number;
}

const INTERIOR = 5;
const LEAF = 13;
/** SQLite's own limit. */
const MAX_DEPTH = 20;
const INTERIOR_HEADER = 12;
/** Where the number of the last child lies, which has no key. */
const RIGHTMOST = 8;
const FIRST_LEAVES = 1_024;
const SEEN_PAGES = 4_096;
/** Of more pages (64 GB at 4 KiB each) what a kernel remembers takes room that columns need. */
const MOST_TAKEN = 1 << 24;

/**
 * The leaves that can hold rowids `from` to `to` (inclusive), found through the interior pages alone: pages that are not
 * in the tree may hold rows that were deleted. `memory`: there are many, so a kernel takes them, and they lie there.
 * Throws PagesUnusable for a tree that is not in order (a page named twice or beyond the file, keys that do not ascend).
 */
export function findLeaves(
  file: PageFile,
  root: number,
  from: number,
  to: number,
  check: () => void = () => undefined,
  memory: ColumnMemory | null = null,
): LeafPages {
  if (root < 2) throw new PagesUnusable('the table begins on no page of its own');
  return new LeafSearch(file, { from, to, memory }, check).run(root);
}

class LeafSearch {
  readonly #file: PageFile;
  readonly #from: number;
  readonly #to: number;
  readonly #check: () => void;
  /**
   * By page, some thousand together, made where a page is seen. Room for all pages at once would be 11 MB for each search in
   * a file of 3 GB: the few leaves of a block, looked for again and again, had the garbage collector run after every sixth.
   */
  readonly #seen: (Uint8Array | undefined)[] = [];
  readonly #taker: LeafTaker | null;
  #pages = new Uint32Array(FIRST_LEAVES);
  #uppers = new Float64Array(FIRST_LEAVES);
  /** A page for each level. */
  readonly #views: DataView[] = [];
  #count = 0;
  #lower = Number.MIN_SAFE_INTEGER;
  /** One leaf more: a scan by SQLite ends at the first rowid behind `to`, so it may come by a page that is damaged. */
  #ended = false;

  constructor(
    file: PageFile,
    { from, to, memory }: { readonly from: number; readonly to: number; readonly memory: ColumnMemory | null },
    check: () => void,
  ) {
    this.#file = file;
    this.#from = from;
    this.#to = to;
    this.#check = check;
    this.#taker = memory === null || file.pages > MOST_TAKEN ? null : new LeafTaker(memory, file, from, to);
  }

  run(root: number): LeafPages {
    const depth = this.#depthOf(root);
    this.#enter(root);
    if (depth === 0) this.#take(root, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
    else this.#visit(root, depth, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
    if (depth > 0 && this.#taker !== null) return this.#taker.leaves;
    const count = this.#count;
    return { pages: this.#pages.subarray(0, count), uppers: this.#uppers.subarray(0, count), lower: this.#lower };
  }

  /** How many levels lie above the leaves: all leaves of a tree have the same depth. */
  #depthOf(root: number): number {
    let page = root;
    for (let depth = 0; depth <= MAX_DEPTH; depth++) {
      if (page < 1 || page > this.#file.pages) throw brokenTree();
      const view = this.#read(page, 0);
      if (view.getUint8(0) === LEAF) return depth;
      page = view.getUint32(cellAt(view, 0, countCells(view, this.#file.usable), this.#file.usable));
    }
    throw brokenTree();
  }

  /** An interior page `levels` above the leaves, whose rowids are larger than `lower` and at most `upper`. */
  #visit(page: number, levels: number, lower: number, upper: number): void {
    this.#check();
    if (levels === 1 && this.#taker !== null) return this.#taker.take(page, lower, upper);
    const { usable } = this.#file;
    const view = this.#read(page, levels);
    const cells = countCells(view, usable);
    let last = lower;
    for (let cell = 0; cell <= cells; cell++) {
      const at = cell === cells ? RIGHTMOST : cellAt(view, cell, cells, usable);
      const key = cell === cells ? upper : readKey(view, at + 4, usable);
      if (key < last || key > upper) throw brokenTree();
      if (key >= this.#from && (last < this.#to || !this.#isEnded)) {
        const child = view.getUint32(at);
        this.#enter(child);
        if (levels === 1) this.#take(child, last, key);
        else this.#visit(child, levels - 1, last, key);
      }
      last = key;
    }
  }

  get #isEnded(): boolean {
    return this.#taker?.isEnded ?? this.#ended;
  }

  #take(page: number, lower: number, upper: number): void {
    if (this.#count === 0) this.#lower = lower;
    if (this.#count === this.#pages.length) this.#grow();
    this.#pages[this.#count] = page;
    this.#uppers[this.#count++] = upper;
    this.#ended = lower >= this.#to;
  }

  #enter(page: number): void {
    if (page < 1 || page > this.#file.pages) throw brokenTree();
    if (this.#taker !== null) return this.#taker.enter(page);
    const seen = (this.#seen[Math.floor(page / SEEN_PAGES)] ??= new Uint8Array(SEEN_PAGES));
    if (seen[page % SEEN_PAGES] === 1) throw brokenTree();
    seen[page % SEEN_PAGES] = 1;
  }

  #grow(): void {
    const [pages, uppers] = [this.#pages, this.#uppers];
    this.#pages = new Uint32Array(2 * pages.length);
    this.#uppers = new Float64Array(2 * pages.length);
    this.#pages.set(pages);
    this.#uppers.set(uppers);
  }

  #read(page: number, level: number): DataView {
    const view = (this.#views[level] ??= new DataView(new ArrayBuffer(this.#file.pageSize)));
    readPages(this.#file, page, new Uint8Array(view.buffer));
    return view;
  }
}

/** Of an interior page. */
function countCells(page: DataView, usable: number): number {
  const cells = page.getUint16(3);
  if (page.getUint8(0) !== INTERIOR || cells === 0 || INTERIOR_HEADER + 2 * cells > usable) throw brokenTree();
  return cells;
}

/** Where a cell of an interior page lies: the number of a child, and its key. */
function cellAt(page: DataView, cell: number, cells: number, usable: number): number {
  const at = page.getUint16(INTERIOR_HEADER + 2 * cell);
  if (at < INTERIOR_HEADER + 2 * cells || at + 5 > usable) throw brokenTree();
  return at;
}

/** Up to seven bytes: 49 bits. */
function readShortKey(page: DataView, from: number, usable: number): number | null {
  let key = 0;
  for (let at = from; at < Math.min(from + 7, usable); at++) {
    const byte = page.getUint8(at);
    key = key * 128 + (byte & 0x7f);
    if (byte < 0x80) return key;
  }
  return null;
}

/** A varint within the page; a key beyond 2^53 is no safe number here. */
function readKey(page: DataView, from: number, usable: number): number {
  const quick = readShortKey(page, from, usable);
  if (quick !== null) return quick;
  let key = 0n;
  for (let i = 0; i < 9; i++) {
    if (from + i >= usable) throw brokenTree();
    const byte = page.getUint8(from + i);
    key = i === 8 ? (key << 8n) | BigInt(byte) : (key << 7n) | BigInt(byte & 0x7f);
    if (byte < 0x80) break;
  }
  const signed = Number(BigInt.asIntN(64, key));
  if (!Number.isSafeInteger(signed)) throw new PagesUnusable('rowids go beyond 2^53');
  return signed;
}

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
