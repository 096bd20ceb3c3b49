import { nameSets } from './actor-segments.ts';
import type { Analysis } from '../../protocol/index.ts';
import type { ComputeContext, Prepared } from '../compute/compute-module.ts';
import { getComputeModule } from '../compute/registry.ts';
import type { Pool } from '../pool.ts';
import { Mutex } from './mutex.ts';
import type { RequestScope } from './request-scope.ts';
import { getColumnsNeeded, runOnRanges } from './run-on-ranges.ts';
import type { HeldSegment } from './held-segment.ts';
import type { ResolvedMoments } from './tasks.ts';

/** By range of actors, in the order of `runOnRanges`; empty = nothing is prepared. */
export type PreparedParts = readonly Prepared[];
const NOTHING: PreparedParts = [];

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
  /** What was asked last that is made only when it is asked again. */
  #once: { readonly key: string; readonly by: Analysis } | null = null;

  /** A budget of 0 keeps and makes nothing. */
  constructor(pool: Pool, budgetBytes: number) {
    this.#pool = pool;
    this.#budget = budgetBytes;
  }

  get bytes(): number {
    return [...this.#kept.values()].reduce((sum, parts) => sum + getBytes(parts), 0);
  }

  /** `whole` = a context over all actors. */
  use(
    held: HeldSegment,
    query: { readonly analysis: Analysis; readonly moments: ResolvedMoments },
    whole: ComputeContext,
    scope: RequestScope,
  ): PreparedParts | Promise<PreparedParts> {
    const made =
      this.#budget === 0 ? null : getComputeModule(query.analysis.type).preparation?.keyOf(whole, query.analysis);
    if (made === null || made === undefined) return NOTHING;
    const key = `${made} ${nameSets(query.moments.actorSets)}`;
    const known = this.#find(key);
    if (known !== undefined) return known;
    if (!this.#isWorthIt(key, query.analysis, whole)) return NOTHING;
    return this.#mutex.run(async () => this.#find(key) ?? (await this.#make(key, held, query, scope)));
  }

  /** One question may come here more than once: it is the same document then. */
  #isWorthIt(key: string, analysis: Analysis, whole: ComputeContext): boolean {
    const { preparation } = getComputeModule(analysis.type);
    if (preparation?.isMadeAtOnce?.(whole, analysis) ?? true) return true;
    if (this.#once?.key === key) return this.#once.by !== analysis;
    this.#once = { key, by: analysis };
    return false;
  }

  #find(key: string): PreparedParts | undefined {
    const parts = this.#kept.get(key);
    if (parts === undefined) return undefined;
    this.#kept.delete(key);
    this.#kept.set(key, parts);
    return parts;
  }

  async #make(
    key: string,
    held: HeldSegment,
    query: { readonly analysis: Analysis; readonly moments: ResolvedMoments },
    scope: RequestScope,
  ): Promise<PreparedParts> {
    scope.throwIfStopped();
    scope.begin('build', 'actors', held.segment.actorCount);
    const needed = getColumnsNeeded(query.analysis);
    const parts = await runOnRanges(this.#pool, held, 'prepare', (range) => ({ ...query, range }), scope, needed);
    this.#kept.set(key, parts);
    this.#evict();
    return parts;
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
