import type { OpenData } from './engine-backend.ts';
import { asList, asRecord, compareJson, compareRounded, compareSets, type Differences, type Json } from './compare.ts';
import { checkDataFunnel } from './check-data-funnel.ts';
import { checkRetention } from './check-data-retention.ts';
import { checkRollup, countByEvent, splitCounts } from './check-data-rollup.ts';

export interface Fact {
  readonly name: string;
  readonly check: (data: OpenData) => Promise<Differences>;
}

/** Keys that say where facts come from, or repeat others in words. */
const NOT_FACTS = new Set(['id', 'file', 'kind', 'mapping', 'timezone', 'rule', 'published', 'tables']);

/** All facts of a data set. A key that nobody checks is a fact that fails. */
export function listFacts(facts: Readonly<Record<string, Json>>): Fact[] {
  return Object.entries(facts).flatMap(([key, value]): Fact[] => {
    if (NOT_FACTS.has(key)) return [];
    if (key === 'funnels')
      return asList(value).map((funnel, i) => ({
        name: `funnels[${i}]`,
        check: (data) => checkDataFunnel(funnel, data),
      }));
    const check = CHECKS[key];
    return [{ name: key, check: (data) => check?.(value, data) ?? Promise.resolve([`nobody checks ${key}`]) }];
  });
}

const CHECKS: Readonly<Record<string, (expected: Json, data: OpenData) => Promise<Differences>>> = {
  totals: checkTotals,
  countsPerEvent: (expected, data) => countByEvent(expected, data, 'totalEvents'),
  actorsPerEvent: (expected, data) => countByEvent(expected, data, 'totalActors'),
  startEvents: (expected, data) => checkBoundary(expected, data, 'from', 'path_start', 'to'),
  endEvents: (expected, data) => checkBoundary(expected, data, 'to', 'path_end', 'from'),
  variants: checkVariants,
  transitions: checkTransitions,
  journeyTop20: checkJourney,
  daily: (expected, data) => checkRollup(splitCounts(expected), data, { interval: 'day' }),
  monthly: (expected, data) => checkRollup(splitCounts(expected), data, { interval: 'month' }),
  perMonth: (expected, data) => checkRollup(asRecord(expected), data, { interval: 'month', sum: 'Total' }),
  perYear: checkYears,
  byCountry: checkCountries,
  retentionMonthly: checkRetention,
};

async function checkTotals(expected: Json, { run, info }: OpenData): Promise<Differences> {
  const { events, actors, eventNames, sum, firstTime, lastTime } = asRecord(expected);
  const document = { type: 'rollup', interval: 'total', by: '$event', ...(sum === undefined ? {} : { sum: 'Total' }) };
  const { total, seriesCount } = asRecord(await run(document));
  const { totalEvents, totalActors, totalSum } = asRecord(total);
  const toMs = (time: Json): number => Date.parse(String(time));
  return [
    ...compareJson('events', events, totalEvents),
    ...compareJson('actors', actors, totalActors),
    ...(eventNames === undefined ? [] : compareJson('eventNames', eventNames, seriesCount)),
    ...(sum === undefined ? [] : compareJson('sum', sum, totalSum)),
    ...compareJson('source', { events, actors, firstTime: toMs(firstTime), lastTime: toMs(lastTime) }, info),
  ];
}

async function checkBoundary(
  expected: Json,
  { run }: OpenData,
  side: string,
  name: string,
  other: string,
): Promise<Differences> {
  const { edges } = asRecord(await run({ type: 'transitions', boundaryNodes: true }));
  const found = asList(edges)
    .map(asRecord)
    .filter((edge) => edge[side] === name);
  const got = Object.fromEntries(found.map((edge) => [String(edge[other]), edge['actors']]));
  return [
    ...compareJson('', expected, got),
    ...compareSets('events', Object.keys(asRecord(expected)), Object.keys(got)),
  ];
}

/** Long sequences are published cut, with `…` at the end. */
async function checkVariants(expected: Json, { run }: OpenData): Promise<Differences> {
  const { count, top } = asRecord(expected);
  const { variants, variantCount } = asRecord(await run({ type: 'variants', limit: 1000 }));
  const texts = asList(variants)
    .map(asRecord)
    .map(({ sequence, actors }) => ({ text: asList(sequence).join(' > '), actors }));
  const differences = asList(top)
    .map(asRecord)
    .flatMap(({ sequence, actors }) => {
      const wanted = String(sequence);
      const isCut = wanted.endsWith('…');
      const found = texts.find(({ text }) => (isCut ? text.startsWith(wanted.slice(0, -1)) : text === wanted));
      return compareJson(wanted, actors, found?.actors);
    });
  return [...compareJson('count', count, variantCount), ...differences];
}

async function checkTransitions(expected: Json, { run }: OpenData): Promise<Differences> {
  const { distinct, total, top20 } = asRecord(expected);
  const { edges, edgeCount } = asRecord(await run({ type: 'transitions' }));
  const sum = asList(edges).reduce((n: number, edge) => n + Number(asRecord(edge)['count']), 0);
  const averages = asList(asRecord(await run({ type: 'transitions', measure: 'averageSeconds' }))['edges']);
  const medians = asList(asRecord(await run({ type: 'transitions', measure: 'medianSeconds' }))['edges']);
  const find = (list: readonly Json[], from: Json, to: Json) =>
    asRecord(list.find((e) => asRecord(e)['from'] === from && asRecord(e)['to'] === to));
  return [
    ...compareJson('distinct', distinct, edgeCount),
    ...compareJson('total', total, sum),
    ...asList(top20)
      .map(asRecord)
      .flatMap(({ from, to, count, actors, averageSeconds, medianSeconds }) => {
        const at = `${String(from)} > ${String(to)}`;
        return [
          ...compareJson(at, { count, actors }, find(asList(edges), from, to)),
          ...compareRounded(`${at} average`, averageSeconds, find(averages, from, to)['value']),
          ...compareRounded(`${at} median`, medianSeconds, find(medians, from, to)['value']),
        ];
      }),
  ];
}

async function checkJourney(expected: Json, { run }: OpenData): Promise<Differences> {
  const answer = asRecord(await run({ type: 'flow', maxSteps: 5, edgeLimit: null, collapseRepeats: true }));
  const keyOf = (edge: Json): string => JSON.stringify(['step', 'from', 'to'].map((key) => asRecord(edge)[key]));
  const got = new Map(asList(answer['edges']).map((edge) => [keyOf(edge), edge]));
  return asList(asRecord(expected)['edges']).flatMap((edge) => compareJson(keyOf(edge), edge, got.get(keyOf(edge))));
}

async function checkYears(expected: Json, data: OpenData): Promise<Differences> {
  const differences: string[] = [];
  for (const [year, numbers] of Object.entries(asRecord(expected))) {
    const dateRange = { from: `${year}-01-01`, to: `${year}-12-31` };
    const { total } = asRecord(await data.run({ type: 'rollup', interval: 'total', sum: 'Total', dateRange }));
    const { totalEvents, totalActors, totalSum } = asRecord(total);
    differences.push(...compareJson(year, numbers, { events: totalEvents, actors: totalActors, sum: totalSum }));
  }
  return differences;
}

async function checkCountries(expected: Json, { run }: OpenData): Promise<Differences> {
  const { series } = asRecord(
    await run({ type: 'rollup', interval: 'total', by: 'BillingCountry', sum: 'Total', limit: 1000 }),
  );
  const got = asList(series).map(asRecord);
  return asList(expected)
    .map(asRecord)
    .flatMap(({ value, ...numbers }) => {
      const { totalEvents, totalActors, totalSum } = got.find((s) => s['value'] === value) ?? {};
      return compareJson(String(value), numbers, { events: totalEvents, actors: totalActors, sum: totalSum });
    });
}
