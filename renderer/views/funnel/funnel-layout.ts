import type { FunnelStepResult } from '../../../protocol/index.ts';
import { drawnInterval } from './wilson.ts';

/**
 * Where everything of a funnel picture goes, in px. Wide: one column a step, bars upwards. Narrow: one row a step,
 * bars to the right.
 *
 *   wide     ▓▓ ░░╲        ░░ = people lost before the step (the hatch), on top of those who reached it
 *            ▓▓ ▓▓ ╲░░     ╲  = slope to the next step (one series only)
 *            ▓▓ ▓▓──▓▓
 */
export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}
/** One series of a picture: all actors, or one breakdown group. */
export interface FunnelSeries {
  readonly label: string;
  readonly color: string;
  /** null = all actors. */
  readonly group: readonly string[] | null;
  readonly steps: readonly FunnelStepResult[];
}
export interface FunnelMark {
  /** 0-based. */
  readonly step: number;
  readonly series: number;
  readonly kind: 'bar' | 'drop';
  readonly rect: Rect;
  readonly count: number;
  /** Of those who were at the step before (drops), or who entered (bars): 0..1. */
  readonly share: number;
  /** Ends of the Wilson interval on the value axis, px; bars with few actors only. */
  readonly whisker: { readonly low: number; readonly high: number } | null;
  /** The part of an optional step's bar that went beyond the step without doing it; null where there is none. */
  readonly passed: Rect | null;
}
export interface FunnelLayout {
  readonly orientation: 'vertical' | 'horizontal';
  readonly width: number;
  readonly height: number;
  /** Room of each step: its header and its bars. */
  readonly cells: readonly Rect[];
  readonly marks: readonly FunnelMark[];
  /** Lines of the value axis. */
  readonly grid: readonly { readonly share: number; readonly at: number }[];
  /** The field of the bars. */
  readonly plot: Rect;
  /** Corner points of the slopes between bars. */
  readonly slopes: readonly string[];
}

/** A column narrower than this cannot hold its numbers: the picture turns. */
export const MIN_COLUMN = 118;
/** Room of the last column: its bar and its numbers. */
const LAST_COLUMN = 184;
export const AXIS = 44;
/** Lines above a column: name, conversion from the start, from the previous step. */
export const HEADER = 92;
/** With several series the numbers are in the table. */
export const GROUP_HEADER = 48;
const FOOTER = 8;
/** With several series their names stand below. */
export const LEGEND = 28;
const ROW_HEADER = 26;
const ROW_GAP = 22;
const GRID = [0, 0.25, 0.5, 0.75, 1] as const;

export function getFunnelLayout(
  series: readonly FunnelSeries[],
  size: { width: number; height: number },
): FunnelLayout {
  const count = series[0]?.steps.length ?? 0;
  const field = size.width - AXIS;
  const equal = field / Math.max(1, count);
  if (equal < MIN_COLUMN) return getRows(series, count, size.width);
  // One series: the last column needs no slope, so the others share what it leaves.
  const column = series.length === 1 && count > 1 ? Math.max(equal, (field - LAST_COLUMN) / (count - 1)) : equal;
  return getColumns(series, count, size, column);
}

/** Groups are named below, also when only one is drawn. */
const needsLegend = (series: readonly FunnelSeries[]): boolean => series.some((s) => s.group !== null);

function getColumns(
  series: readonly FunnelSeries[],
  count: number,
  size: { width: number; height: number },
  column: number,
): FunnelLayout {
  const header = series.length === 1 ? HEADER : GROUP_HEADER;
  const footer = needsLegend(series) ? FOOTER + LEGEND : FOOTER;
  const plot: Rect = {
    x: AXIS,
    y: header,
    width: size.width - AXIS,
    height: Math.max(60, size.height - header - footer),
  };
  const barsWidth = series.length === 1 ? Math.min(104, column * 0.5) : Math.min(column - 20, series.length * 56);
  const barWidth = barsWidth / series.length;
  const yOf = (share: number): number => plot.y + plot.height * (1 - share);
  const place = (step: number, s: number, low: number, high: number): Rect => ({
    x: AXIS + step * column + s * barWidth,
    y: yOf(high),
    width: series.length === 1 ? barWidth : barWidth - 3,
    height: yOf(low) - yOf(high),
  });
  const cells = Array.from({ length: count }, (_, i) => ({
    x: AXIS + i * column,
    y: 0,
    width: Math.min(column, size.width - (AXIS + i * column)) - 12,
    height: plot.y + plot.height,
  }));
  const marks = getMarks(series, count, place, yOf);
  return {
    orientation: 'vertical',
    width: size.width,
    height: plot.y + plot.height + footer,
    cells,
    marks,
    grid: GRID.map((share) => ({ share, at: yOf(share) })),
    plot,
    slopes: series.length === 1 ? getSlopes(marks.filter((m) => m.kind === 'bar')) : [],
  };
}

function getRows(series: readonly FunnelSeries[], count: number, width: number): FunnelLayout {
  const thickness = series.length === 1 ? 22 : 12;
  const row = ROW_HEADER + series.length * thickness + ROW_GAP;
  const plot: Rect = { x: 0, y: 0, width: Math.max(40, width), height: count * row };
  const xOf = (share: number): number => plot.width * share;
  const place = (step: number, s: number, low: number, high: number): Rect => ({
    x: xOf(low),
    y: step * row + ROW_HEADER + s * thickness,
    width: xOf(high) - xOf(low),
    height: series.length === 1 ? thickness : thickness - 2,
  });
  return {
    orientation: 'horizontal',
    width,
    height: count * row + (needsLegend(series) ? LEGEND : 0),
    cells: Array.from({ length: count }, (_, i) => ({ x: 0, y: i * row, width, height: row })),
    marks: getMarks(series, count, place, xOf),
    grid: [],
    plot,
    slopes: [],
  };
}

type Place = (step: number, series: number, low: number, high: number) => Rect;

function getMarks(
  series: readonly FunnelSeries[],
  count: number,
  place: Place,
  along: (share: number) => number,
): FunnelMark[] {
  return Array.from({ length: count }, (_, step) =>
    series.flatMap((s, i) => getStepMarks(s, step, i, place, along)),
  ).flat();
}

function getStepMarks(
  series: FunnelSeries,
  step: number,
  index: number,
  place: Place,
  along: (share: number) => number,
): FunnelMark[] {
  const entered = series.steps[0]?.count ?? 0;
  const here = series.steps[step];
  if (here === undefined) return [];
  const share = entered === 0 ? 0 : here.count / entered;
  const interval = step === 0 ? null : drawnInterval(here.count, entered);
  const whisker = interval === null ? null : { low: along(interval[0]), high: along(interval[1]) };
  const bar: FunnelMark = {
    step,
    series: index,
    kind: 'bar',
    rect: place(step, index, 0, share),
    count: here.count,
    share,
    whisker,
    passed: getPassed(here, entered, (low, high) => place(step, index, low, high)),
  };
  const before = series.steps[step - 1]?.count ?? 0;
  const lost = getDropOff(series.steps, step);
  if (lost <= 0) return [bar];
  const rect = place(step, index, share, before / entered);
  return [
    { step, series: index, kind: 'drop', rect, count: lost, share: lost / before, whisker: null, passed: null },
    bar,
  ];
}

function getPassed(
  { count, filled = count }: FunnelStepResult,
  entered: number,
  place: (low: number, high: number) => Rect,
): Rect | null {
  return filled >= count || entered === 0 ? null : place(filled / entered, count / entered);
}

/** Actors who were at the step before and did not reach this one. */
export function getDropOff(steps: readonly FunnelStepResult[], step: number): number {
  const before = steps[step - 1];
  const here = steps[step];
  return before === undefined || here === undefined ? 0 : Math.max(0, before.count - here.count);
}

/** From the top of each bar down to the top of the next. */
function getSlopes(bars: readonly FunnelMark[]): string[] {
  return bars.slice(1).flatMap((next, i) => {
    const from = bars[i]?.rect;
    if (from === undefined || from.height === 0) return [];
    const to = next.rect;
    const points = [
      [from.x + from.width, from.y],
      [to.x, to.y],
      [to.x, to.y + to.height],
      [from.x + from.width, from.y + from.height],
    ];
    return [points.map(([x, y]) => `${round(x ?? 0)},${round(y ?? 0)}`).join(' ')];
  });
}

const round = (n: number): number => Math.round(n * 10) / 10;
