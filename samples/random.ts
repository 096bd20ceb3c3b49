/** A seeded source of chance: sfc32 (Chris Doty-Humphrey, PractRand), the same numbers on every machine. */
export class Random {
  private a: number;
  private b: number;
  private c: number;
  private counter = 1;

  constructor(seed: number) {
    this.a = seed >>> 0;
    this.b = Math.floor(seed / 2 ** 32) >>> 0;
    this.c = 0x9e3779b9;
    for (let i = 0; i < 12; i++) this.uint32();
  }

  uint32(): number {
    const t = (this.a + this.b + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = ((this.c << 21) | (this.c >>> 11)) + t;
    return t >>> 0;
  }

  /** 0 (inclusive) to 1 (exclusive). */
  uniform(): number {
    return this.uint32() / 2 ** 32;
  }

  chance(probability: number): boolean {
    return this.uniform() < probability;
  }

  integer(from: number, toInclusive: number): number {
    return from + Math.floor(this.uniform() * (toInclusive - from + 1));
  }

  /** Box-Muller, one of the pair. */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
  }

  /** Half of the values are below `median`; sigma 1 spreads over about two orders of magnitude. */
  logNormal(median: number, sigma: number): number {
    return median * Math.exp(sigma * this.normal());
  }

  /** One of `items`, by weight; weights sum to 1. */
  pick<T>(items: readonly (readonly [item: T, weight: number])[]): T {
    let rest = this.uniform();
    for (const [item, weight] of items) {
      rest -= weight;
      if (rest < 0) return item;
    }
    const last = items.at(-1);
    if (last === undefined) throw new Error('nothing to pick from');
    return last[0];
  }
}
