import type { AnalysisType } from '../../protocol/index.ts';
import type { AnswerBody } from '../../worker/compute/compute-module.ts';
import type { Chance } from './random-pushdown.ts';

type Type = AnalysisType;
type Pickers = { readonly [T in Type]: (answer: AnswerBody<T>, chance: Chance, document: Document) => unknown };
type Document = Readonly<Record<string, unknown>>;

/** A number of an answer to be clicked; null = it has none. */
export function randomSelection(
  type: Type,
  answer: AnswerBody<AnalysisType>,
  chance: Chance,
  document: object,
): unknown {
  const picker = PICKERS[type] as Pickers[Type];
  return picker(answer as never, chance, document as Document) ?? null;
}

const PICKERS: Pickers = {
  funnel: ({ steps, groups }, { pick, yes, whole }) => {
    const group =
      groups === undefined || groups === null || groups.length === 0 || yes(0.3)
        ? {}
        : { group: [...pick(groups).value] };
    return yes(0.6) || steps.length < 2
      ? { reachedStep: whole(steps.length), ...group }
      : { droppedBeforeStep: 1 + whole(steps.length - 1), ...group };
  },
  rollup: ({ periods, series }, { pick, yes }) => ({
    ...(yes(0.6) && periods.length > 0 ? { period: pick(periods) } : {}),
    ...(yes(0.6) && series.length > 0 ? { series: pick(series).value } : {}),
  }),
  retention: ({ matrix }, { whole, yes }) => {
    if (matrix.length === 0) return null;
    const cohort = whole(matrix.length);
    return { cohort, interval: whole(matrix.length - cohort), returned: yes(0.7) };
  },
  lifecycle: ({ periods }, { pick }) =>
    periods.length === 0
      ? null
      : { period: pick(periods), status: pick(['new', 'returning', 'resurrecting', 'dormant']) },
  stickiness: (_, { whole }) => ({ activeIntervals: 1 + whole(4) }),
  transitions: ({ edges }, { pick }) => {
    if (edges.length === 0) return null;
    const { from, to } = pick(edges);
    return { from, to };
  },
  flow: ({ nodes, edges }, { pick, yes }) => {
    if (nodes.length === 0) return { all: true };
    const { step, name } = pick(nodes);
    const { step: at, from, to } = edges.length === 0 ? { step: 1, from: 'x', to: 'y' } : pick(edges);
    const branch = nodes.filter((node) => node.step <= 2 && yes(0.5)).map((node) => node.name);
    return pick([
      { node: { step, name } },
      { dropOff: { step, name } },
      { continues: { step, name } },
      { edge: { step: at, from, to } },
      { all: true },
      { remainder: { step, name } },
      { branch: branch.length === 0 ? [name] : branch },
    ]);
  },
  stepMatrix: ({ share }, { pick, whole }) => ({ event: pick(Object.keys(share)), position: whole(4) }),
  variants: ({ variants }, { pick }) => (variants.length === 0 ? null : { sequence: [...pick(variants).sequence] }),
  journey: ({ states, moves, nodes, edges, periods }, { pick, yes }, document) => {
    const state = pick([...states, 'none', 'start']);
    const move = moves.length === 0 ? { from: 'start', to: state } : pick(moves);
    const { step, name } = nodes.length === 0 ? { step: 1, name: 'none' } : pick(nodes);
    const edge = edges.length === 0 ? { step: 1, from: 'none', to: 'none' } : pick(edges);
    return pick([
      { state, ...(yes(0.5) && periods.length > 0 ? { period: pick(periods) } : {}) },
      { move: { from: move.from, to: move.to } },
      { node: { step, name } },
      { stays: { step, name } },
      { continues: { step, name } },
      { edge: { step: edge.step, from: edge.from, to: edge.to } },
      ...(document['compareTo'] ? [{ moved: { from: pick([...states, 'none']), to: pick([...states, 'none']) } }] : []),
    ]);
  },
};
