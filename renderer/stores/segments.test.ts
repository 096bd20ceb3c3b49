import { beforeEach, expect, it } from 'vitest';
import { parseAnalysis, type FunnelQuery } from '../../protocol/index.ts';
import {
  addSegment,
  compareSegment,
  filterBySegment,
  getSegmentLabel,
  getSegmentUse,
  removeSegment,
  renameSegment,
  withSegment,
} from './segments.ts';
import { newWorkspace, useWorkspace } from './workspace.ts';

const BUYERS = { table: 'buyers', name: 'Buyers', actors: 25, source: 'a.db' };
const funnel = parseAnalysis({
  type: 'funnel',
  steps: [{ event: 'a' }],
  where: [{ prop: 'plan', op: 'eq', value: 'pro' }],
}) as FunnelQuery;
const state = () => useWorkspace.getState();
const kept = () => state().document.analyses['funnel'] as FunnelQuery;

beforeEach(() => state().load(newWorkspace(null), null));

it('one filter of a segment gives way to another, and other filters stay', () => {
  const only = withSegment(funnel.where, BUYERS, 'in');
  expect(only).toEqual([...(funnel.where ?? []), { prop: '$segment.buyers', op: 'is_set' }]);
  const others = withSegment(only, BUYERS, 'out');
  expect([funnel.where, only, others].map((where) => getSegmentUse(where, BUYERS))).toEqual([null, 'in', 'out']);
  expect(withSegment(others, BUYERS, null)).toEqual(funnel.where);
  expect(withSegment([{ prop: '$segment.BUYERS', op: 'is_set' }], BUYERS, null)).toBeUndefined();
});

it('a segment made and used is one undo step; removed with its filters and breakdowns it comes back with them', () => {
  const use = compareSegment(filterBySegment(funnel, BUYERS, 'in'), BUYERS);
  addSegment(BUYERS, (document) => ({ ...document, analyses: { funnel: use } }));
  expect(kept().breakdown?.props).toEqual(['$segment.buyers']);
  renameSegment(BUYERS, 'Who buys');
  expect([getSegmentLabel('$segment.buyers'), getSegmentLabel('$segment.gone'), getSegmentLabel('plan')]).toEqual([
    'Who buys',
    'gone',
    null,
  ]);
  removeSegment(BUYERS);
  expect(state().document.segments).toEqual([]);
  expect(kept()).toEqual(funnel);
  state().undo();
  expect(kept()).toEqual(use);
  expect(state().document.segments).toEqual([{ ...BUYERS, name: 'Who buys' }]);
  state().undo();
  state().undo();
  expect([state().document.segments, state().document.analyses]).toEqual([[], {}]);
});
