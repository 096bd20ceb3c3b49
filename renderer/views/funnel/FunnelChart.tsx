import { useId, useMemo, type ReactElement, type Ref } from 'react';
import type { FunnelStepResult } from '../../../protocol/index.ts';
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
import { StepHeader } from './StepHeader.tsx';
import { Hatch, Mark } from './FunnelMarks.tsx';
import { Legend } from './Legend.tsx';
import classes from './chart.module.css';

export interface FunnelChartProps {
  readonly series: readonly FunnelSeries[];
  /** All actors, said above the bars of several series. */
  readonly total: readonly FunnelStepResult[];
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
  const { series, width, height, onSelect, ref = null } = props;
  const hatch = `hatch${useId().replaceAll(/[^\w-]/g, '')}`;
  /** A group keeps its own colour, also when it is the only one drawn. */
  const byStep = series.length === 1 && series[0]?.group === null;
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
      ref={ref}
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
          {layout.orientation === 'horizontal' &&
            layout.marks.map(
              (mark) =>
                mark.kind === 'bar' && (
                  <rect key={keyOf(mark)} {...mark.rect} width={width} className={classes.track} />
                ),
            )}
          {layout.slopes.map((points, i) => (
            // oxlint-disable-next-line react/no-array-index-key -- one a step
            <polygon
              key={i}
              points={points}
              fill={byStep ? props.stepColors[i] : series[0]?.color}
              className={classes.slope}
            />
          ))}
          {layout.marks.map((mark) => (
            <Mark
              key={keyOf(mark)}
              mark={mark}
              layout={layout}
              hatch={hatch}
              color={byStep ? props.stepColors[mark.step] : series[mark.series]?.color}
              active={active === keyOf(mark)}
              single={series.length === 1}
            />
          ))}
          {!byStep && <Legend series={series} x={layout.plot.x} y={layout.height - 12} width={layout.plot.width} />}
          {layout.cells.map((cell, step) => (
            // oxlint-disable-next-line react/no-array-index-key -- one a step
            <StepHeader
              key={step}
              cell={cell}
              step={step}
              result={(series.length === 1 ? series[0]?.steps : props.total)?.[step]}
              single={series.length === 1}
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
