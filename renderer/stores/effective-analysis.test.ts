import { expect, test } from 'vitest';
import { FunnelSchema } from '../../protocol/index.ts';
import { effectiveAnalysis } from './effective-analysis.ts';

const funnel = FunnelSchema.parse({ type: 'funnel', steps: [{ event: 'a' }] });
const frame = { timezone: 'Europe/Berlin', range: { from: '2024-01-01', to: null }, asOf: '2024-02-01', knownAt: null };

test('the frame fills what the analysis leaves open', () => {
  expect(effectiveAnalysis(funnel, frame)).toMatchObject({
    timezone: 'Europe/Berlin',
    dateRange: { from: '2024-01-01', to: null },
    asOf: '2024-02-01',
    knownAt: null,
  });
});

test('what the analysis says itself stays, and doing it twice changes nothing', () => {
  const own = { ...funnel, asOf: '2023-01-01', dateRange: { from: '2022-01-01', to: '2022-12-31' } };
  const once = effectiveAnalysis(own, frame);
  expect(once).toMatchObject({ asOf: '2023-01-01', dateRange: { from: '2022-01-01', to: '2022-12-31' } });
  expect(effectiveAnalysis(once, frame)).toEqual(once);
});

test('an open range adds no dateRange', () => {
  expect(effectiveAnalysis(funnel, { ...frame, range: { from: null, to: null } })).not.toHaveProperty('dateRange');
});
