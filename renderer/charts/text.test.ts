import { describe, expect, it } from 'vitest';
import { getPeriodLabel, getPeriodTitle } from './period-text.ts';
import { truncateMiddle } from './truncate.ts';

describe('words in charts', () => {
  it('cuts the middle of long names', () => {
    expect(truncateMiddle('payment_succeeded', (t) => t.length <= 9)).toBe('paym…eded');
    expect(truncateMiddle('short', (t) => t.length <= 9)).toBe('short');
  });
  it('spells local interval starts without moving them', () => {
    expect(getPeriodLabel('2021-05-01', 'day')).toBe('May 1');
    expect(getPeriodLabel('2021-05-01T13:00', 'hour')).toBe('13:00');
    expect(getPeriodTitle('2021-05-01', 'month')).toBe('May 2021');
    expect(getPeriodTitle('2021-05-03', 'week')).toBe('Week of May 3, 2021');
  });
});
