import type { AnalysisDocument, Selection } from '../../protocol/index.ts';

const EVENTS = [
  'account_created',
  'shop_created',
  'plan_changed',
  'invoice_issued',
  'payment_succeeded',
  'payment_failed',
  'shop_deleted',
];
const PROPERTIES = ['plan_id', 'amount_cents', 'shop_id'];

/** Never the same twice in a row: answers are kept, and a kept answer is no work. */
export function makeQuestion(random: () => number): AnalysisDocument {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const from = Date.UTC(2025, 3, 1) + Math.floor(random() * 400) * 86_400_000;
  const cut = random() < 0.5 ? {} : { dateRange: { from: new Date(from).toISOString(), to: null } };
  const asOf = random() < 0.5 ? {} : { asOf: new Date(from + Math.floor(random() * 9e9)).toISOString() };
  const where = random() < 0.7 ? {} : { where: [{ prop: 'plan_id', op: 'is_set' as const }] };
  const common = { ...cut, ...asOf, ...where };
  const steps = Array.from({ length: 2 + Math.floor(random() * 3) }, () => ({ event: pick(EVENTS) }));
  const window = { value: 1 + Math.floor(random() * 60), unit: 'day' as const };
  switch (Math.floor(random() * 12)) {
    case 0:
      return { type: 'funnel', steps, window, ...common };
    case 1:
      return { type: 'funnel', steps, window, order: pick(['strict', 'unordered'] as const), ...common };
    case 2:
      return {
        type: 'funnel',
        steps,
        window,
        breakdown: { props: [pick(PROPERTIES.slice(0, 2))], limit: 10 },
        ...common,
      };
    case 3:
      return { type: 'funnel', steps, window, viz: pick(['trend', 'timeToConvert'] as const), ...common };
    case 4:
      return { type: 'transitions', measure: pick(['count', 'actors', 'medianSeconds'] as const), ...common };
    case 5:
      return { type: 'flow', ...common };
    case 6:
      return {
        type: 'rollup',
        interval: pick(['hour', 'day', 'month'] as const),
        by: pick([null, '$event', 'plan_id']),
        ...common,
      };
    case 7:
      return {
        type: 'retention',
        cohortEvent: { event: pick(EVENTS) },
        returnEvent: { event: pick(EVENTS) },
        ...common,
      };
    case 8:
      return { type: 'lifecycle', event: { event: pick(EVENTS) }, ...common };
    case 9:
      return { type: 'variants', ...common };
    case 10:
      return { type: 'stepMatrix', ...common };
    default:
      return { type: 'journey', interval: pick(['day', 'month'] as const), ...common };
  }
}

/** A number of a funnel whose actors are listed. */
export const FIRST_STEP = { reachedStep: 0 } as unknown as Selection;
