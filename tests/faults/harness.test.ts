import { expect, test } from 'vitest';
import { FAULTS } from './harness.ts';

test('at least sixty faults are injected, each counted by its file', () => {
  expect(Object.values(FAULTS).reduce((a, b) => a + b, 0)).toBeGreaterThanOrEqual(60);
});
