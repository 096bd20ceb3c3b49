import type { ChartTheme } from './palette.ts';
import type { ChartPicture } from './picture.ts';

/** A canvas cannot give SVG: the same option is drawn once more by the SVG renderer, off the page. */
export async function renderSvg(
  picture: ChartPicture,
  theme: ChartTheme,
  width: number,
  height: number,
): Promise<string> {
  if (picture.kind === 'heatmap') await import('./echarts-heatmap.ts');
  const { init } = await import('./echarts-svg.ts');
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption({ ...picture.option, animation: false, backgroundColor: theme.panel });
    return chart.renderToSVGString();
  } finally {
    // An SSR chart that is not disposed keeps a timer alive.
    chart.dispose();
  }
}

/** PNG at twice the size, for slides. */
export async function renderPng(
  picture: ChartPicture,
  theme: ChartTheme,
  width: number,
  height: number,
): Promise<Blob> {
  const { init } = await (picture.kind === 'heatmap' ? import('./echarts-heatmap.ts') : import('./echarts-plain.ts'));
  const host = document.createElement('div');
  const chart = init(host, null, { renderer: 'canvas', width, height, devicePixelRatio: 2 });
  try {
    chart.setOption({ ...picture.option, animation: false, backgroundColor: theme.panel });
    const canvas = chart.renderToCanvas({ pixelRatio: 2, backgroundColor: theme.panel });
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
