import { asList, asRecord, compareJson, type Differences, type Json } from './compare.ts';
import type { OpenData } from './engine-backend.ts';

/** `{ cohorts: { "2024-01": { "0": 63, "1": 45 } } }`: cohort by first event, return by any event; a missing k is 0. */
export async function checkRetention(expected: Json, { run, info }: OpenData): Promise<Differences> {
  const cohorts = asRecord(asRecord(expected)['cohorts']);
  const months = listMonths(info.firstTime ?? 0, info.lastTime ?? 0);
  const document = {
    type: 'retention',
    cohortEvent: { event: null },
    returnEvent: { event: null },
    cohortRule: 'firstEver',
  };
  const answer = asRecord(await run({ ...document, interval: 'month', intervals: months.length }));
  return months.flatMap((month, i) => {
    const row = asList(asList(answer['matrix'])[i]);
    const cohort = asRecord(cohorts[month]);
    return compareJson(
      month,
      row.map((_, k) => cohort[k] ?? 0),
      row,
    );
  });
}

function listMonths(firstTime: number, lastTime: number): string[] {
  const months: string[] = [];
  const first = new Date(firstTime);
  for (let m = 0; ; m++) {
    const month = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + m, 1));
    if (month.getTime() > lastTime) return months;
    months.push(month.toISOString().slice(0, 7));
  }
}
