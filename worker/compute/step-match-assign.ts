/**
 * Assigns different events to different steps: bipartite matching by augmenting paths (Kuhn 1955). A step once filled
 * stays filled, only its event may change.
 *
 *   event 1 fits a, b      event 1 → a
 *   event 2 fits a         event 2 → a, and event 1 moves to b
 */
export class Assignment {
  /** By step: index into the stream of the event that fills it, -1 = none. */
  readonly eventOf: Int32Array;
  private readonly tried: Uint8Array;

  constructor(stepCount: number) {
    this.eventOf = new Int32Array(stepCount).fill(-1);
    this.tried = new Uint8Array(stepCount);
  }

  clear(): void {
    this.eventOf.fill(-1);
  }

  /** Lets `event` fill one more of the `allowed` steps, moving others if need be; false when that is impossible. */
  place(event: number, masks: Int32Array, allowed: number): boolean {
    this.tried.fill(0);
    return this.augment(event, masks, allowed);
  }

  private augment(event: number, masks: Int32Array, allowed: number): boolean {
    const mask = (masks[event] ?? 0) & allowed;
    for (let k = 0; k < this.eventOf.length; k++) {
      if (((mask >>> k) & 1) === 0 || this.tried[k] === 1) continue;
      this.tried[k] = 1;
      const owner = this.eventOf[k] ?? -1;
      if (owner !== -1 && !this.augment(owner, masks, allowed)) continue;
      this.eventOf[k] = event;
      return true;
    }
    return false;
  }
}
