import type { EChartsType } from 'echarts/core';
import { useEffect, useRef, useState, type RefObject } from 'react';
import type { ChartPicture } from './picture.ts';

/** Heat maps bring code that most sessions never need. */
const load = {
  plain: () => import('./echarts-plain.ts'),
  heatmap: async () => {
    await import('./echarts-heatmap.ts');
    return import('./echarts-svg.ts');
  },
  scatter: async () => {
    await import('./echarts-scatter.ts');
    return import('./echarts-plain.ts');
  },
} as const;

/** A chart that lives as long as its element: loaded once, resized with it, disposed with it. */
export function useEchart(
  host: RefObject<HTMLDivElement | null>,
  kind: ChartPicture['kind'],
  renderer: 'canvas' | 'svg',
): EChartsType | null {
  const [chart, setChart] = useState<EChartsType | null>(null);
  const live = useRef<EChartsType | null>(null);
  useEffect(() => {
    let gone = false;
    const element = host.current;
    const observer = new ResizeObserver(() => live.current?.resize());
    void load[kind]().then(({ init }) => {
      if (gone || element === null) return;
      live.current = init(element, null, { renderer });
      observer.observe(element);
      setChart(live.current);
    });
    return () => {
      gone = true;
      observer.disconnect();
      live.current?.dispose();
      live.current = null;
      setChart(null);
    };
  }, [host, kind, renderer]);
  return chart;
}
