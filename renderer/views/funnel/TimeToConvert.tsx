import { useMemo, type ReactElement, type Ref } from 'react';
import type { FunnelResult } from '../../../protocol/index.ts';
import { formatCompact, formatCount, formatDuration, formatShare } from '../../widgets/format.ts';
import { SvgFigure, type FigureHandle, type FigureMark } from '../editors/SvgFigure.tsx';
import { measureText } from './measure-text.ts';
import { getTicks, getTimeTicks, spreadLabels } from './time-layout.ts';
import classes from './chart.module.css';

export interface TimeToConvertProps {
  readonly result: FunnelResult;
  readonly color: string;
  readonly width: number;
  readonly height: number;
  readonly onSelect: (bin: number, title: string) => void;
  readonly ref?: Ref<FigureHandle>;
}
const PAD = { left: 52, right: 16, top: 44, bottom: 40 };

/** How long it took: actors by time, with mean, median and the 90th percentile marked. */
export function TimeToConvert({ result, color, width, height, onSelect, ref }: TimeToConvertProps): ReactElement {
  const plot = useMemo(() => getPlot(result, width, height), [result, width, height]);
  const { bars, x, y, ticks, times, total } = plot;
  const marks = useMemo(
    () =>
      bars.map((bar): FigureMark => ({
        key: String(bar.index),
        hit: { x: bar.x, y: PAD.top, width: Math.max(bar.width, 1), height: height - PAD.top - PAD.bottom },
        tip: {
          title: bar.title,
          rows: [
            { label: 'Actors', value: formatCount(bar.count), note: formatShare(bar.count / total) },
            { label: 'Up to here', value: formatShare(bar.sum / total) },
          ],
          ...(bar.count === 0 ? {} : { footer: 'Click for the actors' }),
        },
        onSelect: bar.count === 0 ? undefined : () => onSelect(bar.index, bar.title),
      })),
    [bars, total, height, onSelect],
  );
  return (
    <SvgFigure
      ref={ref ?? null}
      label="Time to convert. Arrow keys move between bars, Enter opens the actors."
      width={width}
      height={height}
      marks={marks}
    >
      {(active) => (
        <>
          {ticks.map((tick) => (
            <g key={tick}>
              <line
                x1={PAD.left}
                x2={width - PAD.right}
                y1={y(tick)}
                y2={y(tick)}
                className={tick === 0 ? classes.base : classes.grid}
              />
              <text x={PAD.left - 8} y={y(tick)} textAnchor="end" dominantBaseline="middle" className={classes.muted}>
                {formatCompact(tick)}
              </text>
            </g>
          ))}
          {bars.map((bar) => (
            <rect
              key={bar.index}
              x={bar.x}
              width={Math.max(1, bar.width - 1)}
              y={y(bar.count)}
              height={y(0) - y(bar.count)}
              fill={color}
              className={active === String(bar.index) ? classes.active : undefined}
            />
          ))}
          {times.map((tick) => (
            <text key={tick} x={x(tick)} y={height - PAD.bottom + 16} textAnchor="middle" className={classes.muted}>
              {formatDuration(tick)}
            </text>
          ))}
          <text x={width - PAD.right} y={height - 4} textAnchor="end" className={classes.muted}>
            Time to convert
          </text>
          <text x={0} y={12} className={classes.muted}>
            Actors
          </text>
          <Marked result={result} x={x} width={width} bottom={y(0)} />
        </>
      )}
    </SvgFigure>
  );
}

function Marked({
  result,
  x,
  width,
  bottom,
}: {
  result: FunnelResult;
  x: (seconds: number) => number;
  width: number;
  bottom: number;
}): ReactElement {
  const found = [
    { name: 'median', seconds: result.medianSeconds },
    { name: 'mean', seconds: result.averageSeconds },
    { name: '90% within', seconds: result.p90Seconds },
  ]
    .flatMap(({ name, seconds }) =>
      seconds === undefined ? [] : [{ text: `${name} ${formatDuration(seconds)}`, at: x(seconds) }],
    )
    .toSorted((a, b) => a.at - b.at);
  // The first label stands left of its line where there is room, so that median and mean rarely meet.
  const places = spreadLabels(
    found.map(({ text, at }, i) => {
      const wide = measureText(text, '500 12px');
      return { at: i === 0 && at - wide - 6 > PAD.left ? at - wide - 6 : at + 6, width: wide };
    }),
    12,
    width,
  );
  return (
    <>
      {found.map(({ text, at }, i) => (
        <g key={text}>
          <path d={`M${at},12 V${bottom}`} className={classes.marker} />
          <text x={places[i]} y={22} className={classes.strong}>
            {text}
          </text>
        </g>
      ))}
    </>
  );
}

interface HistogramBar {
  readonly index: number;
  readonly count: number;
  readonly sum: number;
  readonly x: number;
  readonly width: number;
  readonly title: string;
}
function getPlot(result: FunnelResult, width: number, height: number) {
  const all = result.bins ?? [];
  // SEMANTICS funnel rule 13: the row behind the last class only closes it.
  const rows = all.length > 1 && (all.at(-1)?.[1] ?? 0) === 0 ? all.slice(0, -1) : all;
  const step = (all[1]?.[0] ?? 0) - (all[0]?.[0] ?? 0) || 60;
  const from = rows[0]?.[0] ?? 0;
  const to = (rows.at(-1)?.[0] ?? 0) + step;
  const ticks = getTicks(Math.max(...rows.map(([, n]) => n), 1), 4).filter((tick) => Number.isInteger(tick));
  const top = ticks.at(-1) ?? 1;
  const x = (seconds: number): number => PAD.left + ((seconds - from) / (to - from)) * (width - PAD.left - PAD.right);
  const y = (count: number): number => height - PAD.bottom - (count / top) * (height - PAD.top - PAD.bottom);
  let sum = 0;
  const bars = rows.map(([lower, count], index): HistogramBar => {
    sum += count;
    return {
      index,
      count,
      sum,
      x: x(lower),
      width: x(lower + step) - x(lower),
      title: `${formatDuration(lower)} to ${formatDuration(lower + step)}`,
    };
  });
  const times = getTimeTicks(from, to, Math.max(2, Math.floor(width / 110))).filter((tick) => x(tick) < width - 24);
  return { bars, x, y, ticks, times, total: Math.max(1, sum) };
}
