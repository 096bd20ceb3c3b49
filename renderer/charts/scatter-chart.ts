import { formatNumber } from '../widgets/format.ts';
import { getBaseOption, getValueAxis } from './base-option.ts';
import type { ChartTheme } from './palette.ts';
import type { ChartPicture } from './picture.ts';

export interface ScatterGroup {
  readonly id: string;
  readonly name: string;
  readonly color: string;
  readonly points: readonly { readonly x: number; readonly y: number; readonly label: string }[];
}
export interface ScatterInput {
  readonly groups: readonly ScatterGroup[];
  readonly xTitle: string;
  readonly yTitle: string;
}

/** More points are painted smaller and paler, so that where they lie thick is seen. */
const MANY = 800;

/** Two measures against each other. */
export function getScatter(input: ScatterInput, theme: ChartTheme): ChartPicture {
  const count = input.groups.reduce((sum, g) => sum + g.points.length, 0);
  const many = count > MANY;
  const axis = (title: string, isX: boolean) => ({
    ...getValueAxis(theme, title),
    scale: true,
    axisLine: { show: isX, lineStyle: { color: theme.borderStrong } },
    ...(isX
      ? {
          nameLocation: 'end' as const,
          nameGap: 0,
          nameTextStyle: {
            color: theme.muted,
            fontSize: 12,
            align: 'right' as const,
            verticalAlign: 'top' as const,
            padding: [26, 0, 0, 0],
          },
        }
      : {}),
  });
  return {
    kind: 'scatter',
    option: {
      ...getBaseOption(theme),
      grid: { left: 8, right: 24, top: 32, bottom: 24, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
      xAxis: axis(input.xTitle, true),
      yAxis: axis(input.yTitle, false),
      tooltip: { trigger: 'item' },
      series: input.groups.map((g) => ({
        id: g.id,
        name: g.name,
        type: 'scatter' as const,
        symbolSize: many ? 5 : 8,
        itemStyle: { color: g.color, opacity: many ? 0.4 : 0.75 },
        emphasis: { itemStyle: { opacity: 1, borderColor: theme.text, borderWidth: 1 } },
        animation: false,
        data: g.points.map((p) => [p.x, p.y]),
      })),
    },
    tip: ({ seriesId, dataIndex }) => {
      const group = input.groups.find((g) => g.id === seriesId) ?? input.groups[0];
      const point = group?.points[dataIndex];
      if (group === undefined || point === undefined) return null;
      return {
        title: point.label === '' ? group.name : point.label,
        rows: [
          { color: group.color, label: input.xTitle, value: formatNumber(point.x) },
          { label: input.yTitle, value: formatNumber(point.y) },
        ],
      };
    },
    table: {
      columns: ['', input.xTitle, input.yTitle],
      rows: input.groups.flatMap((g) =>
        g.points.slice(0, 200).map((p) => [p.label === '' ? g.name : p.label, formatNumber(p.x), formatNumber(p.y)]),
      ),
    },
  };
}
