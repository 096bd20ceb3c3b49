import type { SemanticsRule, TransitionEdge, TransitionsQuery, TransitionsSelection } from '../../protocol/index.ts';
import { compareText } from './compare-text.ts';
import type { AnswerBody, ComputeContext, ComputeModule } from './compute-module.ts';
import { keepPartials } from './kept-partial.ts';
import { createActorList } from './event-stream.ts';
import { getNodeRules } from './flow-semantics.ts';
import { addTo, createActorCounter, createKeyIndex, freezeColumn } from './key-index.ts';
import { compileNodes, nameNodes } from './path-nodes.ts';
import { forEachSequence, type Path } from './path-walk.ts';
import { createSampleCollector, getGroup, getMedian } from './sample-groups.ts';
import { sumByKey } from './sum-by-key.ts';
import { tallyTransitions, type TransitionsPartial } from './transitions-kernel.ts';

export const PATH_START = 'path_start';
export const PATH_END = 'path_end';

export const transitionsModule: ComputeModule<'transitions', TransitionsPartial> = {
  type: 'transitions',
  compute: computeTransitions,
  preparation: keepPartials(computeTransitions, ({ measure }) => measure !== 'medianSeconds'),
  merge: mergeTransitions,
  select: selectTransition,
  semantics: getSemantics,
};

/** Calls back for every step of a sequence; boundary steps take no time. */
function forEachStep(
  path: Path,
  names: number,
  boundary: boolean,
  visit: (from: number, to: number, ms: number) => void,
): void {
  const { length, nodes, times } = path;
  if (boundary) visit(names, nodes[0] ?? 0, 0);
  for (let i = 1; i < length; i++) visit(nodes[i - 1] ?? 0, nodes[i] ?? 0, (times[i] ?? 0) - (times[i - 1] ?? 0));
  if (boundary) visit(nodes[length - 1] ?? 0, names + 1, 0);
}

function computeTransitions(context: ComputeContext, query: TransitionsQuery): TransitionsPartial {
  return tallyTransitions(context, query) ?? computeTransitionsTwin(context, query);
}

function computeTransitionsTwin(context: ComputeContext, query: TransitionsQuery): TransitionsPartial {
  const nodes = compileNodes(context, query);
  const names = nodes.names.length;
  const width = names + 2;
  const index = createKeyIndex(width * width);
  const count: number[] = [];
  const totalMs: number[] = [];
  const actors = createActorCounter();
  const samples = query.measure === 'medianSeconds' ? createSampleCollector() : null;
  let actorCount = 0;
  forEachSequence(context, query, nodes, (actor, path) => {
    actorCount++;
    forEachStep(path, names, query.boundaryNodes, (from, to, ms) => {
      const edge = index.idOf(from * width + to);
      addTo(count, edge, 1);
      addTo(totalMs, edge, ms);
      actors.add(edge, actor);
      samples?.add(edge, ms);
    });
  });
  const column = (values: readonly number[]): Float64Array => freezeColumn(values, index.keys.length);
  return {
    edges: { keys: column(index.keys), count: column(count), actors: column(actors.counts), totalMs: column(totalMs) },
    samples: samples?.freeze(index.keys.length) ?? null,
    actorCount,
  };
}

function mergeTransitions(
  partials: readonly TransitionsPartial[],
  query: TransitionsQuery,
  context: ComputeContext,
): AnswerBody<'transitions'> {
  const names = [...nameNodes(context.segment.eventNames, query).names, PATH_START, PATH_END];
  const width = names.length;
  const { keys, count, actors, totalMs } = sumByKey(
    partials.map((p) => p.edges),
    ['count', 'actors', 'totalMs'],
  );
  const outOf = new Float64Array(width);
  const into = new Float64Array(width);
  let total = 0;
  keys.forEach((key, i) => {
    const n = count[i] ?? 0;
    outOf[Math.floor(key / width)] = (outOf[Math.floor(key / width)] ?? 0) + n;
    into[key % width] = (into[key % width] ?? 0) + n;
    total += n;
  });
  const medians = query.measure === 'medianSeconds' ? getMedians(partials) : null;
  const measure = (key: number, i: number): number => {
    const n = count[i] ?? 0;
    switch (query.measure) {
      case 'count':
        return n;
      case 'actors':
        return actors[i] ?? 0;
      case 'shareOfSource':
        return n / (outOf[Math.floor(key / width)] ?? 1);
      case 'shareOfTarget':
        return n / (into[key % width] ?? 1);
      case 'shareOfTotal':
        return n / total;
      case 'averageSeconds':
        return (totalMs[i] ?? 0) / n / 1000;
      case 'medianSeconds':
        return (medians?.get(key) ?? 0) / 1000;
    }
  };
  const edges = Array.from(keys, (key, i): TransitionEdge => ({
    from: names[Math.floor(key / width)] ?? '',
    to: names[key % width] ?? '',
    value: measure(key, i),
    count: count[i] ?? 0,
    actors: actors[i] ?? 0,
  }));
  return {
    type: 'transitions',
    measure: query.measure,
    edges: edges.toSorted((a, b) => b.count - a.count || compareText(a.from, b.from) || compareText(a.to, b.to)),
    edgeCount: edges.length,
    actorCount: partials.reduce((n, p) => n + p.actorCount, 0),
  };
}

function getMedians(partials: readonly TransitionsPartial[]): Map<number, number> {
  const parts = new Map<number, Float64Array[]>();
  for (const { edges, samples } of partials) {
    edges.keys.forEach((key, row) => {
      if (samples === null) return;
      const known = parts.get(key) ?? [];
      known.push(getGroup(samples, row));
      parts.set(key, known);
    });
  }
  return new Map([...parts].map(([key, arrays]) => [key, getMedian(arrays)]));
}

function selectTransition(
  context: ComputeContext,
  query: TransitionsQuery,
  selection: TransitionsSelection,
): Uint32Array {
  const nodes = compileNodes(context, query);
  const names = [...nodes.names, PATH_START, PATH_END];
  const actors = createActorList();
  forEachSequence(context, query, nodes, (actor, path) => {
    let found = false;
    forEachStep(path, nodes.names.length, query.boundaryNodes, (from, to) => {
      found ||= names[from] === selection.from && names[to] === selection.to;
    });
    if (found) actors.add(actor);
  });
  return actors.toArray();
}

function getSemantics(query: TransitionsQuery): readonly SemanticsRule[] {
  const rules = getNodeRules(query);
  rules.push({
    rule: 'transitions',
    text: 'Each event and the next of the same actor; no session cut. Numbers count transitions, `actors` the actors with at least one, and that many are listed.',
  });
  if (query.boundaryNodes)
    rules.push({
      rule: 'boundaries',
      text: `${PATH_START} before the first and ${PATH_END} after the last event; their steps take no time.`,
    });
  return rules;
}
