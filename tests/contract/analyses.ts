import type { AnalysisDocument, AnalysisResult } from '../../protocol/index.ts';

/** One document or more of every type, on the names of `randomLog`, and which numbers of its answer list actors. */
export interface Sample {
  readonly document: AnalysisDocument;
  readonly numbers: (result: AnalysisResult) => readonly (readonly [selection: unknown, shown: number])[];
}

const STEPS = [{ event: 'open' }, { event: 'view' }, { event: 'buy' }];
const RANGE = { from: '2024-02-03', to: '2024-02-20' };

function funnel(extra: object): Sample {
  return {
    document: { type: 'funnel', steps: STEPS, ...extra } as AnalysisDocument,
    numbers: (result) =>
      result.type !== 'funnel'
        ? []
        : result.steps.flatMap((step, k): [unknown, number][] => [
            [{ reachedStep: k }, step.count],
            ...(k === 0
              ? []
              : [[{ droppedBeforeStep: k }, (result.steps[k - 1]?.count ?? 0) - step.count] as [unknown, number]]),
          ]),
  };
}

export const SAMPLES: readonly Sample[] = [
  funnel({}),
  funnel({ order: 'strict' }),
  funnel({ order: 'unordered', window: { value: 5, unit: 'day' } }),
  funnel({ window: { value: 7, unit: 'day' }, exclusions: [{ event: 'leave', fromStep: 0, toStep: 1 }] }),
  funnel({ steps: [{ event: 'open', firstTimeOnly: true }, { event: 'buy' }], dateRange: RANGE }),
  funnel({ dateRange: RANGE, where: [{ prop: 'plan', op: 'eq', value: 'pro' }] }),
  funnel({ viz: 'trend', interval: 'week', timezone: 'America/New_York' }),
  funnel({ asOf: '2024-02-10' }),
  funnel({ knownAt: '2024-02-10' }),
  funnel({ actorFrom: 'props.country' }),
  {
    document: { type: 'flow', maxSteps: 4, edgeLimit: 6 },
    numbers: (result) =>
      result.type === 'flow'
        ? result.nodes.filter((n) => n.step === 1).map((n) => [{ node: { step: 1, name: n.name } }, n.count])
        : [],
  },
  {
    document: { type: 'transitions', measure: 'actors', dateRange: RANGE },
    numbers: (result) =>
      result.type === 'transitions' ? result.edges.map((e) => [{ from: e.from, to: e.to }, e.actors]) : [],
  },
  {
    document: { type: 'stepMatrix', maxSteps: 4 },
    numbers: (result) =>
      result.type === 'stepMatrix'
        ? Object.entries(result.share).flatMap(([event, share]) =>
            share.map((s, position): [unknown, number] => [{ event, position }, Math.round(s * result.actorCount)]),
          )
        : [],
  },
  {
    document: { type: 'variants', limit: 20, dateRange: RANGE },
    numbers: (result) =>
      result.type === 'variants' ? result.variants.map((v) => [{ sequence: v.sequence }, v.actors]) : [],
  },
  ...(['firstEver', 'everyInterval'] as const).map((cohortRule): Sample => ({
    document: {
      type: 'retention',
      cohortEvent: { event: 'open' },
      returnEvent: { event: 'buy' },
      interval: 'week',
      intervals: 5,
      cohortRule,
    },
    numbers: (result) =>
      result.type === 'retention'
        ? result.matrix.flatMap((row, cohort) => row.map((n, interval): [unknown, number] => [{ cohort, interval }, n]))
        : [],
  })),
  {
    document: { type: 'lifecycle', event: { event: 'view' }, interval: 'week', dateRange: RANGE },
    numbers: (result) =>
      result.type === 'lifecycle'
        ? result.periods.flatMap((period, i) =>
            (['new', 'returning', 'resurrecting', 'dormant'] as const).map((status): [unknown, number] => [
              { period, status },
              Math.abs(result.series[status][i] ?? 0),
            ]),
          )
        : [],
  },
  {
    document: { type: 'stickiness', event: { event: 'view' }, interval: 'day' },
    numbers: (result) =>
      result.type === 'stickiness' ? result.actorsByActiveIntervals.map((n, i) => [{ activeIntervals: i + 1 }, n]) : [],
  },
  {
    document: { type: 'rollup', interval: 'day', by: '$event', dateRange: RANGE },
    numbers: (result) =>
      result.type === 'rollup'
        ? [
            [{}, result.total.totalActors],
            ...result.series.map((s): [unknown, number] => [{ series: s.value }, s.totalActors]),
          ]
        : [],
  },
  {
    document: {
      type: 'journey',
      interval: 'week',
      model: {
        states: ['Open', 'Bought', 'Gone'],
        rules: [
          { event: { event: 'open' }, from: ['start'], to: 'Open' },
          { event: { event: 'buy' }, to: 'Bought' },
          { event: { event: 'leave' }, from: ['Open', 'Bought'], to: 'Gone' },
        ],
        deadlines: [],
      },
    },
    numbers: (result) =>
      result.type === 'journey'
        ? [
            ...result.states.map((state): [unknown, number] => [{ state }, result.sizes[state] ?? 0]),
            [{ state: 'none' }, result.noState],
            ...result.moves.map(({ from, to, actors }): [unknown, number] => [{ move: { from, to } }, actors]),
          ]
        : [],
  },
];
