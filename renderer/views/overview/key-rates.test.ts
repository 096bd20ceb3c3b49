import { describe, expect, it } from 'vitest';
import { DEFAULT_JOURNEY } from '../../../protocol/index.ts';
import { getKeyRates, getRate, getTypeChanges } from './key-rates.ts';
import { getSpans } from './overview-questions.ts';

const move = (from: string, to: string, count: number) => ({
  from,
  to,
  count,
  actors: count,
  averageSeconds: 0,
  medianSeconds: 0,
});

describe('getRate', () => {
  it('is of those who were there at the start or came since', () => {
    const stretch = {
      sizes: { Lead: 10, Prospect: 3, Churn: 1 },
      moves: [move('start', 'Lead', 6), move('Lead', 'Prospect', 3), move('Lead', 'Churn', 1)],
    };
    expect(getRate(stretch, 'Lead', 'Prospect')).toEqual({ moved: 3, base: 14, rate: 3 / 14 });
  });
  it('has no rate of nobody', () => {
    expect(getRate({ sizes: {}, moves: [] }, 'Lead', 'Prospect').rate).toBeNaN();
  });
});

describe('getKeyRates', () => {
  it('goes stage by stage, then back from churn, and leaves out what nobody could do', () => {
    const stretch = { sizes: { Lead: 5, Prospect: 5, Customer: 5, Churn: 0 }, moves: [move('start', 'Lead', 5)] };
    expect(getKeyRates(DEFAULT_JOURNEY, stretch, stretch).map((r) => `${r.from} ${r.to}`)).toEqual([
      'Lead Prospect',
      'Prospect Customer',
      'Customer Churn',
    ]);
  });
});

describe('getTypeChanges', () => {
  it('keeps types that have stopped', () => {
    expect(
      getTypeChanges(
        [{ value: 'a', totalEvents: 2, totalActors: 1 }],
        [{ value: 'b', totalEvents: 7, totalActors: 3 }],
      ),
    ).toEqual([
      { event: 'a', events: 2, actors: 1, before: 0 },
      { event: 'b', events: 0, actors: 0, before: 7 },
    ]);
  });
});

describe('getSpans', () => {
  it('takes the longest of a month, a week, a day that fits twice', () => {
    const day = 86_400_000;
    expect([90, 20, 3, 1].map((days) => getSpans(0, days * day)?.days ?? null)).toEqual([30, 7, 1, null]);
    expect(getSpans(0, 90 * day)).toEqual({ days: 30, start: 30 * day, middle: 60 * day, end: 90 * day });
  });
});
