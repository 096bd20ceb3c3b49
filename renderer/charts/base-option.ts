import type { PeriodInterval } from './period-text.ts';
import { formatCompact } from '../widgets/format.ts';
import { getPeriodLabel } from './period-text.ts';
import { mixColors, type ChartTheme } from './palette.ts';
import type { ChartOption } from './picture.ts';

export const FONT = "'Inter Variable', Inter, system-ui, sans-serif";
/** Longest animation, ms (visual.md, "Charts"). */
export const ANIMATION_MS = 120;

/** What all charts share: our type, no library theme, quick or no motion. */
export function getBaseOption(theme: ChartTheme): ChartOption {
  return {
    backgroundColor: 'transparent',
    textStyle: { fontFamily: FONT, fontSize: 12, color: theme.text },
    animationDuration: ANIMATION_MS,
    animationDurationUpdate: ANIMATION_MS,
    animationEasing: 'cubicOut',
    grid: { left: 8, right: 16, top: 28, bottom: 8, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
  };
}

/** A value axis that has zero in it, with few, faint lines. `unit` is said once, above the axis. */
export function getValueAxis(theme: ChartTheme, unit: string, text: (value: number) => string = formatCompact) {
  return {
    type: 'value' as const,
    splitNumber: 4,
    name: unit,
    nameLocation: 'end' as const,
    nameGap: 10,
    nameTextStyle: { color: theme.muted, fontSize: 12, align: 'left' as const },
    axisLabel: { color: theme.muted, fontSize: 12, formatter: text },
    axisLine: { show: false },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: theme.border, width: 1 } },
  };
}

/** Local interval starts; the time zone is said once, at the end of the axis. */
export function getTimeAxis(theme: ChartTheme, periods: readonly string[], interval: PeriodInterval, edges: boolean) {
  return {
    type: 'category' as const,
    data: [...periods],
    boundaryGap: edges,
    axisLabel: {
      color: theme.muted,
      fontSize: 12,
      hideOverlap: true,
      ...(edges ? {} : { alignMinLabel: 'left' as const, alignMaxLabel: 'right' as const }),
      formatter: (period: string) => getPeriodLabel(period, interval),
    },
    axisLine: { lineStyle: { color: theme.borderStrong } },
    axisTick: { show: false },
    splitLine: { show: false },
  };
}

/** An unfinished period is hatched: pale ground, lines in the full colour. */
export function getHatch(theme: ChartTheme, color: string) {
  return {
    color: mixColors(theme.panel, color, 0.25),
    borderColor: color,
    borderWidth: 1,
    decal: {
      symbol: 'rect' as const,
      color,
      dashArrayX: [1, 0] as number[],
      dashArrayY: [2, 4] as number[],
      rotation: Math.PI / 4,
    },
  };
}
