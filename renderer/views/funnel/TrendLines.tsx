import type { ReactElement } from 'react';
import type { FunnelTrendPoint } from '../../../protocol/index.ts';
import { measureText } from './measure-text.ts';
import { spreadLabels } from './time-layout.ts';
import { wilsonInterval } from './wilson.ts';
import classes from './chart.module.css';

export interface TrendSeries {
  readonly label: string;
  readonly color: string;
  readonly group: readonly string[] | null;
  readonly points: readonly FunnelTrendPoint[];
}
export const TREND_PAD = { left: 52, right: 16, top: 28, bottom: 40 };

/** The word stands over the hatch, at its right end where it begins too late to hold it. */
export function UnfinishedLabel({ at, end }: { at: number; end: number }): ReactElement {
  const text = 'window still open';
  const fits = end - at >= measureText(text, '400 12px') + 8;
  return (
    <text x={fits ? at + 4 : end} y={TREND_PAD.top - 6} textAnchor={fits ? 'start' : 'end'} className={classes.muted}>
      {text}
    </text>
  );
}

interface Scales {
  readonly x: (i: number) => number;
  readonly y: (share: number) => number;
}
/** The line breaks where nobody entered: a rate of nothing is no zero. */
export function TrendLine({
  series,
  x,
  y,
  active,
  dots,
  single,
  thin,
}: Scales & {
  series: TrendSeries;
  active: string | null;
  dots: boolean;
  single: boolean;
  thin: boolean;
}): ReactElement {
  const path = (open: boolean): string =>
    series.points
      .map((point, i) => {
        const before = series.points[i - 1];
        const joins =
          before !== undefined && before.from > 0 && point.from > 0 && (point.unfinished || before.unfinished) === open;
        return joins ? `M${x(i - 1)},${y(before.rate / 100)}L${x(i)},${y(point.rate / 100)}` : '';
      })
      .join('');
  const alone = (i: number): boolean =>
    (series.points[i - 1]?.from ?? 0) === 0 && (series.points[i + 1]?.from ?? 0) === 0;
  return (
    <>
      <path d={path(false)} fill="none" stroke={series.color} strokeWidth={thin ? 1.25 : 2} strokeLinejoin="round" />
      <path d={path(true)} fill="none" stroke={series.color} strokeWidth={thin ? 1.25 : 2} strokeDasharray="4 4" />
      {series.points.map((point, i) =>
        point.from > 0 && (dots || (single && alone(i)) || active === point.period) ? (
          <circle
            key={point.period}
            cx={x(i)}
            cy={y(point.rate / 100)}
            r={active === point.period ? 4.5 : 3}
            fill={point.unfinished ? 'var(--panel)' : series.color}
            stroke={series.color}
            strokeWidth={1.5}
          />
        ) : null,
      )}
    </>
  );
}

/** Wilson interval of each period's rate, as a pale band. */
export function IntervalBand({
  points,
  color,
  x,
  y,
}: Scales & { points: readonly FunnelTrendPoint[]; color: string }): ReactElement {
  return (
    <>
      {points.slice(1).map((point, i) => {
        const before = points[i];
        const a = before === undefined ? null : wilsonInterval(before.to, before.from);
        const b = wilsonInterval(point.to, point.from);
        if (a === null || b === null) return null;
        const corners = [
          [i, a[1]],
          [i + 1, b[1]],
          [i + 1, b[0]],
          [i, a[0]],
        ] as const;
        return (
          <polygon
            key={point.period}
            points={corners.map(([at, share]) => `${x(at)},${y(Math.min(1, share))}`).join(' ')}
            fill={color}
            opacity={0.12}
          />
        );
      })}
    </>
  );
}

/** Names at the ends of the lines, pushed apart. */
export function EndLabels({
  series,
  x,
  y,
}: {
  series: readonly TrendSeries[];
  x: number;
  y: (share: number) => number;
}): ReactElement {
  const at = series.map((s) => ({ at: y((s.points.findLast((p) => p.from > 0)?.rate ?? 0) / 100) - 8, width: 16 }));
  const tops = spreadLabels(at, 0, y(0) + 8);
  return (
    <>
      {series.map((s, i) => (
        <text key={s.label} x={x} y={(tops[i] ?? 0) + 12} className={classes.endLabel} fill={s.color}>
          {s.label.length > 18 ? `${s.label.slice(0, 17)}…` : s.label}
        </text>
      ))}
    </>
  );
}
