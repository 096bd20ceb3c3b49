import { asList, asRecord, compareJson, type Differences, type Json } from './compare.ts';
import type { OpenData } from './engine-backend.ts';

export async function countByEvent(expected: Json, { run }: OpenData, key: string): Promise<Differences> {
  const { series } = asRecord(await run({ type: 'rollup', interval: 'total', by: '$event', limit: 1000 }));
  const got = Object.fromEntries(
    asList(series)
      .map(asRecord)
      .map((s) => [String(s['value']), s[key]]),
  );
  return compareJson('', expected, got);
}

/** `{ date: [events, actors] }` as `{ date: { events, actors } }`. */
export function splitCounts(expected: Json): Record<string, Json> {
  const entries = Object.entries(asRecord(expected));
  return Object.fromEntries(
    entries.map(([date, pair]) => [date, { events: asList(pair)[0], actors: asList(pair)[1] }]),
  );
}

/** Numbers by period; periods that are not listed are empty. Months are written `2024-01`. */
export async function checkRollup(
  expected: Readonly<Record<string, Json>>,
  { run }: OpenData,
  options: { readonly interval: string; readonly sum?: string },
): Promise<Differences> {
  const answer = asRecord(await run({ type: 'rollup', ...options }));
  const total = asRecord(answer['total']);
  const empty = { events: 0, actors: 0 };
  return asList(answer['periods'])
    .flatMap((period, i) => {
      const date = options.interval === 'month' ? String(period).slice(0, 7) : String(period);
      const pick = (key: string): Json => asList(total[key])[i];
      const got = { events: pick('events'), actors: pick('actors'), sum: pick('sums') };
      return compareJson(date, expected[date] ?? empty, got);
    })
    .concat(missing(expected, asList(answer['periods']).map(String)));
}

function missing(expected: Readonly<Record<string, Json>>, periods: readonly string[]): Differences {
  return Object.keys(expected).flatMap((date) =>
    periods.some((period) => period.startsWith(date)) ? [] : [`${date} is not in the answer`],
  );
}
