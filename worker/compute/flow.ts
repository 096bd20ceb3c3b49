import type { FlowQuery, FlowSelection } from '../../protocol/index.ts';
import type { AnswerBody, ComputeContext, ComputeModule } from './compute-module.ts';
import { createActorList } from './event-stream.ts';
import { mergeFlow } from './flow-merge.ts';
import { getFlowSemantics } from './flow-semantics.ts';
import { addTo, createActorCounter, createKeyIndex, freezeColumn } from './key-index.ts';
import { compileNodes } from './path-nodes.ts';
import { forEachPath, getPathNames, type Path } from './path-walk.ts';

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

export const flowModule: ComputeModule<'flow', FlowPartial> = {
  type: 'flow',
  compute: computeFlow,
  merge: mergeFlow,
  select: selectFlow,
  semantics: getFlowSemantics,
};

/** A path has at most one node more than `maxSteps`: the folded middle. */
export const getPositions = (query: FlowQuery): number => query.maxSteps + 1;

function computeFlow(context: ComputeContext, query: FlowQuery): FlowPartial {
  const nodes = compileNodes(context, query);
  const width = nodes.names.length + 1;
  const nodeIndex = createKeyIndex(getPositions(query) * width);
  const edgeIndex = createKeyIndex(getPositions(query) * width * width);
  const [count, ends, continues, edgeCount, totalMs]: [number[], number[], number[], number[], number[]] = [
    [],
    [],
    [],
    [],
    [],
  ];
  const [actors, endActors, continueActors, edgeActors] = [
    createActorCounter(),
    createActorCounter(),
    createActorCounter(),
    createActorCounter(),
  ];
  let pathCount = 0;
  let actorCount = 0;
  let lastActor = -1;
  forEachPath(context, query, nodes, (actor, path) => {
    pathCount++;
    if (actor !== lastActor) actorCount++;
    lastActor = actor;
    for (let i = 0; i < path.length; i++) {
      const key = i * width + (path.nodes[i] ?? 0);
      const node = nodeIndex.idOf(key);
      addTo(count, node, 1);
      actors.add(node, actor);
      if (i + 1 < path.length) {
        const edge = edgeIndex.idOf(key * width + (path.nodes[i + 1] ?? 0));
        addTo(edgeCount, edge, 1);
        addTo(totalMs, edge, (path.times[i + 1] ?? 0) - (path.times[i] ?? 0));
        edgeActors.add(edge, actor);
      } else if (path.continues) {
        addTo(continues, node, 1);
        continueActors.add(node, actor);
      } else {
        addTo(ends, node, 1);
        endActors.add(node, actor);
      }
    }
  });
  const nodeColumn = (column: readonly number[]): Float64Array => freezeColumn(column, nodeIndex.keys.length);
  const edgeColumn = (column: readonly number[]): Float64Array => freezeColumn(column, edgeIndex.keys.length);
  return {
    nodes: {
      keys: nodeColumn(nodeIndex.keys),
      count: nodeColumn(count),
      actors: nodeColumn(actors.counts),
      ends: nodeColumn(ends),
      endActors: nodeColumn(endActors.counts),
      continues: nodeColumn(continues),
      continueActors: nodeColumn(continueActors.counts),
    },
    edges: {
      keys: edgeColumn(edgeIndex.keys),
      count: edgeColumn(edgeCount),
      actors: edgeColumn(edgeActors.counts),
      totalMs: edgeColumn(totalMs),
    },
    pathCount,
    actorCount,
  };
}

function selectFlow(
  context: ComputeContext,
  query: FlowQuery,
  selection: FlowSelection,
  answer: AnswerBody<'flow'>,
): Uint32Array {
  const nodes = compileNodes(context, query);
  const fits = compileSelection(getPathNames(nodes), selection, answer);
  const actors = createActorList();
  let last = -1;
  forEachPath(context, query, nodes, (actor, path) => {
    if (actor === last || !fits(path)) return;
    last = actor;
    actors.add(actor);
  });
  return actors.toArray();
}

/** Whether a path is behind the number that was clicked. Names that are no nodes fit nothing. */
function compileSelection(
  names: readonly string[],
  selection: FlowSelection,
  answer: AnswerBody<'flow'>,
): (path: Path) => boolean {
  const nodeAt = (path: Path, step: number): string | undefined =>
    step <= path.length ? names[path.nodes[step - 1] ?? 0] : undefined;
  if ('all' in selection) return () => true;
  if ('node' in selection) return (path) => nodeAt(path, selection.node.step) === selection.node.name;
  if ('edge' in selection) {
    const { step, from, to } = selection.edge;
    return (path) => nodeAt(path, step) === from && nodeAt(path, step + 1) === to;
  }
  if ('branch' in selection) return (path) => selection.branch.every((name, i) => nodeAt(path, i + 1) === name);
  if ('remainder' in selection) {
    const { step, name } = selection.remainder;
    const shown = new Set(
      answer.edges.filter((edge) => edge.step === step && edge.from === name).map((edge) => edge.to),
    );
    return (path) => nodeAt(path, step) === name && path.length > step && !shown.has(nodeAt(path, step + 1) ?? '');
  }
  const [wanted, continues] = 'dropOff' in selection ? [selection.dropOff, false] : [selection.continues, true];
  return (path) =>
    path.continues === continues && path.length === wanted.step && nodeAt(path, wanted.step) === wanted.name;
}
