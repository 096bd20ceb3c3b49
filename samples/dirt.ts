import type { Random } from './random.ts';

/** The dirt real event stores have. Each can be switched off; rates are shares of events (non-ASCII: of users). */
export const DIRT_RATES = {
  /** Recorded (and appended) hours or days after it happened. */
  lateRows: 0.004,
  /** `ts` is not the hour of event_time. */
  wrongHour: 0.0012,
  /** The same event again under another hour. */
  duplicates: 0.0009,
  /** Neither user_id nor shop_id in metadata. */
  missingActor: 0.0007,
  /** Only a shop_id. */
  shopOnly: 0.003,
  /** A key is there, its value is null. */
  nullKeys: 0.004,
  /** Two events of one user in the same millisecond. */
  equalTimes: 0.02,
  nonAscii: 0.03,
} as const;
export type Dirt = keyof typeof DIRT_RATES;
export const DIRT = Object.keys(DIRT_RATES) as readonly Dirt[];

/** Decides where dirt falls, and counts it. */
export class DirtMaker {
  readonly counts: Record<Dirt, number> = {
    lateRows: 0,
    wrongHour: 0,
    duplicates: 0,
    missingActor: 0,
    shopOnly: 0,
    nullKeys: 0,
    equalTimes: 0,
    nonAscii: 0,
  };
  private readonly random: Random;
  private readonly off: ReadonlySet<Dirt>;

  constructor(random: Random, off: ReadonlySet<Dirt>) {
    this.random = random;
    this.off = off;
  }

  /** Draws even when switched off, so that one switch does not change the rest of the data. */
  falls(kind: Dirt): boolean {
    const hit = this.random.chance(DIRT_RATES[kind]) && !this.off.has(kind);
    if (hit) this.counts[kind]++;
    return hit;
  }
}
