import { describe, expect, test } from 'vitest';
import { parseAnalysis } from '../../protocol/index.ts';
import { contextFor, runCompute, selectActors, type DocumentOf } from '../../tests/support/run-compute.ts';
import { segmentOf, type LogEvent } from '../../tests/support/timelines.ts';
import { journeyModule } from './journey.ts';

const DAY = 86_400_000;
const START = Date.UTC(2024, 0, 1);
/** `anna: account_created@0 shop_created@1(shop_id=s1)` with times in days. */
function draw(drawing: string): LogEvent[] {
  return drawing
    .trim()
    .split('\n')
    .flatMap((line) => {
      const [actor = '', rest = ''] = line.trim().split(/:\s+/, 2);
      return rest.split(/\s+/).map((token) => {
        const [, event = '', day = '0', props = ''] = /^(\w+)@([\d.]+)(?:\((.*)\))?$/.exec(token) ?? [];
        const pairs = props.split(',').filter((pair) => pair !== '');
        return {
          actor,
          event,
          time: START + Number(day) * DAY,
          props: Object.fromEntries(pairs.map((p) => p.split('='))),
        };
      });
    });
}
const journey: DocumentOf<'journey'> = { type: 'journey' };
const run = (drawing: string, document = journey) => runCompute(segmentOf(draw(drawing)), document);
const stateOf = (drawing: string, asOfDay?: number): string => {
  const asOf = asOfDay === undefined ? null : new Date(START + asOfDay * DAY).toISOString();
  const { sizes } = run(drawing, { ...journey, asOf });
  return Object.keys(sizes).find((state) => sizes[state] === 1) ?? 'none';
};

describe('the machine of design.md section 5', () => {
  test('an invoice is a churn 14 days after it was due, not before, and only if the data reaches so far', () => {
    const log = 'anna: account_created@0 payment_succeeded@1 invoice_issued@10(invoice_id=i1)';
    expect(stateOf(log)).toBe('Customer');
    expect(stateOf(log, 23.99)).toBe('Customer');
    expect(stateOf(log, 24)).toBe('Churn');
    expect(stateOf(`${log}\nbert: plan_changed@30`)).toBe('Churn');
  });
  test('due_at counts from the day it names; an unreadable one counts as absent', () => {
    const due = new Date(START + 20 * DAY).toISOString().slice(0, 10);
    expect(stateOf(`anna: invoice_issued@10(invoice_id=i1,due_at=${due}) payment_failed@33`)).toBe('none');
    expect(stateOf(`anna: invoice_issued@10(invoice_id=i1,due_at=${due}) payment_failed@34`)).toBe('Churn');
    expect(stateOf('anna: invoice_issued@10(invoice_id=i1,due_at=soon) payment_failed@24')).toBe('Churn');
  });
  test('a payment of that invoice meets it, up to the very deadline and also in advance; another one does not', () => {
    expect(stateOf('anna: invoice_issued@0(invoice_id=i1) payment_succeeded@14(invoice_id=i1) plan_changed@60')).toBe(
      'Customer',
    );
    expect(stateOf('anna: payment_succeeded@0(invoice_id=i1) invoice_issued@1(invoice_id=i1) plan_changed@60')).toBe(
      'Customer',
    );
    expect(
      stateOf(
        'anna: payment_succeeded@0 invoice_issued@0(invoice_id=i1) payment_succeeded@1(invoice_id=i2) plan_changed@60',
      ),
    ).toBe('Churn');
  });
  test('a payment after churn makes a customer again: the loop is in the moves', () => {
    const { moves, edges } = run(
      'anna: account_created@0 invoice_issued@0(invoice_id=i1) payment_succeeded@20(invoice_id=i1) account_deleted@30',
    );
    expect(moves.map(({ from, to }) => `${from}>${to}`).toSorted()).toEqual([
      'Churn>Customer',
      'Customer>Churn',
      'Lead>Churn',
      'start>Lead',
    ]);
    expect(edges.map(({ step, from, to }) => `${step} ${from}>${to}`)).toEqual([
      '1 Lead>Churn',
      '2 Churn>Customer',
      '3 Customer>Churn',
    ]);
  });
  test('deleting a shop is a churn only with the last open one', () => {
    const two = 'anna: shop_created@0(shop_id=a) shop_created@1(shop_id=b) shop_deleted@2(shop_id=a)';
    expect(stateOf(two)).toBe('Prospect');
    expect(stateOf(`${two} shop_deleted@3(shop_id=a)`)).toBe('Prospect');
    expect(stateOf(`${two} shop_deleted@3(shop_id=b)`)).toBe('Churn');
  });
  test('knownAt hides late rows, and deadlines after it are not known to be missed', () => {
    const log = draw('anna: invoice_issued@0(invoice_id=i1) payment_succeeded@10(invoice_id=i1) plan_changed@40').map(
      (e) => ({
        ...e,
        recordedAt: e.event === 'payment_succeeded' ? START + 30 * DAY : Number(e.time),
      }),
    );
    const sizes = (knownDay: number) =>
      runCompute(segmentOf(log), { ...journey, knownAt: new Date(START + knownDay * DAY).toISOString() }).sizes;
    expect(sizes(13)).toMatchObject({ Churn: 0 });
    expect(sizes(20)).toMatchObject({ Churn: 1 });
    expect(sizes(30)).toMatchObject({ Customer: 1 });
  });
  test('the range limits moves, not history', () => {
    const { moves, nodes, sizes } = run('anna: account_created@0 shop_created@40(shop_id=a)', {
      ...journey,
      dateRange: { from: '2024-02-01' },
    });
    expect(moves.map(({ from, to, averageSeconds }) => [from, to, averageSeconds])).toEqual([
      ['Lead', 'Prospect', 40 * 86_400],
    ]);
    expect(nodes.map(({ step, name, count }) => [step, name, count])).toEqual([
      [1, 'Lead', 1],
      [2, 'Prospect', 1],
    ]);
    expect(sizes).toMatchObject({ Prospect: 1 });
  });
});

describe('around it', () => {
  test('a timeline tells all moves, and marks events that made one', () => {
    const segment = segmentOf(draw('anna: account_created@0 invoice_issued@1(invoice_id=i1) plan_changed@20'));
    const query = parseAnalysis(journey);
    const explanation =
      query.type === 'journey' ? journeyModule.explain?.(contextFor(segment, journey), query, 0) : undefined;
    expect([...(explanation?.marks ?? [])]).toEqual([[0, { entersState: 'Lead' }]]);
    expect(explanation?.journey?.moves).toEqual([
      { time: START, from: 'start', to: 'Lead', cause: 'event' },
      { time: START + 15 * DAY, from: 'Lead', to: 'Churn', cause: 'deadline' },
    ]);
  });
  test('an impossible selection is refused', () => {
    const segment = segmentOf(draw('anna: account_created@0'));
    const answer = runCompute(segment, journey);
    expect(() => selectActors<'journey'>(segment, journey, { state: 'Gone' }, answer)).toThrow(
      expect.objectContaining({ code: 'E_BAD_QUERY' }),
    );
    expect(() => selectActors<'journey'>(segment, journey, { moved: { from: 'Lead', to: 'Churn' } }, answer)).toThrow(
      expect.objectContaining({ path: 'selection.moved' }),
    );
  });
  test('a model that names unknown states is refused with the place', () => {
    const model = { states: ['A', 'B'], rules: [{ event: { event: 'x' }, from: ['C'], to: 'A' }] };
    expect(() => parseAnalysis({ type: 'journey', model })).toThrow(
      expect.objectContaining({ code: 'E_BAD_QUERY', path: 'model.rules.0.from.0' }),
    );
  });
});
