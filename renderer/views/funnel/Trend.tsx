import { useId, useMemo, type ReactElement, type Ref } from 'react';
import type { FunnelTrendPoint, Interval } from '../../../protocol/index.ts';
import { getPeriodLabel, getPeriodTitle } from '../../charts/period-text.ts';
import { formatCount, formatShare } from '../../widgets/format.ts';
import { SvgFigure, type FigureHandle, type FigureMark } from '../editors/SvgFigure.tsx';
import { measureText } from './measure-text.ts';
import { getTicks, spreadLabels } from './time-layout.ts';
import { wilsonInterval } from './wilson.ts';
import classes from './chart.module.css';

export interface TrendSeries {
  readonly label: string;
  readonly color: string;
  readonly group: readonly string[] | null;
  readonly points: readonly FunnelTrendPoint[];
}
export interface TrendProps {
  readonly series: readonly TrendSeries[];
  readonly interval: Interval;
  readonly timezone: string;
  readonly width: number;
  readonly height: number;
  readonly onSelect: (period: string) => void;
  readonly ref?: Ref<FigureHandle>;
}
const PAD = { left: 52, right: 16, top: 28, bottom: 40 };

/** Conversion by period of entry. Periods whose window had not closed are hatched and their line is dashed. */
export function Trend({ series, interval, timezone, width, height, onSelect, ref }: TrendProps): ReactElement {
  const hatch = `trend${useId().replaceAll(/[^\w-]/g, '')}`;
  const periods = series[0]?.points ?? [];
  const right = series.length > 1 ? 132 : PAD.right;
  const top = getTicks(Math.max(0.05, ...series.flatMap((s) => s.points.map((p) => p.rate / 100))), 4);
  const step = (width - PAD.left - right) / Math.max(1, periods.length);
  const x = (i: number): number => PAD.left + step * (i + 0.5);
  const y = (share: number): number =>
    height - PAD.bottom - (share / (top.at(-1) ?? 1)) * (height - PAD.top - PAD.bottom);
  const marks = useMemo(
    () =>
      periods.map((point, i): FigureMark => ({
        key: point.period,
        hit: { x: PAD.left + step * i, y: PAD.top, width: step, height: height - PAD.top - PAD.bottom },
        tip: {
          title: `${getPeriodTitle(point.period, interval)} (${timezone})`,
          rows: series.flatMap((s) => getTipRows(s, i)),
          footer: point.unfinished ? 'The window of some entries was still open' : 'Click for the actors',
        },
        onSelect: () => onSelect(point.period),
      })),
    [periods, series, interval, timezone, step, height, onSelect],
  );
  const firstOpen = periods.findIndex((p) => p.unfinished);
  const every = Math.max(1, Math.ceil(64 / step));
  return (
    <SvgFigure
      ref={ref ?? null}
      label="Conversion by period of entry. Arrow keys move between periods, Enter opens the actors."
      width={width}
      height={height}
      marks={marks}
    >
      {(active) => (
        <>
          <defs>
            <pattern id={hatch} width={6} height={6} patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
              <line x1={0} x2={0} y1={0} y2={6} className={classes.bandLine} />
            </pattern>
          </defs>
          {periods.map(
            (point, i) =>
              point.unfinished && (
                <rect
                  key={point.period}
                  x={x(i) - step / 2}
                  width={step}
                  y={PAD.top}
                  height={height - PAD.top - PAD.bottom}
                  fill={`url(#${hatch})`}
                />
              ),
          )}
          {firstOpen >= 0 && <Unfinished at={x(firstOpen) - step / 2} end={width - right} />}
          {top.map((tick) => (
            <g key={tick}>
              <line
                x1={PAD.left}
                x2={width - right}
                y1={y(tick)}
                y2={y(tick)}
                className={tick === 0 ? classes.base : classes.grid}
              />
              <text x={PAD.left - 8} y={y(tick)} textAnchor="end" dominantBaseline="middle" className={classes.muted}>
                {formatTick(tick)}
              </text>
            </g>
          ))}
          {periods.map(
            (point, i) =>
              i % every === 0 && (
                <text
                  key={point.period}
                  x={x(i)}
                  y={height - PAD.bottom + 16}
                  textAnchor="middle"
                  className={classes.muted}
                >
                  {getPeriodLabel(point.period, interval)}
                </text>
              ),
          )}
          <text x={0} y={12} className={classes.muted}>
            Conversion of those who entered
          </text>
          <text
            x={width - right}
            y={height - 4}
            textAnchor="end"
            className={classes.muted}
          >{`${getIntervalWord(interval)} of entry, ${timezone}`}</text>
          {series.length === 1 && series[0] !== undefined && (
            <Band points={series[0].points} color={series[0].color} x={x} y={y} />
          )}
          {active !== null && (
            <line
              x1={x(periods.findIndex((p) => p.period === active))}
              x2={x(periods.findIndex((p) => p.period === active))}
              y1={PAD.top}
              y2={y(0)}
              className={classes.base}
            />
          )}
          {series.map((s) => (
            <Line key={s.label} series={s} x={x} y={y} active={active} dots={step >= 14 && series.length <= 3} />
          ))}
          {series.length > 1 && <EndLabels series={series} x={width - right + 8} y={y} />}
        </>
      )}
    </SvgFigure>
  );
}

const formatTick = (share: number): string => `${Number((share * 100).toPrecision(3))}%`;
const getIntervalWord = (interval: Interval): string => `${interval[0]?.toUpperCase() ?? ''}${interval.slice(1)}`;

function getTipRows(series: TrendSeries, i: number): FigureMark['tip']['rows'] {
  const point = series.points[i];
  if (point === undefined) return [];
  const numbers = `${formatCount(point.to)} of ${formatCount(point.from)}`;
  return [{ color: series.color, label: series.label, value: formatShare(point.rate / 100), note: numbers }];
}

/** The word stands over the hatch, at its right end where it begins too late to hold it. */
function Unfinished({ at, end }: { at: number; end: number }): ReactElement {
  const text = 'window still open';
  const fits = end - at >= measureText(text, '400 12px') + 8;
  return (
    <text x={fits ? at + 4 : end} y={PAD.top - 6} textAnchor={fits ? 'start' : 'end'} className={classes.muted}>
      {text}
    </text>
  );
}

interface Scales {
  readonly x: (i: number) => number;
  readonly y: (share: number) => number;
}
/** The line breaks where nobody entered: a rate of nothing is no zero. */
function Line({
  series,
  x,
  y,
  active,
  dots,
}: Scales & { series: TrendSeries; active: string | null; dots: boolean }): ReactElement {
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
      <path d={path(false)} fill="none" stroke={series.color} strokeWidth={2} strokeLinejoin="round" />
      <path d={path(true)} fill="none" stroke={series.color} strokeWidth={2} strokeDasharray="4 4" />
      {series.points.map((point, i) =>
        point.from > 0 && (dots || alone(i) || active === point.period) ? (
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
function Band({ points, color, x, y }: Scales & { points: readonly FunnelTrendPoint[]; color: string }): ReactElement {
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

function EndLabels({
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
