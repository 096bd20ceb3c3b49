import { expect, test } from 'vitest';
import { isFrozen } from './frozen-rows.ts';
import { postgres } from './postgres.ts';
import { allOf, render, sql } from './sql.ts';

const written = (lastSeq: number, gaps: readonly number[]): string =>
  render(allOf(isFrozen({ lastSeq, gaps }, sql`seq`)), postgres).text;

test('rows up to the last one, without those that were missing: long runs by their ends', () => {
  expect(isFrozen(null, sql`seq`)).toEqual([]);
  expect(written(9, [])).toBe('seq <= 9');
  expect(written(90, [70, 71, 80])).toBe('(seq <= 90 AND (seq < 70 OR seq NOT IN (70, 71, 80)))');
  expect(written(90, [-2, -1, 0, 1, 5, 80])).toBe(
    '(seq <= 90 AND (seq < (-2) OR seq NOT BETWEEN (-2) AND 1 AND seq NOT IN (5, 80)))',
  );
});
