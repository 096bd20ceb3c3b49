import type { JourneyQuery } from '../../protocol/index.ts';
import { NO_STATE, START_STATE } from '../../protocol/journey-states.ts';
import type { AnswerBody, ComputeContext } from './compute-module.ts';
import type { JourneyPartial } from './journey-partial.ts';
import { buildJourneyGrid } from './journey-grid.ts';
import { isUnfinished } from './range-grid.ts';
import { getDurations, summarizeDurations } from './durations.ts';

type Body = AnswerBody<'journey'>;

export function mergeJourney(partials: readonly JourneyPartial[], query: JourneyQuery, context: ComputeContext): Body {
  const states = [START_STATE, ...query.model.states];
  const grid = buildJourneyGrid(context, query);
  const sizes = addColumns(
    partials.map((p) => p.sizes),
    states.length,
  );
  return {
    type: 'journey',
    states: query.model.states,
    sizes: byState(states, (state) => sizes[state] ?? 0),
    noState: sizes[0] ?? 0,
    actorCount: partials.reduce((n, p) => n + p.actorCount, 0),
    moves: getMoves(partials, states),
    edges: getEdges(partials, states, query.maxSteps),
    nodes: getNodes(partials, states, query.maxSteps),
    timeInState: getTimeInState(partials, states, sizes),
    periods: grid.labels,
    sizesOverTime: getSizesOverTime(partials, states, grid.labels.length),
    unfinished: isUnfinished(context, grid, grid.labels.length - 1),
    ...(query.compareTo ? { comparison: getComparison(partials, states) } : {}),
  };
}

/** A record over the real states (without `start`). */
function byState<T>(states: readonly string[], valueOf: (state: number) => T): Record<string, T> {
  return Object.fromEntries(states.slice(1).map((name, i) => [name, valueOf(i + 1)]));
}

function addColumns(columns: readonly Float64Array[], length: number): Float64Array {
  const sum = new Float64Array(length);
  for (const column of columns) column.forEach((value, i) => (sum[i] = (sum[i] ?? 0) + value));
  return sum;
}

/** Most frequent first. */
function getMoves(partials: readonly JourneyPartial[], states: readonly string[]): Body['moves'] {
  const width = states.length;
  const count = addColumns(
    partials.map((p) => p.moveCount),
    width * width,
  );
  const actors = addColumns(
    partials.map((p) => p.moveActors),
    width * width,
  );
  return Array.from(count, (n, pair) => {
    const { averageMs, medianMs } = summarizeDurations(n === 0 ? [] : getStays(partials, pair));
    return {
      from: states[Math.floor(pair / width)] ?? '',
      to: states[pair % width] ?? '',
      count: n,
      actors: actors[pair] ?? 0,
      averageSeconds: averageMs / 1000,
      medianSeconds: medianMs / 1000,
    };
  })
    .filter(({ count: n }) => n > 0)
    .toSorted((a, b) => b.count - a.count);
}

function getEdges(partials: readonly JourneyPartial[], states: readonly string[], maxSteps: number): Body['edges'] {
  const width = states.length;
  const cells = maxSteps * width * width;
  const count = addColumns(
    partials.map((p) => p.edges.count),
    cells,
  );
  const totalMs = addColumns(
    partials.map((p) => p.edges.totalMs),
    cells,
  );
  return Array.from(count, (n, cell) => ({
    step: Math.floor(cell / (width * width)) + 1,
    from: states[Math.floor(cell / width) % width] ?? '',
    to: states[cell % width] ?? '',
    count: n,
    averageSeconds: n === 0 ? 0 : (totalMs[cell] ?? 0) / n / 1000,
  })).filter(({ count: n }) => n > 0);
}

function getNodes(partials: readonly JourneyPartial[], states: readonly string[], maxSteps: number): Body['nodes'] {
  const width = states.length;
  const add = (key: 'count' | 'stays' | 'continues'): Float64Array =>
    addColumns(
      partials.map((p) => p.nodes[key]),
      maxSteps * width,
    );
  const [count, stays, continues] = [add('count'), add('stays'), add('continues')];
  return Array.from(count, (n, cell) => ({
    step: Math.floor(cell / width) + 1,
    name: states[cell % width] ?? '',
    count: n,
    stays: stays[cell] ?? 0,
    continues: continues[cell] ?? 0,
  })).filter(({ count: n }) => n > 0);
}

const getStays = (partials: readonly JourneyPartial[], pair: number): readonly Float64Array[] =>
  partials.flatMap(({ stays }) => (stays === null ? [] : [getDurations(stays, pair)]));

function getTimeInState(
  partials: readonly JourneyPartial[],
  states: readonly string[],
  sizes: Float64Array,
): Body['timeInState'] {
  const width = states.length;
  const counts = addColumns(
    partials.map((p) => p.moveCount),
    width * width,
  );
  return byState(states, (state) => {
    const pairs = states.map((_, to) => state * width + to);
    const { averageMs, medianMs, p90Ms } = summarizeDurations(pairs.flatMap((pair) => getStays(partials, pair)));
    return {
      stays: pairs.reduce((n, pair) => n + (counts[pair] ?? 0), 0),
      open: sizes[state] ?? 0,
      averageSeconds: averageMs / 1000,
      medianSeconds: medianMs / 1000,
      p90Seconds: p90Ms / 1000,
    };
  });
}

function getSizesOverTime(
  partials: readonly JourneyPartial[],
  states: readonly string[],
  intervals: number,
): Body['sizesOverTime'] {
  const growth = addColumns(
    partials.map((p) => p.growth),
    intervals * states.length,
  );
  return byState(states, (state) => {
    let size = 0;
    return Array.from({ length: intervals }, (_, interval) => (size += growth[interval * states.length + state] ?? 0));
  });
}

function getComparison(
  partials: readonly JourneyPartial[],
  states: readonly string[],
): NonNullable<Body['comparison']> {
  const width = states.length;
  const names = [NO_STATE, ...states.slice(1)];
  const compared = addColumns(
    partials.map((p) => p.compared),
    width * width,
  );
  const then = (state: number): number =>
    compared.subarray(state * width, (state + 1) * width).reduce((a, b) => a + b, 0);
  const movement = Array.from(compared, (count, pair) => ({
    from: names[Math.floor(pair / width)] ?? '',
    to: names[pair % width] ?? '',
    count,
  }));
  return { sizes: byState(states, then), movement: movement.filter(({ count }) => count > 0) };
}
