import { useMemo, useId, type ReactElement, type Ref } from 'react';
import { truncateMiddle } from '../../charts/truncate.ts';
import { formatCount, formatDuration, formatShare } from '../../widgets/format.ts';
import { SvgFigure, type FigureHandle, type FigureMark } from '../editors/SvgFigure.tsx';
import {
  AXIS,
  getFunnelLayout,
  type FunnelLayout,
  type FunnelMark,
  type FunnelSeries,
  type Rect,
} from './funnel-layout.ts';
import { getMarkTip } from './funnel-text.ts';
import { measureText } from './measure-text.ts';
import classes from './chart.module.css';

export interface FunnelChartProps {
  readonly series: readonly FunnelSeries[];
  /** Colours of the steps; used when there is one series. */
  readonly stepColors: readonly string[];
  /** Steps that may be skipped. */
  readonly optional: readonly boolean[];
  readonly width: number;
  readonly height: number;
  readonly onSelect: (mark: FunnelMark, series: FunnelSeries) => void;
  readonly ref?: Ref<FigureHandle>;
}

/** Steps as bars: conversion from the start large, from the step before small, drop-offs hatched; all can be opened. */
export function FunnelChart(props: FunnelChartProps): ReactElement {
  const { series, width, height, onSelect } = props;
  const hatch = `hatch${useId().replaceAll(/[^\w-]/g, '')}`;
  const layout = useMemo(() => getFunnelLayout(series, { width, height }), [series, width, height]);
  const marks = useMemo(
    () =>
      layout.marks.flatMap((mark): FigureMark[] => {
        const of = series[mark.series];
        return of === undefined
          ? []
          : [
              {
                key: keyOf(mark),
                hit: getHit(mark, layout),
                tip: getMarkTip(mark, of),
                onSelect: () => onSelect(mark, of),
              },
            ];
      }),
    [layout, series, onSelect],
  );
  return (
    <SvgFigure
      ref={props.ref ?? null}
      label="Funnel. Arrow keys move between bars and drop-offs, Enter opens the actors."
      width={width}
      height={layout.height}
      marks={marks}
    >
      {(active) => (
        <>
          <Hatch id={hatch} />
          {layout.grid.map((line) => (
            <g key={line.share}>
              <line
                x1={AXIS}
                x2={width}
                y1={line.at}
                y2={line.at}
                className={line.share === 0 ? classes.base : classes.grid}
              />
              <text x={AXIS - 8} y={line.at} textAnchor="end" dominantBaseline="middle" className={classes.muted}>
                {Math.round(line.share * 100)}%
              </text>
            </g>
          ))}
          {layout.slopes.map((points, i) => (
            // oxlint-disable-next-line react/no-array-index-key -- one a step
            <polygon key={i} points={points} fill={props.stepColors[i]} className={classes.slope} />
          ))}
          {layout.marks.map((mark) => (
            <Mark
              key={keyOf(mark)}
              mark={mark}
              layout={layout}
              hatch={hatch}
              color={series.length === 1 ? props.stepColors[mark.step] : series[mark.series]?.color}
              active={active === keyOf(mark)}
              single={series.length === 1}
            />
          ))}
          {layout.cells.map((cell, step) => (
            // oxlint-disable-next-line react/no-array-index-key -- one a step
            <Header
              key={step}
              cell={cell}
              step={step}
              series={series}
              optional={props.optional[step] === true}
              orientation={layout.orientation}
            />
          ))}
        </>
      )}
    </SvgFigure>
  );
}

const keyOf = (mark: FunnelMark): string => `${mark.kind}-${mark.step}-${mark.series}`;

/** Thin things can still be hit: at least 24 px along the value axis where there is room outwards. */
function getHit(mark: FunnelMark, layout: FunnelLayout): Rect {
  const { rect } = mark;
  if (layout.orientation === 'horizontal') return rect.width >= 12 ? rect : { ...rect, width: 12 };
  const missing = Math.max(0, 24 - rect.height);
  if (missing === 0) return rect;
  return { ...rect, y: rect.y - missing, height: rect.height + missing };
}

function Hatch({ id }: { id: string }): ReactElement {
  return (
    <defs>
      <pattern id={id} width={6} height={6} patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <line x1={0} x2={0} y1={0} y2={6} className={classes.hatchLine} />
      </pattern>
    </defs>
  );
}

function Mark(props: {
  mark: FunnelMark;
  layout: FunnelLayout;
  hatch: string;
  color: string | undefined;
  active: boolean;
  single: boolean;
}): ReactElement {
  const { mark, layout, color, active } = props;
  const { rect } = mark;
  if (mark.kind === 'bar')
    return (
      <g>
        <rect {...rect} fill={color} className={active ? classes.active : undefined} />
        {mark.whisker !== null && <Whisker mark={mark} vertical={layout.orientation === 'vertical'} />}
      </g>
    );
  const label = `−${formatCount(mark.count)}`;
  const roomy = props.single && rect.height >= 22 && rect.width >= measureText(label, '500 12px') + 16;
  return (
    <g>
      <rect {...rect} fill={`url(#${props.hatch})`} className={active ? classes.dropActive : classes.drop} />
      {roomy && <Plate x={rect.x + rect.width / 2} y={rect.y + rect.height / 2} text={label} />}
    </g>
  );
}

/** A number on hatched ground, made readable by a plate. */
function Plate({ x, y, text }: { x: number; y: number; text: string }): ReactElement {
  const width = measureText(text, '500 12px') + 12;
  return (
    <g>
      <rect x={x - width / 2} y={y - 9} width={width} height={18} rx={4} className={classes.plate} />
      <text x={x} y={y} textAnchor="middle" dominantBaseline="central" className={classes.strong}>
        {text}
      </text>
    </g>
  );
}

function Whisker({ mark, vertical }: { mark: FunnelMark; vertical: boolean }): ReactElement | null {
  const { rect, whisker } = mark;
  if (whisker === null) return null;
  const middle = vertical ? rect.x + rect.width / 2 : rect.y + rect.height / 2;
  const line = (a: number, b: number, c: number, d: number): string =>
    vertical ? `M${a},${b}L${c},${d}` : `M${b},${a}L${d},${c}`;
  const path = [
    line(middle, whisker.low, middle, whisker.high),
    line(middle - 4, whisker.low, middle + 4, whisker.low),
    line(middle - 4, whisker.high, middle + 4, whisker.high),
  ].join('');
  return (
    <>
      <path d={path} className={classes.whiskerHalo} />
      <path d={path} className={classes.whisker} />
    </>
  );
}

interface HeaderProps {
  readonly cell: Rect;
  readonly step: number;
  readonly series: readonly FunnelSeries[];
  readonly optional: boolean;
  readonly orientation: FunnelLayout['orientation'];
}
function Header({ cell, step, series, optional, orientation }: HeaderProps): ReactElement | null {
  const result = series[0]?.steps[step];
  if (result === undefined) return null;
  const single = series.length === 1;
  const rate = formatShare(step === 0 && result.count > 0 ? 1 : result.conversionFromStart);
  const name = `${result.name}${optional ? ' (optional)' : ''}`;
  const previous = step === 0 ? 'entered' : `${formatShare(result.conversionFromPrevious)} of step ${step}`;
  const time = result.medianSeconds === undefined ? '' : `median ${formatDuration(result.medianSeconds)}`;
  if (orientation === 'horizontal')
    return <RowHeader {...{ cell, step, name, rate, count: result.count, single }} notes={[previous, time]} />;
  const title = truncateMiddle(name, (text) => measureText(text, '600 13px') <= cell.width - 18);
  return (
    <g>
      <text x={cell.x} y={16} className={classes.name}>
        <tspan className={classes.index}>{step + 1}</tspan>
        <tspan dx={6}>{title}</tspan>
        <title>{name}</title>
      </text>
      {single && (
        <>
          <text x={cell.x} y={44} className={classes.rate}>
            {rate}
          </text>
          <text x={cell.x + measureText(rate, '600 22px') + 8} y={44} className={classes.muted}>
            {formatCount(result.count)}
          </text>
          <text x={cell.x} y={62} className={classes.muted}>
            {previous}
          </text>
          <text x={cell.x} y={78} className={classes.muted}>
            {time}
          </text>
        </>
      )}
    </g>
  );
}

function RowHeader(props: {
  cell: Rect;
  step: number;
  name: string;
  rate: string;
  count: number;
  single: boolean;
  notes: readonly string[];
}): ReactElement {
  const { cell, step, rate } = props;
  const right = cell.x + cell.width;
  const numbers = `${formatCount(props.count)}  `;
  const room = cell.width - measureText(rate, '600 15px') - measureText(numbers, '400 12px') - 40;
  const title = truncateMiddle(props.name, (text) => measureText(text, '600 13px') <= room);
  return (
    <g>
      <text x={cell.x} y={cell.y + 18} className={classes.name}>
        <tspan className={classes.index}>{step + 1}</tspan>
        <tspan dx={6}>{title}</tspan>
        <title>{props.name}</title>
      </text>
      {props.single && (
        <>
          <text x={right} y={cell.y + 18} textAnchor="end" className={classes.rateSmall}>
            {rate}
          </text>
          <text
            x={right - measureText(rate, '600 15px') - 8}
            y={cell.y + 18}
            textAnchor="end"
            className={classes.muted}
          >
            {formatCount(props.count)}
          </text>
          <text x={cell.x} y={cell.y + cell.height - 8} className={classes.muted}>
            {props.notes.filter((t) => t !== '').join(' · ')}
          </text>
        </>
      )}
    </g>
  );
}
