import type { SemanticsRule, VariantsQuery, VariantsSelection } from '../../protocol/index.ts';
import { compareText } from './compare-text.ts';
import type { AnswerBody, ComputeContext, ComputeModule } from './compute-module.ts';
import { createActorList } from './event-stream.ts';
import { getNodeRules } from './flow-semantics.ts';
import { compileNodes, nameNodes } from './path-nodes.ts';
import { forEachSequence, type Path } from './path-walk.ts';
import { addVariants, collectVariants, type VariantsPartial } from './variants-kernel.ts';

export const variantsModule: ComputeModule<'variants', VariantsPartial> = {
  type: 'variants',
  compute: computeVariants,
  merge: mergeVariants,
  select: selectVariant,
  semantics: getSemantics,
};

/** A set of sequences that counts how often each was added. Equal hashes are told apart by comparing the nodes. */
interface VariantSet {
  readonly add: (nodes: VariantsPartial['nodes'], from: number, length: number, actors: number) => void;
  readonly freeze: () => VariantsPartial;
}

function createVariantSet(): VariantSet {
  let store = new Int32Array(4096);
  const offsets = [0];
  const actors: number[] = [];
  const chains = new Map<number, number>();
  const nextInChain: number[] = [];
  const matches = (variant: number, nodes: VariantsPartial['nodes'], from: number, length: number): boolean => {
    const start = offsets[variant] ?? 0;
    if ((offsets[variant + 1] ?? 0) - start !== length) return false;
    for (let i = 0; i < length; i++) if (store[start + i] !== nodes[from + i]) return false;
    return true;
  };
  const insert = (hash: number, nodes: VariantsPartial['nodes'], from: number, length: number): number => {
    const start = offsets.at(-1) ?? 0;
    if (start + length > store.length) {
      const grown = new Int32Array(Math.max(store.length * 2, start + length));
      grown.set(store);
      store = grown;
    }
    store.set(nodes.subarray(from, from + length), start);
    offsets.push(start + length);
    nextInChain.push(chains.get(hash) ?? -1);
    chains.set(hash, actors.length);
    return actors.push(0) - 1;
  };
  const add: VariantSet['add'] = (nodes, from, length, count) => {
    const hash = hashNodes(nodes, from, length);
    let variant = chains.get(hash) ?? -1;
    while (variant >= 0 && !matches(variant, nodes, from, length)) variant = nextInChain[variant] ?? -1;
    if (variant < 0) variant = insert(hash, nodes, from, length);
    actors[variant] = (actors[variant] ?? 0) + count;
  };
  return {
    add,
    freeze: () => ({
      offsets: Float64Array.from(offsets),
      nodes: store.slice(0, offsets.at(-1)),
      actors: Float64Array.from(actors),
    }),
  };
}

function hashNodes(nodes: VariantsPartial['nodes'], from: number, length: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < length; i++) {
    hash = Math.imul(hash ^ (nodes[from + i] ?? 0), 0x01000193);
    hash ^= hash >>> 15;
  }
  return hash >>> 0;
}

function computeVariants(context: ComputeContext, query: VariantsQuery): VariantsPartial {
  return collectVariants(context, query) ?? computeVariantsTwin(context, query);
}

function computeVariantsTwin(context: ComputeContext, query: VariantsQuery): VariantsPartial {
  const variants = createVariantSet();
  forEachSequence(context, query, compileNodes(context, query), (_, path) =>
    variants.add(path.nodes, 0, path.length, 1),
  );
  return variants.freeze();
}

function mergeVariants(
  partials: readonly VariantsPartial[],
  query: VariantsQuery,
  context: ComputeContext,
): AnswerBody<'variants'> {
  const { names } = nameNodes(context.segment.eventNames, query);
  const all =
    partials.length === 1 && partials[0] !== undefined
      ? partials[0]
      : (addVariants(context.segment.memory, partials) ?? addAll(partials));
  const { offsets, nodes, actors } = all;
  const sequenceOf = (variant: number): string[] =>
    Array.from(nodes.subarray(offsets[variant], offsets[variant + 1]), (node) => names[node] ?? '');
  return {
    type: 'variants',
    variants: takeMostFrequent(all, query.limit, names).map((variant) => ({
      sequence: sequenceOf(variant),
      actors: actors[variant] ?? 0,
    })),
    variantCount: actors.length,
    actorCount: sumOf(actors),
  };
}

function sumOf(counts: VariantsPartial['actors']): number {
  let sum = 0;
  for (const count of counts) sum += count;
  return sum;
}

function addAll(partials: readonly VariantsPartial[]): VariantsPartial {
  const all = createVariantSet();
  for (const { offsets, nodes, actors } of partials) {
    actors.forEach((count, i) => all.add(nodes, offsets[i] ?? 0, (offsets[i + 1] ?? 0) - (offsets[i] ?? 0), count));
  }
  return all.freeze();
}

/**
 * The n largest, ties by sequence (name by name, a shorter one first). Most sequences of a large log occur once, so
 * ties are the rule at the end of the list: sequences are compared in place and only the best n are kept.
 */
function takeMostFrequent({ offsets, nodes, actors }: VariantsPartial, n: number, names: readonly string[]): number[] {
  const rank = new Int32Array(names.length);
  names
    .map((name, node) => ({ name, node }))
    .toSorted((a, b) => compareText(a.name, b.name))
    .forEach(({ node }, position) => (rank[node] = position));
  const compare = (a: number, b: number): number => {
    const byCount = (actors[b] ?? 0) - (actors[a] ?? 0);
    if (byCount !== 0) return byCount;
    let [i, j] = [offsets[a] ?? 0, offsets[b] ?? 0];
    const [iEnd, jEnd] = [offsets[a + 1] ?? 0, offsets[b + 1] ?? 0];
    for (; i < iEnd && j < jEnd; i++, j++) {
      const order = (rank[nodes[i] ?? 0] ?? 0) - (rank[nodes[j] ?? 0] ?? 0);
      if (order !== 0) return order;
    }
    return iEnd - i - (jEnd - j);
  };
  let best: number[] = [];
  let kept: number[] = [];
  let worst: number | undefined;
  let worstActors = 0;
  for (let variant = 0; variant < actors.length; variant++) {
    if (worst !== undefined && ((actors[variant] ?? 0) < worstActors || compare(variant, worst) > 0)) continue;
    kept.push(variant);
    // Sorted in batches: on average far less often than once per variant.
    if (kept.length < n) continue;
    best = [...best, ...kept].toSorted(compare).slice(0, n);
    kept = [];
    worst = best.at(n - 1);
    worstActors = worst === undefined ? 0 : (actors[worst] ?? 0);
  }
  return [...best, ...kept].toSorted(compare).slice(0, n);
}

function selectVariant(context: ComputeContext, query: VariantsQuery, { sequence }: VariantsSelection): Uint32Array {
  const nodes = compileNodes(context, query);
  const wanted = sequence.map((name) => nodes.names.indexOf(name));
  const isWanted = (path: Path): boolean =>
    path.length === wanted.length && wanted.every((node, i) => path.nodes[i] === node);
  const actors = createActorList();
  forEachSequence(context, query, nodes, (actor, path) => {
    if (isWanted(path)) actors.add(actor);
  });
  return actors.toArray();
}

function getSemantics(query: VariantsQuery): readonly SemanticsRule[] {
  return [
    ...getNodeRules(query),
    { rule: 'variants', text: 'The whole sequence of an actor; actors with the same sequence are one variant.' },
  ];
}
