import type { RowFilter } from '../../../protocol/query.ts';
import { compareValues } from './compare-values.ts';
import type { Page } from './page-reader.ts';
import type { Value } from './page.ts';
import type { ResultReader } from './result-reader.ts';

type Test = (value: Value) => boolean;

/** Positions of the page's rows that pass all filters. */
export function passingRows(page: Page, filter: readonly RowFilter[], reader: ResultReader): number[] {
  let rows = Array.from({ length: page.rows }, (_, row) => row);
  for (const wish of filter) {
    const { get } = page.column(wish.column);
    const tests = [wish, ...(wish.or ?? [])].map((condition): Test => {
      const test = testOf(condition);
      if (/ontains|startsWith/.test(condition.operator)) return test;
      const comparable = reader.comparable(wish.column);
      return (value) => test(comparable(value));
    });
    rows = rows.filter((row) => {
      const value = get(row);
      return tests.some((test) => test(value));
    });
  }
  return rows;
}

/** NULL passes only `isNull` and `notEquals` of another value. Numbers that came as text are compared as numbers. */
function testOf({ operator, value = null }: Omit<RowFilter, 'column'>): Test {
  const lower = String(value ?? '').toLowerCase();
  const text =
    (test: (cell: string) => boolean): Test =>
    (cell) =>
      cell !== null && test(textOf(cell).toLowerCase());
  const order =
    (test: (sign: number) => boolean): Test =>
    (cell) =>
      cell !== null && test(compareWith(cell, value));
  switch (operator) {
    case 'isNull':
      return (cell) => cell === null;
    case 'isNotNull':
      return (cell) => cell !== null;
    case 'contains':
      return text((cell) => cell.includes(lower));
    case 'notContains':
      return text((cell) => !cell.includes(lower));
    case 'startsWith':
      return text((cell) => cell.startsWith(lower));
    case 'equals':
      return value === null ? (cell) => cell === null : order((sign) => sign === 0);
    case 'notEquals':
      return (cell) => (cell === null || value === null ? cell !== value : compareWith(cell, value) !== 0);
    case 'less':
      return order((sign) => sign < 0);
    case 'lessOrEqual':
      return order((sign) => sign <= 0);
    case 'greater':
      return order((sign) => sign > 0);
    case 'greaterOrEqual':
      return order((sign) => sign >= 0);
  }
}

function compareWith(cell: Exclude<Value, null>, wished: null | boolean | number | string): number {
  const isNumber = typeof cell === 'number' || typeof cell === 'bigint';
  if (isNumber && typeof wished === 'string' && wished.trim() !== '' && !Number.isNaN(Number(wished)))
    return compareValues(cell, /^-?\d+$/.test(wished) ? BigInt(wished) : Number(wished));
  if (typeof cell === 'string' && typeof wished === 'number' && cell.trim() !== '' && !Number.isNaN(Number(cell)))
    return compareValues(Number(cell), wished);
  if (typeof cell === 'boolean' && typeof wished === 'string') return compareValues(String(cell), wished);
  return compareValues(cell, wished);
}

const textOf = (cell: Exclude<Value, null>): string =>
  cell instanceof Uint8Array ? Buffer.from(cell).toString('hex') : String(cell);
