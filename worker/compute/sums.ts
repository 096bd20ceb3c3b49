import type { EventIndex, Segment, TypeColumn } from '../segment/segment.ts';
import { forEachString } from '../segment/string-table.ts';

/** The numeric value of a property per event; 0 where it is missing or no number. Parsed once per distinct value. */
export function getNumbers(segment: Segment, property: string): (event: EventIndex) => number {
  const column = getNumberColumn(segment, property);
  if (column === null) return () => 0;
  const { codes, numbers } = column;
  return (event) => numbers[codes[event] ?? 0] ?? 0;
}

/** The same as codes by event and numbers by code; null = the segment has no such property, all are 0. */
export interface NumberColumn {
  readonly codes: TypeColumn;
  readonly numbers: Float64Array;
}
export function getNumberColumn(segment: Segment, property: string): NumberColumn | null {
  const column = segment.properties.get(property);
  if (column === undefined) return null;
  const { codes, values } = column;
  const numbers = new Float64Array(values.length + 1);
  forEachString(values, (text, i) => (numbers[i + 1] = parseNumber(text)));
  return { codes, numbers };
}

function parseNumber(text: string): number {
  const value = text.trim() === '' ? 0 : Number(text);
  return Number.isFinite(value) ? value : 0;
}

/** Adds to a cell and keeps what rounding loses (Neumaier), so that sums do not depend on how actors were cut. */
export function addExactly(sums: Float64Array, lost: Float64Array, cell: number, value: number): void {
  const sum = sums[cell] ?? 0;
  const next = sum + value;
  lost[cell] = (lost[cell] ?? 0) + (Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum);
  sums[cell] = next;
}

/** Sums to 14 significant digits (2328.6, not 2328.6000000000004), and their total. */
export function toSum(
  sums: readonly number[],
  lost: readonly number[],
): { readonly cells: number[]; readonly total: number } {
  const one = { sums: new Float64Array(1), lost: new Float64Array(1) };
  sums.forEach((value, i) => {
    addExactly(one.sums, one.lost, 0, value);
    addExactly(one.sums, one.lost, 0, lost[i] ?? 0);
  });
  const round = (value: number): number => Number(value.toPrecision(14));
  return {
    cells: sums.map((value, i) => round(value + (lost[i] ?? 0))),
    total: round((one.sums[0] ?? 0) + (one.lost[0] ?? 0)),
  };
}
