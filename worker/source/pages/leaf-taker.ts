import { allocate, viewF64, viewU32, viewU8, type ColumnMemory } from '../../segment/column-memory.ts';
import type { LeafPages } from './leaf-pages.ts';
import { readPages, type PageFile } from './page-file.ts';
import { pagesKernel, type PagesKernel } from './pages-kernel.ts';
import { brokenTree, PagesUnusable } from './pages-unusable.ts';

/** Offsets in bytes; the kernel's `_pages-leaves.ts` has the same. */
const AT = { count: 0, ended: 4, lower: 8, seen: 16, pages: 20, uppers: 24 } as const;
const SEARCH_BYTES = 32;
const TAKEN = 0;
const LARGE_KEY = 1;
/** The leaves of a search by a kernel: of a large table there are hundreds of thousands. */
export class LeafTaker {
  readonly #kernel: PagesKernel;
  readonly #file: PageFile;
  readonly #from: number;
  readonly #to: number;
  readonly #memory: ColumnMemory;
  readonly #search: Uint32Array;
  readonly #seen: Uint8Array;
  readonly #page: Uint8Array;

  constructor(memory: ColumnMemory, file: PageFile, from: number, to: number) {
    this.#kernel = pagesKernel.on(memory);
    this.#memory = memory;
    this.#file = file;
    this.#from = from;
    this.#to = to;
    this.#seen = viewU8(memory, allocate(memory, file.pages + 1), file.pages + 1);
    this.#page = viewU8(memory, allocate(memory, file.pageSize), file.pageSize);
    this.#search = viewU32(memory, allocate(memory, SEARCH_BYTES), SEARCH_BYTES / 4);
    this.#search[AT.seen / 4] = this.#seen.byteOffset;
    // Pages that are not touched are no memory.
    this.#search[AT.pages / 4] = allocate(memory, 4 * file.pages);
    this.#search[AT.uppers / 4] = allocate(memory, 8 * file.pages);
  }

  get isEnded(): boolean {
    return this.#search[AT.ended / 4] !== 0;
  }

  get leaves(): LeafPages {
    const count = this.#search[AT.count / 4] ?? 0;
    const lower = viewF64(this.#memory, this.#search.byteOffset + AT.lower, 1)[0] ?? 0;
    return {
      pages: viewU32(this.#memory, this.#search[AT.pages / 4] ?? 0, count),
      uppers: viewF64(this.#memory, this.#search[AT.uppers / 4] ?? 0, count),
      lower: count === 0 ? Number.MIN_SAFE_INTEGER : lower,
    };
  }

  /** Throws PagesUnusable for a page that was seen before. */
  enter(page: number): void {
    if (this.#seen[page] === 1) throw brokenTree();
    this.#seen[page] = 1;
  }

  /** Those that the page named `page` names, which has rowids larger than `lower` and at most `upper`. Throws PagesUnusable. */
  take(page: number, lower: number, upper: number): void {
    const { usable, pages } = this.#file;
    readPages(this.#file, page, this.#page);
    const { takeLeaves } = this.#kernel;
    const at = this.#page.byteOffset;
    const done = takeLeaves(at, usable, pages, lower, upper, this.#from, this.#to, this.#search.byteOffset);
    if (done === LARGE_KEY) throw new PagesUnusable('rowids go beyond 2^53');
    if (done !== TAKEN) throw brokenTree();
  }
}
