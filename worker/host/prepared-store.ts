import { nameSets } from './actor-segments.ts';
import type { Analysis } from '../../protocol/index.ts';
import type { ComputeContext, Prepared } from '../compute/compute-module.ts';
import { getComputeModule } from '../compute/registry.ts';
import type { Pool } from '../pool.ts';
import { splitActors } from '../segment/segment.ts';
import { Mutex } from './mutex.ts';
import type { RequestScope } from './request-scope.ts';
import { getColumnsNeeded, runOnRanges } from './run-on-ranges.ts';
import type { HeldSegment } from './held-segment.ts';
import type { ResolvedMoments } from './tasks.ts';

/** What is made behind is made in pieces of some 20 ms, and none is begun before the hand has rested for so long. */
const EVENTS_A_PIECE = 700_000;
const REST_MS = 250;
/** Each piece is a look-up a question. */
const MOST_PIECES = 16;

/** By range of actors, in actor order; empty = nothing is prepared. */
export type PreparedParts = readonly Prepared[];
const NOTHING: PreparedParts = [];
interface Query {
  readonly analysis: Analysis;
  readonly moments: ResolvedMoments;
}

/**
 * What modules prepared of one segment, by key. The newest one always stays, for the next question is most likely about
 * the same; beyond the budget those used longest ago go.
 */
export class PreparedStore {
  readonly #pool: Pool;
  readonly #budget: number;
  /** In order of use, the last used last. */
  readonly #kept = new Map<string, PreparedParts>();
  readonly #mutex = new Mutex();
  /** What was asked last that is made only when it is asked again: when that was, and whether it is being made. */
  #once: { readonly key: string; readonly by: Analysis; isBegun: boolean; askedAt: number } | null = null;
  readonly #restMs: number;

  /** A budget of 0 keeps and makes nothing. */
  constructor(pool: Pool, budgetBytes: number, restMs = REST_MS) {
    this.#pool = pool;
    this.#budget = budgetBytes;
    this.#restMs = restMs;
  }

  get bytes(): number {
    return [...this.#kept.values()].reduce((sum, parts) => sum + getBytes(parts), 0);
  }

  /** `whole` = a context over all actors. */
  use(
    held: HeldSegment,
    query: Query,
    whole: ComputeContext,
    scope: RequestScope,
  ): PreparedParts | Promise<PreparedParts> {
    const { preparation } = getComputeModule(query.analysis.type);
    const made = this.#budget === 0 ? null : preparation?.keyOf(whole, query.analysis);
    if (made === null || made === undefined) return NOTHING;
    const key = `${made} ${nameSets(query.moments.actorSets)}`;
    const known = this.#find(key);
    if (known !== undefined) return known;
    if (preparation?.isMadeAtOnce?.(whole, query.analysis) === false) {
      this.#askAgain(key, held, query);
      return NOTHING;
    }
    return this.#mutex.run(async () => this.#find(key) ?? (await this.#make(key, held, query, scope)));
  }

  /** One question may come here more than once: it is the same document then. */
  #askAgain(key: string, held: HeldSegment, query: Query): void {
    const once = this.#once;
    const askedAt = performance.now();
    if (once?.key !== key) {
      this.#once = { key, by: query.analysis, isBegun: false, askedAt };
      return;
    }
    once.askedAt = askedAt;
    if (once.by !== query.analysis && !once.isBegun && held.windows === null) {
      once.isBegun = true;
      // Nobody waits for it: a source that is closed meanwhile is nobody's trouble.
      void this.#makeBehind(key, held, query).catch(() => undefined);
    }
  }

  /**
   * Piece by piece, when nobody asks: a question that follows a hand takes as long as a piece, and with one before it twice
   * as long. Given up when something else is asked that is made like this.
   */
  async #makeBehind(key: string, held: HeldSegment, query: Query): Promise<void> {
    const { segment } = held;
    const pieces = Math.min(MOST_PIECES, Math.ceil(segment.eventCount / EVENTS_A_PIECE));
    const parts: Prepared[] = [];
    for (const range of splitActors(segment, pieces)) {
      await this.#untilRest();
      if (this.#once?.key !== key) return;
      parts.push(await this.#pool.run('prepare', { ...query, range }, { segment: { key: held.key, value: segment } }));
    }
    this.#keep(key, parts);
  }

  async #untilRest(): Promise<void> {
    for (;;) {
      const left = (this.#once?.askedAt ?? 0) + this.#restMs - performance.now();
      if (left <= 0) return;
      await new Promise((resolve) => setTimeout(resolve, left).unref());
    }
  }

  #find(key: string): PreparedParts | undefined {
    const parts = this.#kept.get(key);
    if (parts === undefined) return undefined;
    this.#kept.delete(key);
    this.#kept.set(key, parts);
    return parts;
  }

  async #make(key: string, held: HeldSegment, query: Query, scope: RequestScope): Promise<PreparedParts> {
    scope.throwIfStopped();
    scope.begin('build', 'actors', held.segment.actorCount);
    const needed = getColumnsNeeded(query.analysis);
    const parts = await runOnRanges(this.#pool, held, 'prepare', (range) => ({ ...query, range }), scope, needed);
    this.#keep(key, parts);
    return parts;
  }

  #keep(key: string, parts: PreparedParts): void {
    this.#kept.set(key, parts);
    this.#evict();
  }

  #evict(): void {
    let bytes = this.bytes;
    for (const [key, parts] of this.#kept) {
      if (bytes <= this.#budget || this.#kept.size === 1) return;
      this.#kept.delete(key);
      bytes -= getBytes(parts);
    }
  }
}

const getBytes = (parts: PreparedParts): number => parts.reduce((sum, part) => sum + part.bytes, 0);
