import type { AnalysisDocument, AnalysisType } from '../../protocol/index.ts';
import { randomFrame, randomMatch, type Chance } from './random-pushdown.ts';
import type { LogEvent } from './timelines.ts';

export const NAMES = ['open', 'view', 'buy', "o'leave", 'View "all"', 'view/', 'a%_[b]*?', 'é 😀'];

/** A random document of a type over a log. */
export function randomAnalysis(type: AnalysisType, chance: Chance, log: readonly LogEvent[]): AnalysisDocument {
  return { ...randomFrame(chance, log), ...MAKERS[type](chance, namesOf(log)), type } as AnalysisDocument;
}

/** Those of the log, and one that it may not have. */
const namesOf = (log: readonly LogEvent[]): readonly string[] => [...new Set(log.map((e) => e.event)), 'open'];

const calendarOf = ({ pick }: Chance): object => ({
  interval: pick(['hour', 'day', 'day', 'week', 'month']),
  weekStart: pick(['monday', 'sunday']),
});

const nodesOf = ({ pick, yes }: Chance): object => ({
  collapseRepeats: yes(0.5),
  ...(yes(0.2) ? { include: { prop: 'plan', in: ['pro', '7'] } } : {}),
  ...(yes(0.3) ? { groupings: pick([['view*'], ['*e*', 'view'], ['a%'], ['[b]'], ["o'*e"]]) } : {}),
  ...(yes(0.3) ? { excludeEvents: [pick([...NAMES, 'view*'])] } : {}),
});

const MAKERS: Readonly<Record<AnalysisType, (chance: Chance, names: readonly string[]) => object>> = {
  funnel: (chance, names) => {
    const steps = Array.from({ length: 1 + chance.whole(4) }, () => ({
      ...randomMatch(chance, names),
      ...(chance.yes(0.1) ? { firstTimeOnly: true } : {}),
    }));
    const attribution = chance.pick([
      { type: 'first_touch' },
      { type: 'last_touch' },
      { type: 'all_events' },
      { type: 'step', step: chance.whole(steps.length) },
    ]);
    return {
      steps,
      order: chance.pick(['ordered', 'ordered', 'strict', 'unordered']),
      window: chance.pick([null, { value: 2, unit: 'day' }, { value: 3, unit: 'hour' }]),
      ...(chance.yes(0.5) ? { breakdown: { props: ['plan'], attribution, limit: chance.pick([1, 2, 10]) } } : {}),
    };
  },
  rollup: (chance, names) => ({
    ...calendarOf(chance),
    ...(chance.yes(0.2) ? { interval: 'total' } : {}),
    ...(chance.yes(0.5) ? { event: randomMatch(chance, names) } : {}),
    by: chance.pick([null, '$event', '$actor', 'plan', 'a "key', 'nothing']),
    limit: chance.pick([1, 2, 3, 20]),
    ...(chance.yes(0.4) ? { sum: chance.pick(['amount', 'nothing']) } : {}),
  }),
  retention: (chance, names) => ({
    ...calendarOf(chance),
    cohortEvent: randomMatch(chance, names),
    returnEvent: randomMatch(chance, names),
    intervals: 1 + chance.whole(12),
    cohortRule: chance.pick(['everyInterval', 'firstEver']),
    ...(chance.yes(0.3) ? { endsIn: chance.pick(['2024-03-11', '2024-10-28T03:00:00', '2024-01-02']) } : {}),
  }),
  lifecycle: (chance, names) => ({ ...calendarOf(chance), event: randomMatch(chance, names) }),
  stickiness: (chance, names) => ({ ...calendarOf(chance), event: randomMatch(chance, names) }),
  transitions: (chance) => ({
    ...nodesOf(chance),
    boundaryNodes: chance.yes(0.5),
    measure: chance.pick([
      'count',
      'actors',
      'shareOfSource',
      'shareOfTarget',
      'shareOfTotal',
      'averageSeconds',
      'medianSeconds',
    ]),
  }),
  flow: (chance) => ({
    ...nodesOf(chance),
    maxSteps: chance.pick([2, 3, 4, 5, 8]),
    edgeLimit: chance.pick([null, 1, 3, 50]),
    sessionGapSeconds: chance.pick([null, null, 0, 900, 36_000]),
    ...(chance.yes(0.4) ? { startAt: chance.pick(['open', 'view', 'view/', 'nowhere', 'view*']) } : {}),
    ...(chance.yes(0.4) ? { endAt: chance.pick(['buy', 'view', 'view//', 'a%_[b]*?']) } : {}),
  }),
  stepMatrix: (chance) => ({ ...nodesOf(chance), maxSteps: chance.pick([1, 3, 10]) }),
  variants: (chance) => ({ ...nodesOf(chance), limit: chance.pick([1, 2, 50]) }),
  journey: (chance, names) => ({
    ...calendarOf(chance),
    ...(chance.yes(0.7) ? { model: randomModel(chance, names) } : {}),
    maxSteps: chance.pick([2, 3, 6]),
    ...(chance.yes(0.3)
      ? { compareTo: { asOf: chance.pick(['2024-03-12', '2024-10-27', '2023-12-24', '2021-03-28']) } }
      : {}),
  }),
};

/** Rules of every kind over the names of the logs: several may fit an event, objects close twice, deadlines overlap. */
function randomModel(chance: Chance, names: readonly string[]): object {
  const { pick, yes, whole } = chance;
  const states = ['Lead', "Pro'spect", 'Customer', 'Churn'];
  const from = (): readonly string[] | null => (yes(0.4) ? null : ['start', ...states].filter(() => yes(0.5)));
  const rules = Array.from({ length: 1 + whole(5) }, () => ({
    event: randomMatch(chance, names),
    from: from(),
    to: pick(states),
    ...(yes(0.3) ? { lastOf: { key: 'object', openedBy: randomMatch(chance, names) } } : {}),
  }));
  const deadlines = Array.from({ length: whole(3) }, () => ({
    opens: randomMatch(chance, names),
    key: 'object',
    dueAt: pick([null, 'due', 'nothing']),
    metBy: randomMatch(chance, names),
    after: pick([
      { value: 1, unit: 'hour' },
      { value: 2, unit: 'day' },
      { value: 0.5, unit: 'second' },
    ]),
    from: from(),
    to: pick(states),
  }));
  return { states, rules, deadlines };
}
