import { EngineError } from '../../protocol/errors.ts';
import type { ActorIndex, EventIndex } from '../segment/segment.ts';
import { addExactly } from './sums.ts';

/** Cells are [slot][bucket]: the shown series, Other, and last the total of all. */
export interface RollupPartial {
  readonly shown: readonly string[];
  readonly valueCount: number | null;
  readonly events: Uint32Array;
  readonly actors: Uint32Array;
  /** Actors per slot over all buckets. */
  readonly totalActors: Uint32Array;
  readonly sums: Float64Array | null;
  /** What rounding took from `sums`. */
  readonly lost: Float64Array | null;
}
const MAX_CELLS = 20_000_000;

/** Counts events into the cells of a partial; actors must come in order, their events by time. */
export class RollupTally {
  readonly partial: RollupPartial;
  readonly #buckets: number;
  readonly #total: number;
  readonly #numbers: ((event: EventIndex) => number) | null;
  /** Last cell of the actor per slot: as its events come by time, another one means that it is new there. */
  readonly #lastCell: Float64Array;
  readonly #lastActor: Float64Array;

  constructor(
    shown: readonly string[],
    valueCount: number | null,
    buckets: number,
    numbers: ((event: EventIndex) => number) | null,
  ) {
    this.partial = createRollupPartial(shown, valueCount, buckets, numbers === null);
    this.#buckets = buckets;
    this.#total = shown.length + 1;
    this.#numbers = numbers;
    this.#lastCell = new Float64Array(shown.length + 2).fill(-1);
    this.#lastActor = new Float64Array(shown.length + 2).fill(-1);
  }

  /** One event, in its slot and in the total. */
  add(slot: number, bucket: number, actor: ActorIndex, event: EventIndex): void {
    this.#count(slot, bucket, actor, event);
    this.#count(this.#total, bucket, actor, event);
  }

  #count(slot: number, bucket: number, actor: ActorIndex, event: EventIndex): void {
    const { events, actors, totalActors, sums, lost } = this.partial;
    const cell = slot * this.#buckets + bucket;
    events[cell] = (events[cell] ?? 0) + 1;
    if (sums !== null && lost !== null && this.#numbers !== null) addExactly(sums, lost, cell, this.#numbers(event));
    const isNew = this.#lastActor[slot] !== actor;
    if (!isNew && this.#lastCell[slot] === cell) return;
    this.#lastCell[slot] = cell;
    this.#lastActor[slot] = actor;
    actors[cell] = (actors[cell] ?? 0) + 1;
    if (isNew) totalActors[slot] = (totalActors[slot] ?? 0) + 1;
  }
}

/** Throws E_LIMIT. */
export function createRollupPartial(
  shown: readonly string[],
  valueCount: number | null,
  buckets: number,
  withoutSum: boolean,
): RollupPartial {
  const slots = shown.length + 2;
  const cells = slots * buckets;
  if (cells > MAX_CELLS)
    throw new EngineError('E_LIMIT', `The answer would have ${cells} cells.`, {
      hint: 'Choose a longer interval, a shorter range or fewer series.',
      path: 'interval',
    });
  // In shared memory: hours by type are more than a megabyte, which is handed over rather than copied.
  const count = (): Uint32Array => new Uint32Array(new SharedArrayBuffer(Uint32Array.BYTES_PER_ELEMENT * cells));
  const make = (length: number): Float64Array => new Float64Array(length);
  return {
    shown,
    valueCount,
    events: count(),
    actors: count(),
    totalActors: new Uint32Array(slots),
    sums: withoutSum ? null : make(cells),
    lost: withoutSum ? null : make(cells),
  };
}
