import { DISTINCT_LIMIT, type ColumnStats } from '../../../protocol/query-result.ts';
import { toCell } from './cells.ts';
import { compareValues } from './compare-values.ts';
import type { Value } from './page.ts';
import type { ResultReader } from './result-reader.ts';
import { readView } from './view-file.ts';

const TOP = 20;
const VIEW_BLOCK = 10_000;

/** Two passes: one for all but the histogram, one for that where there are numbers. */
export function computeStats(reader: ResultReader, view: string | null, column: number, buckets: number): ColumnStats {
  const counts = new Map<string | number | bigint | boolean, number>();
  const numbers = { sum: 0, count: 0, min: Infinity, max: -Infinity };
  let rows = 0;
  let nulls = 0;
  let min: Value = null;
  let max: Value = null;
  let isExact = true;
  for (const value of valuesOf(reader, view, column)) {
    rows++;
    if (value === null) {
      nulls++;
      continue;
    }
    if (min === null || compareValues(value, min) < 0) min = value;
    if (max === null || compareValues(value, max) > 0) max = value;
    addNumber(numbers, value);
    const key = value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value;
    const known = counts.get(key);
    if (known !== undefined || counts.size < DISTINCT_LIMIT) counts.set(key, (known ?? 0) + 1);
    else isExact = false;
  }
  const top = [...counts].sort((a, b) => b[1] - a[1] || compareValues(a[0], b[0])).slice(0, TOP);
  return {
    column,
    rows,
    nulls,
    distinct: counts.size,
    isDistinctExact: isExact,
    min: toCell(min),
    max: toCell(max),
    mean: numbers.count === 0 ? null : numbers.sum / numbers.count,
    histogram: numbers.count === 0 ? [] : toHistogram(valuesOf(reader, view, column), numbers, buckets),
    top: top.map(([value, count]) => ({ value: toCell(value), count })),
  };
}

function* valuesOf(reader: ResultReader, view: string | null, column: number): Generator<Value> {
  const comparable = reader.comparable(column);
  if (view === null) {
    for (let page = 0; page < reader.pages; page++) yield* reader.page(page).column(column).all().map(comparable);
    return;
  }
  for (let offset = 0; ; offset += VIEW_BLOCK) {
    const { numbers } = readView(view, offset, VIEW_BLOCK);
    for (const number of numbers) yield comparable(reader.value(number, column));
    if (numbers.length < VIEW_BLOCK) return;
  }
}

interface Numbers {
  sum: number;
  count: number;
  min: number;
  max: number;
}

function addNumber(numbers: Numbers, value: Value): void {
  const number = typeof value === 'bigint' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) return;
  numbers.sum += number;
  numbers.count++;
  if (number < numbers.min) numbers.min = number;
  if (number > numbers.max) numbers.max = number;
}

/** Equal widths from the least to the greatest; the last one has its end too. */
function toHistogram(values: Iterable<Value>, { min, max }: Numbers, wished: number): ColumnStats['histogram'] {
  const buckets = min === max ? 1 : wished;
  const width = (max - min) / buckets;
  const counts = Array.from({ length: buckets }, () => 0);
  for (const value of values) {
    const number = typeof value === 'bigint' ? Number(value) : value;
    if (typeof number !== 'number' || !Number.isFinite(number)) continue;
    const at = width === 0 ? 0 : Math.min(buckets - 1, Math.floor((number - min) / width));
    counts[at] = (counts[at] ?? 0) + 1;
  }
  return counts.map((count, at) => ({
    from: min + at * width,
    to: at === buckets - 1 ? max : min + (at + 1) * width,
    count,
  }));
}
