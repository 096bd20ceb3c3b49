import type { ChartSetup } from '../../../../protocol/index.ts';
import type { QueryCell, ResultColumn } from '../../../../protocol/query-result.ts';
import { isNumeric, isTime, numberOf, textOf } from '../results/cell-text.ts';

const MOMENT = /^\d{4}-\d{2}(-\d{2}([T ]\d{2}(:\d{2}(:\d{2}(\.\d+)?)?)?)?)?(Z|[+-]\d{2}(:?\d{2})?)?$/;
/** A column of moments, by its type or by how its texts look. */
export function isMoments(column: ResultColumn, values: readonly QueryCell[]): boolean {
  if (isTime(column)) return true;
  const texts = values
    .filter((v) => v !== null)
    .slice(0, 50)
    .map(textOf);
  return !isNumeric(column) && texts.length > 0 && texts.every((t) => MOMENT.test(t));
}

/** Figures to draw: numbers that are not names of things. */
const isMeasure = (column: ResultColumn, values: readonly QueryCell[]): boolean => {
  if (/(^|_)id$/i.test(column.name)) return false;
  if (isNumeric(column)) return true;
  const known = values.filter((v) => v !== null).slice(0, 50);
  return column.type === 'any' && known.length > 0 && known.every((v) => typeof v === 'number' && numberOf(v) !== null);
};

const distinct = (values: readonly QueryCell[]): number => new Set(values.map(textOf)).size;
const MOST_SERIES = 12;
const STEP = /step|stage|funnel/i;
const FROM = /^(from|source|prev\w*)/i;
const TO = /^(to|target|next\w*)/i;

/** A first picture of a result, from its columns and first rows; null = nothing in it can be drawn. */
export function guessChart(
  columns: readonly ResultColumn[],
  rows: readonly (readonly QueryCell[])[],
): ChartSetup | null {
  const values = (i: number): readonly QueryCell[] => rows.map((r) => r[i] ?? null);
  const all = columns.map((column, i) => ({ column, i, values: values(i) }));
  const measures = all.filter(({ column, values: v }) => isMeasure(column, v));
  const names = all.filter((c) => !measures.includes(c));
  const [first] = measures;
  if (first === undefined || rows.length === 0) return null;
  const y = [first.column.name];
  const plain: ChartSetup = { shape: 'bar', x: names[0]?.column.name ?? null, y, series: null, stacked: false };
  const from = names.find(({ column }) => FROM.test(column.name));
  const to = names.find(({ column }) => TO.test(column.name));
  if (from !== undefined && to !== undefined)
    return { ...plain, shape: 'sankey', x: from.column.name, series: to.column.name };
  const time = names.find(({ column, values: v }) => isMoments(column, v));
  if (time !== undefined) {
    const split = names.find((n) => n !== time && distinct(n.values) <= MOST_SERIES * 3);
    const isSplit = split !== undefined && distinct(time.values) < rows.length;
    const series = isSplit ? split.column.name : null;
    return {
      shape: isSplit ? 'area' : 'line',
      x: time.column.name,
      y: series === null ? measures.slice(0, 4).map((m) => m.column.name) : y,
      series,
      stacked: isSplit,
    };
  }
  if (names.length === 0 && measures.length >= 2) {
    const isOrdered = first.values.every(
      (v, i) => i === 0 || (numberOf(v) ?? 0) > (numberOf(first.values[i - 1]) ?? 0),
    );
    const second = measures[1]?.column.name ?? '';
    if (isOrdered) return { ...plain, shape: 'line', x: first.column.name, y: [second] };
    return { ...plain, shape: 'scatter', x: first.column.name, y: [second] };
  }
  if (names.length >= 2 && distinct(names[0]?.values ?? []) < rows.length)
    return { ...plain, shape: 'heatmap', series: names[1]?.column.name ?? null };
  if (names.length === 1 && STEP.test(names[0]?.column.name ?? '') && rows.length <= 20)
    return { ...plain, shape: 'funnel' };
  if (names.length === 1 && measures.length >= 2 && rows.length > 200)
    return { ...plain, shape: 'scatter', x: first.column.name, y: [measures[1]?.column.name ?? ''] };
  return { ...plain, y: measures.slice(0, 4).map((m) => m.column.name) };
}
