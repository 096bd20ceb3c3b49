import { describe, expect, it } from 'vitest';
import { DEFAULT_JOURNEY, type JourneyResult } from '../../../protocol/index.ts';
import { LIGHT_THEME } from '../../charts/palette.ts';
import { getMovementMap, getStateAt } from './journey-charts.ts';
import { getJourneyPicture, getJourneySelections, getJourneyTip } from './journey-graph.ts';
import { addState, fitsVocabulary, getModelFromEvents, readModel, removeState, renameState } from './journey-model.ts';

/** 5 leads, 4 pay, 3 churn, 1 returns. */
const result = {
  states: ['Lead', 'Customer', 'Churn'],
  actorCount: 5,
  nodes: [
    { step: 1, name: 'Lead', count: 5, stays: 1, continues: 0 },
    { step: 2, name: 'Customer', count: 4, stays: 1, continues: 0 },
    { step: 3, name: 'Churn', count: 3, stays: 2, continues: 0 },
    { step: 4, name: 'Customer', count: 1, stays: 0, continues: 1 },
  ],
  edges: [
    { step: 1, from: 'Lead', to: 'Customer', count: 4, averageSeconds: 60 },
    { step: 2, from: 'Customer', to: 'Churn', count: 3, averageSeconds: 60 },
    { step: 3, from: 'Churn', to: 'Customer', count: 1, averageSeconds: 60 },
  ],
  periods: ['2024-01-01'],
  sizesOverTime: { Lead: [10], Customer: [5], Churn: [0] },
  comparison: {
    sizes: {},
    movement: [
      { from: 'Lead', to: 'Customer', count: 3 },
      { from: 'Lead', to: 'Lead', count: 1 },
    ],
  },
} as unknown as JourneyResult;
const picture = getJourneyPicture(result, () => '#000000');

describe('getJourneyPicture', () => {
  it('shows the loop back from churn as a second visit', () => {
    expect(picture.graph.nodes.map((n) => n.name)).toEqual(['Lead', 'Customer', 'Churn', 'Customer · 2nd']);
  });
  it('balances: in = on + still there', () => {
    expect(getJourneyTip(picture, { kind: 'node', id: '3:Churn' })?.footer).toBe('3 in = 1 on + 2 still there');
  });
  it('offers those who came, and those still there', () => {
    expect(getJourneySelections(picture, { kind: 'node', id: '3:Churn' }).map((s) => s.selection)).toEqual([
      { node: { step: 3, name: 'Churn' } },
      { stays: { step: 3, name: 'Churn' } },
    ]);
    expect(getJourneySelections(picture, { kind: 'continues', id: '4:Customer' }).map((s) => s.selection)).toEqual([
      { continues: { step: 4, name: 'Customer' } },
    ]);
  });
});

describe('charts of the journey', () => {
  it('finds the stage at a height of the stack', () => {
    expect([getStateAt(result, 0, 9), getStateAt(result, 0, 12), getStateAt(result, 0, 16)]).toEqual([
      'Lead',
      'Customer',
      null,
    ]);
  });
  it('maps who moved from then to now', () => {
    const map = getMovementMap(result, LIGHT_THEME);
    const index = map.pairs.findIndex((p) => p.from === 'Lead' && p.to === 'Customer');
    expect(map.picture.tip({ seriesId: 'cells', dataIndex: index })?.rows[0]).toEqual({
      label: 'Actors',
      value: '3',
      note: '75.0%',
    });
  });
});

describe('the model', () => {
  it('keeps rules when a state is renamed, and refuses names that are taken or stand for none', () => {
    const renamed = renameState(DEFAULT_JOURNEY, 'Lead', 'Visitor');
    expect(renamed.states[0]).toBe('Visitor');
    expect(renamed.rules[0]?.to).toBe('Visitor');
    expect(renamed.rules[1]?.from).toEqual(['start', 'Visitor']);
    for (const name of ['', 'start', 'none', 'Churn'])
      expect(renameState(DEFAULT_JOURNEY, 'Lead', name)).toBe(DEFAULT_JOURNEY);
    expect(addState(DEFAULT_JOURNEY, 'start')).toBe(DEFAULT_JOURNEY);
  });
  it('removes a state with what leads to it, but never the last rules', () => {
    const without = removeState(DEFAULT_JOURNEY, 'Churn');
    expect(without.deadlines).toEqual([]);
    expect(without.rules.every((rule) => rule.to !== 'Churn' && rule.from?.includes('Churn') !== true)).toBe(true);
    const two = { states: ['a', 'b'], rules: [{ event: { event: 'x' }, from: null, to: 'a' }], deadlines: [] };
    expect(removeState(two, 'a')).toBe(two);
  });
  it('starts from the most frequent events of other vocabularies', () => {
    const vocabulary = { events: ['view', 'buy'].map((name) => ({ name, count: 1, actors: 1 })), properties: [] };
    expect(fitsVocabulary(DEFAULT_JOURNEY, vocabulary)).toBe(false);
    const model = getModelFromEvents(vocabulary);
    expect(model.states).toEqual(['view', 'buy']);
    expect(fitsVocabulary(model, vocabulary)).toBe(true);
  });
  it('says where JSON is wrong', () => {
    expect(readModel('{')).toHaveProperty('problem');
    expect(
      readModel(JSON.stringify({ ...DEFAULT_JOURNEY, rules: [{ event: { event: 'x' }, to: 'Nowhere' }] })),
    ).toEqual({ problem: 'rules.0.to: "Nowhere" is not one of the states' });
    expect(readModel(JSON.stringify(DEFAULT_JOURNEY))).toEqual({ model: DEFAULT_JOURNEY });
  });
});
