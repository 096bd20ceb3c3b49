import type { FlowPartial } from './flow-tally.ts';

/**
 * The partial without times of paths of which an actor has one, from how often each step was taken, by
 * (position * width + from) * width + to: at position 0 `from` is 0, at `maxSteps`, where a path goes on that is not
 * followed further, `to` is.
 */
export function readCounts(counts: ArrayLike<number>, width: number, maxSteps: number): FlowPartial {
  // Partials have one node more, for a folded middle.
  const wide = width + 1;
  const [through, out, continues] = [0, 0, 0].map(() => new Float64Array(maxSteps * wide)) as Triple;
  const edges: { readonly key: number; readonly count: number }[] = [];
  for (let kind = 0; kind < counts.length; kind++) {
    const count = counts[kind] ?? 0;
    if (count === 0) continue;
    const position = Math.floor(kind / (width * width));
    const source = (position - 1) * wide + (Math.floor(kind / width) % width);
    const to = kind % width;
    if (position < maxSteps) bump(through, position * wide + to, count);
    if (position === maxSteps) bump(continues, source, count);
    else if (position > 0) {
      bump(out, source, count);
      edges.push({ key: source * wide + to, count });
    }
  }
  const paths = through.subarray(0, wide).reduce((a, b) => a + b, 0);
  return toPartial(through, out, continues, edges, paths);
}
type Triple = [Float64Array, Float64Array, Float64Array];

/** An actor has one path, so that paths are actors. */
function toPartial(
  through: Float64Array,
  out: Float64Array,
  continues: Float64Array,
  edges: readonly { readonly key: number; readonly count: number }[],
  paths: number,
): FlowPartial {
  const keys = Float64Array.from([...through.keys()].filter((node) => (through[node] ?? 0) > 0));
  const at = (column: Float64Array): Float64Array => keys.map((node) => column[node] ?? 0);
  const [count, goesOn] = [at(through), at(continues)];
  const ends = count.map((n, i) => n - (goesOn[i] ?? 0) - (out[keys[i] ?? 0] ?? 0));
  const along = Float64Array.from(edges, (edge) => edge.count);
  return {
    nodes: { keys, count, actors: count, ends, endActors: ends, continues: goesOn, continueActors: goesOn },
    edges: {
      keys: Float64Array.from(edges, (edge) => edge.key),
      count: along,
      actors: along,
      totalMs: new Float64Array(along.length),
    },
    pathCount: paths,
    actorCount: paths,
  };
}

function bump(column: Float64Array, at: number, by: number): void {
  column[at] = (column[at] ?? 0) + by;
}
