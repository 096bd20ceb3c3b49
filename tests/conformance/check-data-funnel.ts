import type { OpenData } from './engine-backend.ts';
import { asList, asRecord, compareJson, compareRounded, compareSets, type Differences, type Json } from './compare.ts';

/** One entry of `funnels`: counts, times, and where given a first-touch breakdown; and the list behind every count. */
export async function checkDataFunnel(expected: Json, data: OpenData): Promise<Differences> {
  const { steps, order, windowSeconds, result, counts, totalAverageSeconds, totalMedianSeconds, breakdown } =
    asRecord(expected);
  const document = {
    type: 'funnel',
    order,
    steps: asList(steps).map((event) => ({ event })),
    window: windowSeconds === null ? null : { value: windowSeconds, unit: 'second' },
  };
  const answer = asRecord(await data.run(document));
  const got = asList(answer['steps']).map(asRecord);
  const expectedSteps = asList(result ?? asList(counts).map((count) => ({ count }))).map(asRecord);
  return [
    ...expectedSteps.flatMap((step, k) => compareStep(`step ${k}`, step, got[k] ?? {})),
    ...compareRounded('total average', totalAverageSeconds, answer['totalAverageSeconds']),
    ...compareRounded('total median', totalMedianSeconds, answer['totalMedianSeconds']),
    ...(await checkLists(document, expectedSteps, data)),
    ...(breakdown === undefined ? [] : await checkBreakdown(document, asRecord(breakdown), data)),
  ];
}

function compareStep(
  at: string,
  expected: Readonly<Record<string, Json>>,
  got: Readonly<Record<string, Json>>,
): Differences {
  return [
    ...compareJson(`${at} count`, expected['count'], got['count']),
    ...compareRounded(`${at} average`, expected['averageSeconds'], got['averageSeconds']),
    ...compareRounded(`${at} median`, expected['medianSeconds'], got['medianSeconds']),
  ];
}

async function checkLists(
  document: Json,
  steps: readonly Readonly<Record<string, Json>>[],
  data: OpenData,
): Promise<Differences> {
  const differences: string[] = [];
  for (const [reachedStep, { count }] of steps.entries()) {
    const actors = await data.actors(document, { reachedStep });
    differences.push(...compareJson(`list of step ${reachedStep}`, count, new Set(actors).size));
  }
  return differences;
}

async function checkBreakdown(
  document: object,
  { property, groups }: Readonly<Record<string, Json>>,
  data: OpenData,
): Promise<Differences> {
  const breakdown = { props: [property], attribution: { type: 'first_touch' } };
  const answer = asRecord(await data.run({ ...document, breakdown }));
  const got = asList(answer['groups'])
    .map(asRecord)
    .map(({ value, steps }) => ({
      value: asList(value)[0],
      counts: asList(steps).map((step) => asRecord(step)['count']),
    }));
  return compareSets(
    'groups',
    asList(groups)
      .map(asRecord)
      .map(({ value, counts }) => ({ value, counts })),
    got,
  );
}
