import type { OpenLog } from './backend.ts';
import type { ConformanceCase } from './case-files.ts';
import { asList, asRecord, compareJson, compareSets, describe, type Differences, type Json } from './compare.ts';

/** Runs one case; null = its kind asks for something we do not have (information only). */
export type Check = (c: ConformanceCase, log: OpenLog) => Promise<Differences>;

/** Kinds of FORMAT.md that are for information: patterns and day lists are no analyses of ours. */
export const INFORMATION_KINDS: ReadonlySet<string> = new Set(['sequence', 'active_on_days']);

export const CHECKS: Readonly<Record<string, Check>> = {
  funnel: checkFunnel,
  funnel_trend: checkFunnel,
  time_to_convert: checkFunnel,
  fuzz_funnels: checkLevels,
  window_funnel: checkWindowFunnel,
  path: (c, log) => checkEdges(c, log, 'flow', ['step', 'from', 'to']),
  transitions: (c, log) => checkEdges(c, log, 'transitions', ['from', 'to']),
  step_matrix: checkStepMatrix,
  retention: (c, log) => checkKeys(c, log, 'retention'),
  lifecycle: (c, log) => checkKeys(c, log, 'lifecycle'),
  stickiness: (c, log) => checkKeys(c, log, 'stickiness'),
};

/** The query as it is, apart from the type's name. */
function toDocument(c: ConformanceCase, type: string, changes: Json = {}): Json {
  return { version: 1, timezone: c.timezone, ...c.query, type, ...asRecord(changes) };
}

async function checkKeys(c: ConformanceCase, log: OpenLog, type: string): Promise<Differences> {
  return compareJson('', c.expected, await log.run(toDocument(c, type)));
}

async function checkFunnel(c: ConformanceCase, log: OpenLog): Promise<Differences> {
  const document = toDocument(c, 'funnel');
  const answer = asRecord(await log.run(document));
  const { steps, groups, groupValues, groupRates, actors, ...plain } = c.expected;
  const differences = [
    ...compareJson('', plain, answer),
    ...compareSteps(asList(steps), asList(answer['steps'])),
    ...(groups === undefined ? [] : compareGroups(asList(groups), asList(answer['groups']))),
    ...compareGroupList('groupValues', groupValues, asList(answer['groupValues'])),
    ...compareGroupList('groupRates', groupRates, asList(answer['groupRates'])),
  ];
  for (const list of asList(actors)) differences.push(...(await checkActors(document, asRecord(list), log)));
  return differences;
}

/** Sources that asserted only the first steps publish a shorter list. */
function compareSteps(expected: readonly Json[], got: readonly Json[]): Differences {
  return compareJson('.steps', expected, got.slice(0, expected.length));
}

/** Groups are found by value; the published ones are all there are. */
function compareGroups(expected: readonly Json[], got: readonly Json[]): Differences {
  const find = (value: Json): Json =>
    got.find((group) => JSON.stringify(asRecord(group)['value']) === JSON.stringify(value));
  return [
    ...compareSets(
      '.groups[].value',
      expected.map((g) => asRecord(g)['value']),
      got.map((g) => asRecord(g)['value']),
    ),
    ...expected.flatMap((group) => {
      const { value } = asRecord(group);
      return compareJson(`.groups ${JSON.stringify(value)}`, group, find(value));
    }),
  ];
}

/** A whole list in any order, or some of its entries: `"0"` by place, `"*"` = in any place. */
function compareGroupList(key: string, expected: Json, got: readonly Json[]): Differences {
  if (expected === undefined) return [];
  if (Array.isArray(expected)) return compareSets(`.${key}`, expected, got);
  return Object.entries(asRecord(expected)).flatMap(([place, value]) => {
    if (place !== '*') return compareJson(`.${key}[${place}]`, value, got[Number(place)]);
    const found = got.some((entry) => compareJson('', value, entry).length === 0);
    return found ? [] : [describe(`.${key} (any)`, value, got)];
  });
}

async function checkActors(document: Json, list: Readonly<Record<string, Json>>, log: OpenLog): Promise<Differences> {
  const { actors, ...selection } = list;
  const got = await log.actors(document, selection);
  return compareSets(`actors of ${JSON.stringify(selection)}`, asList(actors), got);
}

/** Counts, and the level of every actor by the lists behind each step. */
async function checkLevels(c: ConformanceCase, log: OpenLog): Promise<Differences> {
  const document = toDocument(c, 'funnel');
  const { levels, ...plain } = c.expected;
  const differences = plain['steps'] === undefined ? [] : compareJson('', plain, await log.run(document));
  return [...differences, ...(await compareLevels(document, asRecord(levels), asList(c.query['steps']).length, log))];
}

async function compareLevels(
  document: Json,
  expected: Readonly<Record<string, Json>>,
  steps: number,
  log: OpenLog,
): Promise<Differences> {
  const got: Record<string, number> = Object.fromEntries(Object.keys(expected).map((actor) => [actor, 0]));
  for (let step = 0; step < steps; step++)
    for (const actor of await log.actors(document, { reachedStep: step })) got[actor] = step + 1;
  return compareJson('levels', expected, got);
}

/** Published levels where they are also ours, and the levels that our own rules give. */
async function checkWindowFunnel(c: ConformanceCase, log: OpenLog): Promise<Differences> {
  const steps = asList(c.query['steps']).length;
  const { modes: _modes, ...query } = c.query;
  const toOrder = (order: string): Json => ({ version: 1, timezone: c.timezone, ...query, type: 'funnel', order });
  const differences: string[] = [];
  for (const order of c.publishedEquals ?? []) {
    const found = await compareLevels(toOrder(order), asRecord(c.expected['levels']), steps, log);
    differences.push(...found.map((difference) => `${order} ${difference}`));
  }
  const ordered = c.productExpectation?.ordered;
  if (ordered !== undefined) differences.push(...(await compareLevels(toOrder('ordered'), ordered, steps, log)));
  return differences;
}

async function checkEdges(
  c: ConformanceCase,
  log: OpenLog,
  type: string,
  keys: readonly string[],
): Promise<Differences> {
  const answer = asRecord(await log.run(toDocument(c, type)));
  const { edges, ...plain } = c.expected;
  const expected = asList(edges);
  const got = asList(answer['edges']);
  const keyOf = (edge: Json): string => JSON.stringify(keys.map((key) => asRecord(edge)[key]));
  const byKey = new Map(got.map((edge) => [keyOf(edge), edge]));
  return [
    ...compareJson('', plain, answer),
    ...(isPartial(c) ? [] : compareSets('edges', expected.map(keyOf), got.map(keyOf))),
    ...expected.flatMap((edge) => compareJson(`edge ${keyOf(edge)}`, edge, byKey.get(keyOf(edge)))),
  ];
}

/** Medians are published for some pairs only. */
const isPartial = (c: ConformanceCase): boolean => c.query['measure'] === 'medianSeconds';

async function checkStepMatrix(c: ConformanceCase, log: OpenLog): Promise<Differences> {
  const answer = asRecord(await log.run(toDocument(c, 'stepMatrix')));
  return [
    ...compareJson('', c.expected, answer),
    ...compareSets('share', Object.keys(asRecord(c.expected['share'])), Object.keys(asRecord(answer['share']))),
  ];
}
