import { describe, expect, it } from 'vitest';
import { searchOptions } from './picker-options.ts';

const options = ['payment_failed', 'payment_succeeded', 'Über-plan', 'plan_changed'].map((value, i) => ({
  value,
  count: 100 - i,
}));
const found = (search: string, limit?: number): string[] => searchOptions(options, search, limit).map((o) => o.value);

describe('searching options', () => {
  it('finds all words, in any case and without accents', () => {
    expect(found('pay succ')).toEqual(['payment_succeeded']);
    expect(found('UBER')).toEqual(['Über-plan']);
  });
  it('puts those first that begin with the text, and keeps the order by count else', () => {
    expect(found('plan')).toEqual(['plan_changed', 'Über-plan']);
    expect(found('payment')).toEqual(['payment_failed', 'payment_succeeded']);
  });
  it('shows everything for an empty search, up to the limit', () => {
    expect(found('  ')).toHaveLength(4);
    expect(found('', 2)).toEqual(['payment_failed', 'payment_succeeded']);
    expect(found('zzz')).toEqual([]);
  });
});
