import type { SourceMark } from '../source/event-source.ts';
import type { Pool } from '../pool.ts';
import type { Packed } from './packed.ts';
import type { SourceHandle } from './tasks.ts';

/** What a session knows of the rows it has read, to tell later whether a changed source has only got more of them. */
export interface RowProof {
  readonly mark: SourceMark;
  /** A checksum for each block of the mark. */
  readonly digests: Uint32Array;
  /** What scans of these rows counted. */
  readonly counted: Packed;
}
/** Blocks of some MB together: a question that comes meanwhile waits for that many at most. */
const BLOCKS_AT_ONCE = 4;
const SHORT_MS = 10;
/** Before each step of what takes seconds: who has just asked asks again, most likely, as a hand does that moves. */
const QUIET_MS = 100;
const START_MS = 100;
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms).unref());

/**
 * Takes the checksums of the blocks of a source behind everyone's back, after it was read. Of a source that has grown out
 * of another, the blocks it had before are compared on the way.
 */
export class RowWitness {
  readonly done: Promise<void>;
  /** When `proof` is there, or it is certain that there will be none. */
  readonly known: Promise<void>;
  #tellKnown: () => void = () => undefined;
  #isPending = true;
  #proof: RowProof | null = null;
  #isSpoiled = false;
  #isChecked: boolean;
  readonly #pool: Pool;
  readonly #handle: SourceHandle;
  readonly #counted: Packed;
  readonly #before: RowProof | null;
  /** Tasks asked of the pool up to now that have had their time. */
  #asked = 0;

  constructor(pool: Pool, handle: SourceHandle, counted: Packed, before: RowProof | null) {
    this.#pool = pool;
    this.#handle = handle;
    this.#counted = counted;
    this.#before = before;
    this.#isChecked = before === null;
    this.known = new Promise((resolve) => {
      this.#tellKnown = () => {
        this.#isPending = false;
        resolve();
      };
    });
    this.done = this.#watch()
      .catch(() => undefined)
      .finally(this.#tellKnown);
  }

  /** null = not known yet, or the source cannot tell. */
  get proof(): RowProof | null {
    return this.#isSpoiled ? null : this.#proof;
  }

  /** Before `known`. */
  get isPending(): boolean {
    return this.#isPending;
  }

  /** Rows read earlier are not what they were: what was put together with them is of no use. */
  get isSpoiled(): boolean {
    return this.#isSpoiled;
  }

  /** All rows read earlier were compared with the source as it is now. */
  get isChecked(): boolean {
    return this.#isChecked;
  }

  async #watch(): Promise<void> {
    const before = this.#before;
    // The first questions go first.
    await wait(START_MS);
    const task = { ...this.#handle, before: before?.mark ?? null };
    const mark = await this.#pool.run('mark', task, { home: this.#handle.sourceId });
    if (mark === null) {
      this.#isSpoiled = before !== null;
      return;
    }
    const known = before === null ? 0 : Math.min(getFullBlocks(before.mark), mark.blocks);
    const digests = new Uint32Array(mark.blocks);
    if (before !== null) digests.set(before.digests.subarray(0, known));
    // New blocks first: from then on the source may grow again.
    if (!(await this.#digest(mark, known, mark.blocks, (at, found) => digests.set(found, at)))) return;
    this.#proof = { mark, digests, counted: this.#counted };
    this.#tellKnown();
    const isSame = (at: number, found: Uint32Array): void => {
      if (found.some((crc, i) => crc !== digests[at + i])) this.#isSpoiled = true;
    };
    if (before === null || (await this.#digest(mark, 0, known, isSame))) this.#isChecked = !this.#isSpoiled;
    else this.#isSpoiled = true;
  }

  /** false = the source cannot tell (it has changed again, or has rows that blocks do not tell of). */
  async #digest(
    mark: SourceMark,
    first: number,
    end: number,
    take: (at: number, digests: Uint32Array) => void,
  ): Promise<boolean> {
    const quietMs = end - first > BLOCKS_AT_ONCE ? QUIET_MS : SHORT_MS;
    for (let from = first; from < end && !this.#isSpoiled; from += BLOCKS_AT_ONCE) {
      await this.#untilQuiet(quietMs);
      const to = Math.min(end, from + BLOCKS_AT_ONCE);
      const digests = await this.#pool.run(
        'digest',
        { ...this.#handle, mark, from, to },
        { home: this.#handle.sourceId },
      );
      this.#asked++;
      if (digests === null) return false;
      take(from, digests);
    }
    return true;
  }

  /** Nothing runs, and nothing was asked of the threads for a while but what is asked here. */
  async #untilQuiet(quietMs: number): Promise<void> {
    while (this.#pool.isBusy || this.#pool.asked !== this.#asked) {
      this.#asked = this.#pool.asked;
      await wait(quietMs);
    }
  }
}

/** Those that no later row can be in. The source's last leaves are in a block that is not full. */
export const getFullBlocks = ({ blocks }: SourceMark): number => Math.max(0, blocks - 1);
