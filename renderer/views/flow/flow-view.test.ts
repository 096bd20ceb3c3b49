import { describe, expect, it } from 'vitest';
import { FlowSchema, type FlowNode, type FlowResult, type TransitionsResult } from '../../../protocol/index.ts';
import { LIGHT_THEME } from '../../charts/palette.ts';
import {
  getActorCount,
  getFlowSelection,
  getFunnelOfBranch,
  isInGroup,
  withOnly,
  withoutEvent,
} from './flow-actions.ts';
import { foldLoose, getBranchNames, getFlowPicture, getFlowTip } from './flow-graph.ts';
import { formatMeasure, getMatrixNames, getTransitionMatrix } from './transitions-chart.ts';

const envelope = {
  version: 1,
  timezone: 'UTC',
  asOf: null,
  semantics: [],
  plan: {
    partitionsRead: 0,
    partitionsTotal: 0,
    rowsRead: 0,
    rowsTotal: 0,
    fromHour: null,
    toHour: null,
    guardHours: 0,
    scan: 'cached',
    columns: [],
    threads: 1,
  },
  timing: { totalMs: 0, buildMs: 0, computeMs: 0 },
  warnings: [],
} as const;
const node = (step: number, name: string, count: number, part: Partial<FlowNode> = {}): FlowNode => ({
  step,
  name,
  count,
  actors: count,
  dropOffActors: 0,
  continuesActors: 0,
  starts: step === 1 ? count : 0,
  in: step === 1 ? 0 : count,
  out: 0,
  dropOff: 0,
  continues: 0,
  remainderIn: 0,
  remainderOut: 0,
  visit: 1,
  ...part,
});
const edge = (step: number, from: string, to: string, count: number) => ({
  step,
  from,
  to,
  count,
  actors: count,
  averageSeconds: 60,
});
/** signup 10 → pay 7 → signup 5; 3 stop after signup, 2 after pay. */
const result: FlowResult = {
  ...envelope,
  type: 'flow',
  edges: [edge(1, 'signup', 'pay', 7), edge(2, 'pay', 'signup', 5)],
  edgeCount: 2,
  nodes: [
    node(1, 'signup', 10, { out: 7, dropOff: 3, dropOffActors: 3 }),
    node(2, 'pay', 7, { out: 5, dropOff: 2 }),
    node(3, 'signup', 5, { continues: 5, continuesActors: 4 }),
  ],
  pathCount: 10,
  actorCount: 10,
  remainder: { edges: 0, count: 0, nodes: 0, starts: 0 },
};
const picture = getFlowPicture(result, () => '#157f8f');

describe('getFlowPicture', () => {
  it('unrolls loops and names repeat visits', () => {
    expect(picture.graph.nodes.map((n) => n.name)).toEqual(['signup', 'pay', 'signup · 2nd']);
    expect(picture.columnTitles).toEqual(['Step 1', 'Step 2', 'Step 3']);
  });
  it('says the balance of a node', () => {
    const tip = getFlowTip(picture, { kind: 'node', id: '1:signup' });
    expect(tip?.footer).toBe('10 in = 7 on + 0 remainder + 3 drop-off');
    expect(tip?.rows.at(-1)).toEqual({ label: 'Stop here (drop-off)', value: '3', note: '30.0%' });
  });
  it('follows the branch to a link', () => {
    const link = picture.graph.links[1];
    expect(getBranchNames(picture, { kind: 'link', id: link?.id ?? '' })).toEqual(['signup', 'pay', 'signup']);
  });
  it('gathers many events without a shown link into one node that balances', () => {
    const loose = ['a', 'b', 'c', 'd'].map((id) => ({
      id,
      column: 0,
      name: id,
      color: '#000000',
      value: 5,
      dropOff: 2,
      remainderIn: 0,
      remainderOut: 3,
      continues: 0,
    }));
    const folded = foldLoose(
      { nodes: [...picture.graph.nodes, ...loose], links: picture.graph.links },
      { starts: 4 },
      '#8f8c84',
    );
    expect(folded.nodes.at(-1)).toMatchObject({ name: 'Others', value: 24, dropOff: 8, remainderOut: 16 });
    expect(foldLoose(picture.graph, { starts: 0 }, '#8f8c84')).toBe(picture.graph);
  });
});

describe('what a click means', () => {
  it('names the list behind each part, and its length', () => {
    expect(getFlowSelection(picture, { kind: 'node', id: '2:pay' })).toEqual({ node: { step: 2, name: 'pay' } });
    expect(getFlowSelection(picture, { kind: 'dropOff', id: '1:signup' })).toEqual({
      dropOff: { step: 1, name: 'signup' },
    });
    expect(getFlowSelection(picture, { kind: 'continues', id: '3:signup' })).toEqual({
      continues: { step: 3, name: 'signup' },
    });
    expect(getActorCount(picture, { kind: 'continues', id: '3:signup' })).toBe(4);
    expect(getActorCount(picture, { kind: 'remainderOut', id: '3:signup' })).toBeNull();
  });
  it('makes a funnel of a branch, groups as alternatives', () => {
    const flow = FlowSchema.parse({
      type: 'flow',
      groupings: ['pay*'],
      where: [{ prop: 'plan', op: 'eq', value: 'pro' }],
    });
    const funnel = getFunnelOfBranch(flow, ['signup', 'pay*'], ['signup', 'pay_ok', 'pay_bad']);
    expect(funnel.steps).toEqual([
      { event: 'signup' },
      { anyOf: [{ event: 'pay_ok' }, { event: 'pay_bad' }], name: 'pay*' },
    ]);
    expect(funnel.where).toEqual(flow.where);
  });
  it('finds patterns anywhere in a name', () => {
    expect([
      isInGroup('pay*ok', 'x_pay_1_ok'),
      isInGroup('pay*ok', 'ok_pay'),
      isInGroup('*', ''),
      isInGroup('a.c', 'abc'),
    ]).toEqual([true, false, true, false]);
  });
  it('keeps or leaves out events', () => {
    const flow = FlowSchema.parse({ type: 'flow', excludeEvents: ['x'] });
    expect(withOnly(flow, ['signup'], ['signup', 'pay'])).toMatchObject({
      include: { prop: '$event', in: ['signup'] },
      excludeEvents: [],
    });
    expect(withoutEvent(withoutEvent(flow, 'y'), 'x').excludeEvents).toEqual(['y', 'x']);
  });
});

describe('transitions', () => {
  const transitions: TransitionsResult = {
    ...envelope,
    type: 'transitions',
    measure: 'count',
    edges: [
      ['path_start', 'a', 9],
      ['a', 'b', 5],
      ['b', 'path_end', 9],
    ].map(([from, to, count]) => ({
      from: String(from),
      to: String(to),
      value: Number(count),
      count: Number(count),
      actors: 3,
    })),
    edgeCount: 3,
    actorCount: 9,
  };
  it('puts the start first and the end last', () => {
    expect(getMatrixNames(transitions)).toEqual({ from: ['path_start', 'b', 'a'], to: ['a', 'b', 'path_end'] });
  });
  it('keeps rows, columns and clicks together', () => {
    const matrix = getTransitionMatrix(transitions, 'top', LIGHT_THEME);
    expect(matrix.pairs).toHaveLength(9);
    const index = matrix.pairs.findIndex((pair) => pair.from === 'a' && pair.to === 'b');
    expect(matrix.picture.tip({ seriesId: 'cells', dataIndex: index })).toMatchObject({
      title: 'a → b',
      rows: [
        { label: 'Times', value: '5' },
        { label: 'Actors', value: '3', note: '33.3%' },
      ],
    });
  });
  it('speaks the unit of each measure', () => {
    expect([
      formatMeasure('shareOfSource', 0.5, false),
      formatMeasure('medianSeconds', 90, false),
      formatMeasure('count', 12_345, false),
      formatMeasure('count', 12_345, true),
    ]).toEqual(['50.0%', '1 min 30 s', '12.3K', '12,345']);
  });
});
