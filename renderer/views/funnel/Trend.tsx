import { useId, useMemo, type ReactElement, type Ref } from 'react';
import type { Interval } from '../../../protocol/index.ts';
import { getPeriodLabel, getPeriodTitle } from '../../charts/period-text.ts';
import { formatCount, formatShare } from '../../widgets/format.ts';
import { SvgFigure, type FigureHandle, type FigureMark } from '../editors/SvgFigure.tsx';
import { getTicks } from './time-layout.ts';
import {
  EndLabels,
  IntervalBand,
  TREND_PAD as PAD,
  TrendLine,
  UnfinishedLabel,
  type TrendSeries,
} from './TrendLines.tsx';
import classes from './chart.module.css';

export interface TrendProps {
  readonly series: readonly TrendSeries[];
  readonly interval: Interval;
  readonly timezone: string;
  readonly width: number;
  readonly height: number;
  readonly onSelect: (period: string) => void;
  readonly ref?: Ref<FigureHandle>;
}

/** Conversion by period of entry. Periods whose window had not closed are hatched and their line is dashed. */
export function Trend({ series, interval, timezone, width, height, onSelect, ref }: TrendProps): ReactElement {
  const hatch = `trend${useId().replaceAll(/[^\w-]/g, '')}`;
  const periods = useMemo(() => series[0]?.points ?? [], [series]);
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
          {firstOpen >= 0 && <UnfinishedLabel at={x(firstOpen) - step / 2} end={width - right} />}
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
            <IntervalBand points={series[0].points} color={series[0].color} x={x} y={y} />
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
            <TrendLine
              key={s.label}
              series={s}
              x={x}
              y={y}
              active={active}
              dots={step >= 14}
              single={series.length === 1}
              thin={step < 8}
            />
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
