import type { FlowQuery, FlowSelection } from '../../protocol/index.ts';
import type { AnswerBody, ComputeContext, ComputeModule, Preparation } from './compute-module.ts';
import { keepPartials } from './kept-partial.ts';
import { createActorList } from './event-stream.ts';
import { flowByTime, isFlowByTime } from './flow-by-time.ts';
import { tallyFlow } from './flow-kernel.ts';
import { mergeFlow } from './flow-merge.ts';
import { getFlowSemantics } from './flow-semantics.ts';
import { FlowTally, type FlowPartial } from './flow-tally.ts';
import { compileNodes } from './path-nodes.ts';
import { forEachPath, getPathNames, type Path } from './path-walk.ts';

export const flowModule: ComputeModule<'flow', FlowPartial> = {
  type: 'flow',
  compute: computeFlow,
  preparation: prepareFlow(),
  merge: mergeFlow,
  select: selectFlow,
  semantics: getFlowSemantics,
};

/** What is kept of the whole history, and for a hand that moves the end of it. */
function prepareFlow(): Preparation<FlowQuery> {
  const whole = keepPartials(computeFlow);
  const isWhole = (context: ComputeContext, query: FlowQuery): boolean => whole.keyOf(context, query) !== null;
  return {
    keyOf: (context, query) => whole.keyOf(context, query) ?? flowByTime.keyOf(context, query),
    isMadeAtOnce: (context, query) => isWhole(context, query) || flowByTime.isMadeAtOnce?.(context, query) === true,
    prepare: (context, query) => (isWhole(context, query) ? whole : flowByTime).prepare(context, query),
    partialOf: (prepared, context, query) =>
      (isFlowByTime(prepared) ? flowByTime : whole).partialOf?.(prepared, context, query),
  };
}

function computeFlow(context: ComputeContext, query: FlowQuery): FlowPartial {
  return tallyFlow(context, query) ?? computeFlowTwin(context, query);
}

function computeFlowTwin(context: ComputeContext, query: FlowQuery): FlowPartial {
  const nodes = compileNodes(context, query);
  const tally = new FlowTally(query.maxSteps, getPathNames(nodes).length);
  forEachPath(context, query, nodes, (actor, path) => tally.add(actor, path));
  return tally.freeze();
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
