import type { ActorIndex } from '../segment/segment.ts';
import type { ComputeContext } from './compute-module.ts';
import type { ActorMoves } from './journey-machine.ts';
import { getEndPosition, getFirstPosition, getLastState, type JourneyView } from './journey-view.ts';
import { createDurationCollector } from './durations.ts';
import { createColumns, type JourneyColumns, type JourneyPartial } from './journey-partial.ts';
import { createActorCounter } from './key-index.ts';
import { getIntervalIndex, type IntervalGrid } from './time-bucket.ts';

/** Counts actors one after another into a partial. */
export class JourneyTally {
  readonly #fromMs: number;
  readonly #toMs: number;
  readonly #maxSteps: number;
  readonly #grid: IntervalGrid;
  readonly #width: number;
  readonly #moveActors = createActorCounter();
  readonly #stays = createDurationCollector();
  readonly #isFull: boolean;
  readonly #columns: JourneyColumns;
  #actorCount = 0;

  constructor({ fromMs, toMs, detail }: ComputeContext, maxSteps: number, { states, grid }: JourneyView) {
    this.#isFull = detail === 'full';
    this.#fromMs = fromMs;
    this.#toMs = toMs;
    this.#maxSteps = maxSteps;
    this.#grid = grid;
    this.#width = states.length;
    this.#columns = createColumns(this.#width, maxSteps, grid.starts.length);
  }

  add(actor: ActorIndex, moves: ActorMoves): void {
    this.#actorCount++;
    bump(this.#columns.sizes, getLastState(moves), 1);
    for (let i = 0; i < moves.length; i++) {
      const time = moves.times[i] ?? 0;
      if (time >= this.#fromMs && time <= this.#toMs) this.#countMove(actor, moves, i);
      this.#countGrowth(moves, i);
    }
    this.#countPath(moves);
  }

  compare(then: number, now: number): void {
    bump(this.#columns.compared, then * this.#width + now, 1);
  }

  freeze(): JourneyPartial {
    const pairs = this.#width * this.#width;
    return {
      ...this.#columns,
      actorCount: this.#actorCount,
      moveActors: Float64Array.from({ length: pairs }, (_, pair) => this.#moveActors.counts[pair] ?? 0),
      stays: this.#isFull ? this.#stays.freeze(pairs) : null,
    };
  }

  #countMove(actor: ActorIndex, moves: ActorMoves, i: number): void {
    const from = i === 0 ? 0 : (moves.states[i - 1] ?? 0);
    const pair = from * this.#width + (moves.states[i] ?? 0);
    bump(this.#columns.moveCount, pair, 1);
    this.#moveActors.add(pair, actor);
    if (i > 0 && this.#isFull) this.#stays.add(pair, (moves.times[i] ?? 0) - (moves.times[i - 1] ?? 0));
  }

  #countGrowth(moves: ActorMoves, i: number): void {
    const { growth } = this.#columns;
    const time = moves.times[i] ?? 0;
    const interval = time < (this.#grid.starts[0] ?? 0) ? 0 : getIntervalIndex(this.#grid, time);
    if (interval < 0 || growth.length === 0) return;
    if (i > 0) bump(growth, interval * this.#width + (moves.states[i - 1] ?? 0), -1);
    bump(growth, interval * this.#width + (moves.states[i] ?? 0), 1);
  }

  #countPath(moves: ActorMoves): void {
    const { nodes, edges } = this.#columns;
    const first = getFirstPosition(moves, this.#fromMs, this.#toMs);
    const end = getEndPosition(moves, this.#toMs);
    for (let i = first; i < end && i - first < this.#maxSteps; i++) {
      const node = (i - first) * this.#width + (moves.states[i] ?? 0);
      bump(nodes.count, node, 1);
      if (i + 1 === end) bump(nodes.stays, node, 1);
      else if (i - first + 1 === this.#maxSteps) bump(nodes.continues, node, 1);
      else {
        const edge = node * this.#width + (moves.states[i + 1] ?? 0);
        bump(edges.count, edge, 1);
        if (this.#isFull) bump(edges.totalMs, edge, (moves.times[i + 1] ?? 0) - (moves.times[i] ?? 0));
      }
    }
  }
}

function bump(column: Float64Array, at: number, by: number): void {
  column[at] = (column[at] ?? 0) + by;
}
