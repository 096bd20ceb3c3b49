import type { ActorIndex } from '../segment/segment.ts';
import { addTo, createActorCounter, createKeyIndex, freezeColumn, type KeyIndex } from './key-index.ts';
import type { Path } from './path-walk.ts';

/**
 * Nodes and edges are keyed by position (0-based) and node codes, which are the same in every thread:
 * node = position * N + code, edge = node * N + code of the next.
 */
export interface FlowPartial {
  readonly nodes: {
    readonly keys: Float64Array;
    readonly count: Float64Array;
    readonly actors: Float64Array;
    readonly ends: Float64Array;
    readonly endActors: Float64Array;
    readonly continues: Float64Array;
    readonly continueActors: Float64Array;
  };
  readonly edges: {
    readonly keys: Float64Array;
    readonly count: Float64Array;
    readonly actors: Float64Array;
    readonly totalMs: Float64Array;
  };
  readonly pathCount: number;
  readonly actorCount: number;
}

/** Paths and the actors behind them, by id. */
class PathCounter {
  readonly #paths: number[] = [];
  readonly #actors = createActorCounter();

  add(id: number, actor: ActorIndex): void {
    addTo(this.#paths, id, 1);
    this.#actors.add(id, actor);
  }
  freeze(length: number): readonly [paths: Float64Array, actors: Float64Array] {
    return [freezeColumn(this.#paths, length), freezeColumn(this.#actors.counts, length)];
  }
}

/** Counts paths one after another into a partial; actors must come in order. */
export class FlowTally {
  readonly #width: number;
  readonly #nodes: KeyIndex;
  readonly #edges: KeyIndex;
  readonly #through = new PathCounter();
  readonly #ends = new PathCounter();
  readonly #continues = new PathCounter();
  readonly #along = new PathCounter();
  readonly #totalMs: number[] = [];
  #pathCount = 0;
  #actorCount = 0;
  #lastActor = -1;

  /** `width` = number of node codes. */
  constructor(maxSteps: number, width: number) {
    this.#width = width;
    // A folded path has one node more than maxSteps.
    this.#nodes = createKeyIndex((maxSteps + 1) * width);
    this.#edges = createKeyIndex((maxSteps + 1) * width * width);
  }

  add(actor: ActorIndex, { length, nodes, times, continues }: Path): void {
    this.#pathCount++;
    if (actor !== this.#lastActor) this.#actorCount++;
    this.#lastActor = actor;
    for (let i = 0; i < length; i++) {
      const key = i * this.#width + (nodes[i] ?? 0);
      const node = this.#nodes.idOf(key);
      this.#through.add(node, actor);
      if (i + 1 === length) (continues ? this.#continues : this.#ends).add(node, actor);
      else {
        const edge = this.#edges.idOf(key * this.#width + (nodes[i + 1] ?? 0));
        this.#along.add(edge, actor);
        addTo(this.#totalMs, edge, (times[i + 1] ?? 0) - (times[i] ?? 0));
      }
    }
  }

  freeze(): FlowPartial {
    const nodeKeys = Float64Array.from(this.#nodes.keys);
    const edgeKeys = Float64Array.from(this.#edges.keys);
    const [count, actors] = this.#through.freeze(nodeKeys.length);
    const [ends, endActors] = this.#ends.freeze(nodeKeys.length);
    const [continues, continueActors] = this.#continues.freeze(nodeKeys.length);
    const [edgeCount, edgeActors] = this.#along.freeze(edgeKeys.length);
    const totalMs = freezeColumn(this.#totalMs, edgeKeys.length);
    return {
      nodes: { keys: nodeKeys, count, actors, ends, endActors, continues, continueActors },
      edges: { keys: edgeKeys, count: edgeCount, actors: edgeActors, totalMs },
      pathCount: this.#pathCount,
      actorCount: this.#actorCount,
    };
  }
}
