import { describe, expect, it } from 'vitest';
import { getInitialFunnel } from './initial-funnel.ts';

const vocabulary = (names: Record<string, number>) => ({
  events: Object.entries(names).map(([name, actors]) => ({ name, actors, count: 1000 - actors })),
  properties: [],
});

describe('a funnel nobody has touched', () => {
  it('is the journey where the source has our model', () => {
    const f = getInitialFunnel(vocabulary({ payment_succeeded: 1, account_created: 3, shop_created: 2, x: 9 }), null);
    expect(f.steps.map((s) => s.event)).toEqual(['account_created', 'shop_created', 'payment_succeeded']);
  });
  it('starts at the event most actors have, by actors and not by rows', () => {
    expect(getInitialFunnel(vocabulary({ rare: 1, wide: 30, mid: 20 }), null).steps).toEqual([{ event: 'wide' }]);
  });
  it('takes any event where the source has none', () => {
    expect(getInitialFunnel(null, null).steps).toEqual([{ event: null }]);
  });
  it('has a trend of few enough periods for the data', () => {
    const of = (days: number) => getInitialFunnel(null, { firstTime: 0, lastTime: days * 86_400_000 }).interval;
    expect([of(1), of(30), of(90), of(550)]).toEqual(['hour', 'day', 'week', 'month']);
    expect(getInitialFunnel(null, { firstTime: null, lastTime: null }).interval).toBe('hour');
  });
});
