import type { ChartMark, ChartOption, ChartPicture } from './picture.ts';

export interface SeriesShape {
  readonly id: string | null;
  readonly length: number;
}

/** Series that hold marks of their own; ids that start with `_` are decoration (dashed tails, bands). */
export function getSeriesShapes(option: ChartOption): SeriesShape[] {
  return (option.series ?? [])
    .filter((s) => !String(s.id ?? '').startsWith('_'))
    .map((s) => ({ id: s.id === undefined ? null : String(s.id), length: Array.isArray(s.data) ? s.data.length : 0 }));
}

export type ArrowKey = 'ArrowLeft' | 'ArrowRight' | 'ArrowUp' | 'ArrowDown' | 'Home' | 'End';
export const isArrowKey = (key: string): key is ArrowKey =>
  ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', 'Home', 'End'].includes(key);

/**
 * The next mark under the keyboard: left and right along the axis, up and down between series (in a heat map: between
 * rows). The first key press lands on the last mark, which is the newest.
 */
export function getNextMark(
  picture: Pick<ChartPicture, 'option' | 'columnCount'>,
  mark: ChartMark | null,
  key: ArrowKey,
): ChartMark | null {
  const shapes = getSeriesShapes(picture.option).filter((s) => s.length > 0);
  const first = shapes[0];
  if (first === undefined) return null;
  if (mark === null)
    return { seriesId: first.id, dataIndex: key === 'ArrowRight' || key === 'Home' ? 0 : first.length - 1 };
  const at = Math.max(
    0,
    shapes.findIndex((s) => s.id === mark.seriesId),
  );
  const shape = shapes[at] ?? first;
  const clamp = (index: number, length: number): number => Math.min(length - 1, Math.max(0, index));
  if (key === 'Home') return { ...mark, dataIndex: 0 };
  if (key === 'End') return { ...mark, dataIndex: shape.length - 1 };
  if (key === 'ArrowLeft' || key === 'ArrowRight')
    return { ...mark, dataIndex: clamp(mark.dataIndex + (key === 'ArrowLeft' ? -1 : 1), shape.length) };
  const up = key === 'ArrowUp';
  if (picture.columnCount !== undefined)
    return {
      ...mark,
      dataIndex: clampRow(mark.dataIndex + (up ? -1 : 1) * picture.columnCount, mark.dataIndex, shape.length),
    };
  const next = shapes[clamp(at + (up ? 1 : -1), shapes.length)] ?? shape;
  return { seriesId: next.id, dataIndex: clamp(mark.dataIndex, next.length) };
}
const clampRow = (next: number, old: number, length: number): number => (next < 0 || next >= length ? old : next);
