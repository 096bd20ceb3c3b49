import { LegendComponent, TitleComponent } from 'echarts/components';
import { use as register } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { init } from './echarts-plain.ts';

/** Exported pictures stand alone: they carry the title and the legend that the window has around a chart. */
register([SVGRenderer, LegendComponent, TitleComponent]);
export { init };
