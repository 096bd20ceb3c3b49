import type { AnalysisDocument } from '../../protocol/index.ts';

const RANGE = { from: '2024-01-31T22:00:00', to: '2024-02-29' };
const SHOP = { event: 'shop_created' };
const PAID = { event: 'payment_succeeded' };

/** Every type of analysis but funnels, over our own model. */
export const MODEL_DOCUMENTS: readonly AnalysisDocument[] = [
  { type: 'rollup', by: '$event', interval: 'week', timezone: 'Europe/Berlin' },
  {
    type: 'rollup',
    by: 'plan',
    limit: 2,
    sum: 'plan',
    interval: 'hour',
    dateRange: RANGE,
    timezone: 'America/New_York',
  },
  { type: 'rollup', event: PAID, interval: 'total', knownAt: '2024-02-15' },
  { type: 'stickiness', event: PAID, actorFrom: 'props.plan', dateRange: RANGE },
  { type: 'retention', cohortEvent: SHOP, returnEvent: PAID, interval: 'week', intervals: 8 },
  { type: 'retention', cohortEvent: { event: null }, returnEvent: PAID, cohortRule: 'everyInterval', dateRange: RANGE },
  { type: 'lifecycle', event: { event: null }, interval: 'month' },
  { type: 'lifecycle', event: PAID, dateRange: RANGE, where: [{ prop: 'plan', op: 'is_set' }] },
  { type: 'stickiness', event: { event: null }, interval: 'week', dateRange: RANGE },
  { type: 'transitions', boundaryNodes: true, measure: 'medianSeconds', asOf: '2024-02-15T12:00:00' },
  { type: 'flow', sessionGapSeconds: 86_400, edgeLimit: 7, dateRange: RANGE },
  { type: 'flow', startAt: 'shop_created', endAt: 'payment_succeeded', maxSteps: 4, groupings: ['*_c*d'] },
  { type: 'stepMatrix', excludeEvents: ['plan_changed'], dateRange: RANGE },
  { type: 'variants', limit: 5, collapseRepeats: true },
  { type: 'journey', interval: 'month', dateRange: RANGE },
  { type: 'journey', asOf: '2024-03-01', compareTo: { asOf: '2024-02-01', knownAt: '2024-02-15' } },
];
