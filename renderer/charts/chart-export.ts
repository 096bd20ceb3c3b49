import type { LegendComponentOption, TitleComponentOption } from 'echarts/components';
import { getXmlText } from './xml-text.ts';
import type { ChartTheme } from './palette.ts';
import type { ChartOption, ChartPicture } from './picture.ts';

/** What a picture needs beside its option to stand alone. Px. */
export interface ExportFrame {
  readonly label: string;
  readonly width: number;
  readonly height: number;
  readonly theme: ChartTheme;
}
type ExportOption = ChartOption & { title: TitleComponentOption; legend?: LegendComponentOption };

const TITLE_HEIGHT = 32;
const LEGEND_HEIGHT = 24;
/** The zone stands under the axis. */
const LEGEND_GAP = 20;
const getLegendNames = (option: ChartOption): string[] =>
  [...new Set((option.series ?? []).filter((s) => !String(s.id ?? '').startsWith('_')).map((s) => s.name ?? ''))]
    .filter((name) => String(name) !== '')
    .map(String);

/** The same option with its title above and, for several series, a legend below; taller by what they take. */
export function getExportOption(
  { option }: Pick<ChartPicture, 'option'>,
  frame: ExportFrame,
): { option: ExportOption; height: number } {
  const { theme } = frame;
  const names = getLegendNames(option);
  const legend = names.length > 1 ? LEGEND_GAP + LEGEND_HEIGHT * Math.ceil(names.length / 6) : 0;
  const grid = Array.isArray(option.grid) ? (option.grid[0] ?? {}) : (option.grid ?? {});
  const shifted = { ...grid, top: Number(grid.top ?? 0) + TITLE_HEIGHT, bottom: Number(grid.bottom ?? 0) + legend };
  return {
    height: frame.height + TITLE_HEIGHT + legend,
    option: {
      ...option,
      animation: false,
      backgroundColor: theme.panel,
      grid: shifted,
      title: { text: frame.label, left: 8, top: 8, textStyle: { color: theme.text, fontSize: 15, fontWeight: 600 } },
      ...(legend === 0
        ? {}
        : {
            legend: {
              data: names,
              bottom: 4,
              left: 8,
              icon: 'roundRect',
              itemWidth: 8,
              itemHeight: 8,
              itemGap: 16,
              selectedMode: false,
              textStyle: { color: theme.text, fontSize: 12 },
            },
          }),
    },
  };
}

async function load(kind: ChartPicture['kind']) {
  if (kind === 'heatmap') await import('./echarts-heatmap.ts');
  if (kind === 'scatter') await import('./echarts-scatter.ts');
  return import('./echarts-svg.ts');
}

/** A canvas cannot give SVG: the same option is drawn once more by the SVG renderer, off the page. */
export async function renderSvg(picture: ChartPicture, frame: ExportFrame): Promise<string> {
  const { init } = await load(picture.kind);
  const { option, height } = getExportOption(picture, frame);
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: frame.width, height });
  try {
    chart.setOption(option);
    return getXmlText(chart.renderToSVGString());
  } finally {
    // An SSR chart that is not disposed keeps a timer alive.
    chart.dispose();
  }
}

/** PNG at twice the size, for slides. */
export async function renderPng(picture: ChartPicture, frame: ExportFrame): Promise<Blob> {
  const { init } = await load(picture.kind);
  const { option, height } = getExportOption(picture, frame);
  const chart = init(document.createElement('div'), null, {
    renderer: 'canvas',
    width: frame.width,
    height,
    devicePixelRatio: 2,
  });
  try {
    chart.setOption(option);
    const canvas = chart.renderToCanvas({ pixelRatio: 2, backgroundColor: frame.theme.panel });
    return await new Promise<Blob>((resolve, reject) => {
      canvas.toBlob(
        (blob) => (blob === null ? reject(new Error('The browser gave no picture.')) : resolve(blob)),
        'image/png',
      );
    });
  } finally {
    chart.dispose();
  }
}
