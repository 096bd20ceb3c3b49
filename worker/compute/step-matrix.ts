import type { SemanticsRule, StepMatrixQuery, StepMatrixSelection } from '../../protocol/index.ts';
import type { AnswerBody, ComputeContext, ComputeModule } from './compute-module.ts';
import { keepPartials } from './kept-partial.ts';
import { createActorList } from './event-stream.ts';
import { getNodeRules } from './flow-semantics.ts';
import { tallyMatrix, type StepMatrixPartial } from './step-matrix-kernel.ts';
import { compileNodes, nameNodes } from './path-nodes.ts';
import { forEachPath, type Path } from './path-walk.ts';

/** Name of what comes after an actor's last event. */
export const MATRIX_END = '(end)';

export const stepMatrixModule: ComputeModule<'stepMatrix', StepMatrixPartial> = {
  type: 'stepMatrix',
  compute: computeStepMatrix,
  preparation: keepPartials(computeStepMatrix),
  merge: mergeStepMatrix,
  select: selectCell,
  semantics: getSemantics,
};

function forEachRow(
  context: ComputeContext,
  query: StepMatrixQuery,
  visit: (actor: number, path: Path, names: readonly string[]) => void,
): void {
  const nodes = compileNodes(context, query);
  const names = [...nodes.names, MATRIX_END];
  forEachPath(
    context,
    { maxSteps: query.maxSteps, sessionGapSeconds: null, collapseRepeats: query.collapseRepeats },
    nodes,
    (actor, path) => visit(actor, path, names),
  );
}

function computeStepMatrix(context: ComputeContext, query: StepMatrixQuery): StepMatrixPartial {
  return tallyMatrix(context, query) ?? computeStepMatrixTwin(context, query);
}

function computeStepMatrixTwin(context: ComputeContext, query: StepMatrixQuery): StepMatrixPartial {
  const { maxSteps } = query;
  const end = nameNodes(context.segment.eventNames, query).names.length;
  const counts = new Float64Array((end + 1) * maxSteps);
  let actorCount = 0;
  forEachRow(context, query, (_, path) => {
    actorCount++;
    for (let position = 0; position < maxSteps; position++) {
      const node = position < path.length ? (path.nodes[position] ?? 0) : end;
      const cell = node * maxSteps + position;
      counts[cell] = (counts[cell] ?? 0) + 1;
    }
  });
  return { counts, actorCount };
}

function mergeStepMatrix(
  partials: readonly StepMatrixPartial[],
  query: StepMatrixQuery,
  context: ComputeContext,
): AnswerBody<'stepMatrix'> {
  const { maxSteps } = query;
  const names = [...nameNodes(context.segment.eventNames, query).names, MATRIX_END];
  const actorCount = partials.reduce((n, p) => n + p.actorCount, 0);
  const rows = names.map((name, node): [string, number[]] => {
    const row = Array.from({ length: maxSteps }, (_, position) =>
      partials.reduce((n, p) => n + (p.counts[node * maxSteps + position] ?? 0), 0),
    );
    return [name, row.map((count) => (actorCount === 0 ? 0 : count / actorCount))];
  });
  const occurring = rows.filter(([name, row]) => name === MATRIX_END || row.some((share) => share > 0));
  return { type: 'stepMatrix', share: Object.fromEntries(occurring), actorCount };
}

function selectCell(
  context: ComputeContext,
  query: StepMatrixQuery,
  { event, position }: StepMatrixSelection,
): Uint32Array {
  const actors = createActorList();
  forEachRow(context, query, (actor, path, names) => {
    if (position >= query.maxSteps) return;
    const name = position < path.length ? names[path.nodes[position] ?? 0] : MATRIX_END;
    if (name === event) actors.add(actor);
  });
  return actors.toArray();
}

function getSemantics(query: StepMatrixQuery): readonly SemanticsRule[] {
  return [
    ...getNodeRules(query),
    {
      rule: 'matrix',
      text: `Share of all actors with at least one event that have the event at a position of their sequence; ${MATRIX_END} from the position after the last event on.`,
    },
  ];
}
