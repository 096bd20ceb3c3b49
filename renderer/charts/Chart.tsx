import type { EChartsType } from 'echarts/core';
import {
  useEffect,
  useEffectEvent,
  useImperativeHandle,
  useRef,
  useState,
  type CSSProperties,
  type KeyboardEvent,
  type Ref,
} from 'react';
import { getNextMark, isArrowKey } from './chart-marks.ts';
import { renderPng, renderSvg, type ExportFrame } from './chart-export.ts';
import { drawInTurn } from './draw-turn.ts';
import { getTipText, type ChartMark, type ChartOption, type ChartPicture } from './picture.ts';
import type { ChartTheme } from './palette.ts';
import { SummaryTable } from './SummaryTable.tsx';
import { createTipElement } from './tip-element.ts';
import { useChartTheme, useReducedMotion } from './use-chart-theme.ts';
import { useEchart } from './use-echart.ts';

export interface ChartHandle {
  /** SVG text, with the panel's background. */
  getSvg(): Promise<string>;
  /** Twice the size on screen. */
  getPng(): Promise<Blob>;
}
/** Where between the marks a click fell: the value under the pointer, for stacked areas; null by keyboard or on a mark. */
export interface SelectPlace {
  readonly value: number | null;
}
const ON_MARK: SelectPlace = { value: null };
export interface ChartProps extends ChartPicture {
  /** What the chart shows, in one sentence, for screen readers. */
  readonly label: string;
  readonly height?: number | string;
  /** Click, or Enter on the mark under the keyboard. */
  readonly onSelect?: (mark: ChartMark, at: SelectPlace) => void;
  /** null when nothing is under the pointer. */
  readonly onHover?: (mark: ChartMark | null) => void;
  readonly ref?: Ref<ChartHandle>;
}

/** One echarts picture: themed, resized, walked by arrow keys, exported. The option comes from a pure builder. */
export function Chart({ label, height = '100%', onSelect, onHover, ref, ...picture }: ChartProps) {
  const host = useRef<HTMLDivElement>(null);
  const theme = useChartTheme();
  const still = useReducedMotion();
  const chart = useEchart(host, picture.kind, getRenderer(picture));
  const [mark, setMark] = useState<ChartMark | null>(null);

  useEffect(() => {
    if (chart === null) return undefined;
    return drawInTurn(() => chart.setOption(withTooltip(picture, theme, still), { notMerge: true }));
    // oxlint-disable-next-line react/exhaustive-deps -- `picture` is fresh on every render; its option is what changes
  }, [chart, picture.option, theme, still]);

  useMarkEvents(chart, picture, onSelect, onHover);
  const getFrame = (): ExportFrame => ({
    label,
    theme,
    width: host.current?.clientWidth ?? 800,
    height: host.current?.clientHeight ?? 400,
  });
  useImperativeHandle(ref, () => ({
    getSvg: () => renderSvg(picture, getFrame()),
    getPng: () => renderPng(picture, getFrame()),
  }));

  const showMark = (next: ChartMark | null): void => {
    setMark(next);
    onHover?.(next);
    if (chart !== null) pointAt(chart, picture.option, next);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (isArrowKey(event.key)) {
      event.preventDefault();
      showMark(getNextMark(picture, mark, event.key));
    } else if (event.key === 'Enter' && mark !== null) onSelect?.(mark, ON_MARK);
    else if (event.key === 'Escape' && mark !== null) {
      event.stopPropagation();
      showMark(null);
    }
  };
  const tip = mark === null ? null : picture.tip(mark);
  return (
    <div style={{ position: 'relative', height, minHeight: 0, width: '100%' }}>
      {/* A chart is a widget of its own: arrow keys move between its marks, Enter opens one. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- as above */}
      <div
        ref={host}
        role="application"
        aria-roledescription="chart"
        aria-label={label}
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- one tab stop, arrows inside
        tabIndex={0}
        data-chart=""
        style={hostStyle}
        onKeyDown={onKeyDown}
        onBlur={() => showMark(null)}
      />
      <span aria-live="polite" style={liveStyle}>
        {tip === null ? '' : getTipText(tip)}
      </span>
      <SummaryTable table={picture.table} label={label} />
    </div>
  );
}

/** More cells than this are faster on a canvas. */
const MAX_SVG_CELLS = 4000;
/** The canvas paints texts before a hatched cell twice when a cell is hovered (zrender 6), which looks bold; SVG does not. */
function getRenderer({ kind, option }: ChartPicture): 'canvas' | 'svg' {
  const [cells] = option.series ?? [];
  const isSmall = Array.isArray(cells?.data) && cells.data.length <= MAX_SVG_CELLS;
  return kind === 'heatmap' && isSmall && cells.label?.show === true ? 'svg' : 'canvas';
}

const hostStyle: CSSProperties = { position: 'absolute', inset: 0 };
const liveStyle: CSSProperties = {
  position: 'absolute',
  width: 1,
  height: 1,
  overflow: 'hidden',
  clipPath: 'inset(50%)',
};

function useMarkEvents(
  chart: EChartsType | null,
  picture: ChartPicture,
  onSelect: ChartProps['onSelect'],
  onHover: ChartProps['onHover'],
): void {
  const select = useEffectEvent((mark: ChartMark, at: SelectPlace) => {
    if (!String(mark.seriesId).startsWith('_')) onSelect?.(mark, at);
  });
  const hover = useEffectEvent((mark: ChartMark | null) => onHover?.(mark));
  useEffect(() => {
    if (chart === null) return;
    const toMark = (p: { seriesId?: string; dataIndex: number }): ChartMark => ({
      seriesId: p.seriesId ?? null,
      dataIndex: p.dataIndex,
    });
    let onMark = false;
    chart.on('click', (p) => {
      onMark = true;
      select(toMark(p), ON_MARK);
    });
    chart.on('mouseover', (p) => hover(toMark(p)));
    chart.on('mouseout', () => hover(null));
    // A click beside the marks of a line means the position under the pointer, over all series.
    chart.getZr().on('click', (event) => {
      // The chart's own click, when it hit a mark, has come first.
      const done = onMark;
      onMark = false;
      if (done || picture.kind === 'heatmap') return;
      const at = [event.offsetX, event.offsetY];
      if (!chart.containPixel('grid', at)) return;
      const [index, value = null] = chart.convertFromPixel({ gridIndex: 0 }, at) as number[];
      if (index !== undefined) select({ seriesId: null, dataIndex: Math.round(index) }, { value });
    });
    return () => {
      if (chart.isDisposed()) return;
      chart.off('click');
      chart.off('mouseover');
      chart.off('mouseout');
      chart.getZr().off('click');
    };
  }, [chart, picture.kind]);
}

interface TooltipParams {
  readonly seriesId?: string;
  readonly dataIndex: number;
}
/** The tooltip is ours: data from the builder, made into DOM without markup. */
function withTooltip(picture: ChartPicture, theme: ChartTheme, still: boolean): ChartOption {
  const formatter = (params: unknown): HTMLElement | string => {
    const axis = Array.isArray(params);
    const p = (axis ? params[0] : params) as TooltipParams | undefined;
    if (p === undefined) return '';
    const tip = picture.tip({ seriesId: axis ? null : (p.seriesId ?? null), dataIndex: p.dataIndex });
    return tip === null ? '' : createTipElement(tip, theme);
  };
  const box = {
    backgroundColor: theme.raised,
    borderColor: theme.borderStrong,
    borderWidth: 1,
    padding: 8,
    confine: true,
    transitionDuration: 0,
    extraCssText: 'border-radius:6px;box-shadow:0 4px 16px rgb(0 0 0 / 18%);z-index:20',
  };
  return {
    ...picture.option,
    animation: !still,
    tooltip: { trigger: 'item', ...picture.option.tooltip, ...box, formatter },
  };
}

function pointAt(chart: EChartsType, option: ChartOption, mark: ChartMark | null): void {
  chart.dispatchAction({ type: 'downplay' });
  if (mark === null) {
    chart.dispatchAction({ type: 'hideTip' });
    return;
  }
  const series = option.series ?? [];
  const target = {
    seriesIndex: Math.max(
      0,
      series.findIndex((s) => s.id === mark.seriesId),
    ),
    dataIndex: mark.dataIndex,
  };
  chart.dispatchAction({ type: 'highlight', ...target });
  chart.dispatchAction({ type: 'showTip', ...target });
}
